// The list of candidates: search, and files dropped anywhere on the page.
"use strict";

const search = document.getElementById("cherche");
const rows = [...document.querySelectorAll("[data-sought]")];
const fold = (text) =>
  text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("œ", "oe").replaceAll("’", "'");

function sift() {
  const words = fold(search.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    row.hidden = !words.every((word) => row.dataset.sought.includes(word));
    shown += !row.hidden;
  }
  document.getElementById("aucun").hidden = shown > 0;
}
if (search) {
  search.value = sessionStorage.getItem("cherche") || "";
  search.addEventListener("input", () => {
    sessionStorage.setItem("cherche", search.value);
    sift();
  });
  sift();
}

const form = document.getElementById("depot");
const input = document.getElementById("fichiers");
const veil = document.getElementById("depose");
input.addEventListener("change", () => input.files.length && form.submit());

let depth = 0;
const holdsFiles = (event) => [...event.dataTransfer.types].includes("Files");
addEventListener("dragenter", (event) => holdsFiles(event) && (veil.hidden = ++depth < 1));
addEventListener("dragleave", (event) => holdsFiles(event) && (veil.hidden = --depth < 1));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  depth = 0;
  veil.hidden = true;
  if (event.dataTransfer.files.length) {
    input.files = event.dataTransfer.files;
    form.submit();
  }
});

// Workbooks are read a few at a time: the next ones, until all are.
if (Number(document.querySelector(".session").dataset.unread)) setTimeout(() => location.reload(), 200);
