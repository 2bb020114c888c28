// The list of candidates: search, files dropped anywhere on the page, what is read meanwhile.
"use strict";

const search = document.getElementById("cherche");
const fold = (text) =>
  text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("œ", "oe").replaceAll("’", "'");

function sift() {
  const words = fold(search.value).split(/\s+/).filter(Boolean);
  const rows = [...document.querySelectorAll("[data-sought]")];
  for (const row of rows) row.hidden = !words.every((word) => row.dataset.sought.includes(word));
  const none = document.getElementById("aucun");
  if (none) none.hidden = rows.some((row) => !row.hidden);
}
search.value = sessionStorage.getItem("cherche") || "";
search.addEventListener("input", () => {
  sessionStorage.setItem("cherche", search.value);
  sift();
});
sift();

const veil = document.getElementById("depose");
document.addEventListener("change", (event) => {
  if (event.target.id === "fichiers" && event.target.files.length) event.target.form.submit();
});
let depth = 0;
const holdsFiles = (event) => [...event.dataTransfer.types].includes("Files");
addEventListener("dragenter", (event) => holdsFiles(event) && (veil.hidden = ++depth < 1));
addEventListener("dragleave", (event) => holdsFiles(event) && (veil.hidden = --depth < 1));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  depth = 0;
  veil.hidden = true;
  const input = document.getElementById("fichiers");
  if (event.dataTransfer.files.length) {
    input.files = event.dataTransfer.files;
    input.form.submit();
  }
});

// Workbooks are read a few at a time: ask for the next ones until all are, and show them in place.
async function readOn() {
  if (!Number(document.querySelector("[data-unread]").dataset.unread)) return;
  try {
    const text = await (await fetch(location.href)).text();
    const fresh = new DOMParser().parseFromString(text, "text/html");
    for (const old of document.querySelectorAll("[data-fresh]"))
      old.replaceWith(fresh.querySelector(`[data-fresh="${old.dataset.fresh}"]`));
    sift();
  } catch {
    return setTimeout(readOn, 3000);
  }
  setTimeout(readOn, 50);
}
readOn();
