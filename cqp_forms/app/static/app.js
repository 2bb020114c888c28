// What all pages share: copying a text, and confirming what cannot be taken back.
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy).innerText;
  await navigator.clipboard.writeText(text);
  const before = button.textContent;
  button.textContent = "Copié";
  setTimeout(() => (button.textContent = before), 2000);
});

// A form that issues is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && event.target.method === "post")
    setTimeout(() => { button.disabled = true; button.textContent = button.dataset.busy || button.textContent; });
});
// Back in the browser's history, the page comes as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
