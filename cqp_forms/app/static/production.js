// How a production goes on; the page is made anew at its end.
"use strict";

async function follow() {
  try {
    const state = await (await fetch("/production/etat")).json();
    if (state.ended) return location.reload();
    const bar = document.getElementById("barre");
    if (state.total) {
      bar.max = state.total;
      bar.value = state.finished;
    }
    document.getElementById("avance").textContent = state.total
      ? `${state.finished} sur ${state.total}`
      : `Lecture des fiches : ${state.read}`;
  } catch {
    document.getElementById("avance").textContent =
      "Le programme ne répond plus. Ce qui est émis reste émis : rouvrez « Guides CQP » et recommencez.";
  }
  setTimeout(follow, 500);
}
follow();
