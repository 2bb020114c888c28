// Places of a form: choose a question, click its place on the page, or draw it.
"use strict";

const list = document.getElementById("liste");
const trace = document.getElementById("trace");
const wide = matchMedia("(min-width: 1151px)").matches;
let chosen = null;

function choose(place) {
  if (chosen) chosen.removeAttribute("aria-current");
  chosen = place;
  if (!chosen) return;
  chosen.setAttribute("aria-current", "true");
  for (const spot of document.querySelectorAll(".spot[data-number]"))
    spot.classList.toggle("off", spot.dataset.box !== chosen.dataset.box);
}

function send(values) {
  for (const [name, value] of Object.entries(values)) trace.elements[name].value = value;
  trace.requestSubmit();
}

function show(number) {
  const spot = document.getElementById(`spot-${number}`);
  if (!spot) return;
  const folded = spot.closest("details");
  if (folded) folded.open = true;
  spot.scrollIntoView({ block: "center", behavior: "smooth" });
  spot.classList.add("shown");
  setTimeout(() => spot.classList.remove("shown"), 2500);
}

for (const place of list.querySelectorAll(".place")) {
  place.addEventListener("focusin", () => choose(place));
  place.addEventListener("click", () => choose(place));
  const draw = place.querySelector("[data-draw]");
  if (!draw) continue;
  draw.hidden = false;
  draw.addEventListener("click", () => {
    choose(place);
    if (document.body.classList.toggle("drawing") && !wide) document.querySelector(".pages").scrollIntoView();
  });
}
for (const link of list.querySelectorAll("a[data-show]"))
  link.addEventListener("click", (event) => {
    event.preventDefault();
    show(link.dataset.show);
  });
for (const button of document.querySelectorAll(".spot[data-number]"))
  button.addEventListener("click", () => {
    const held = list.querySelector(`a[data-show="${button.dataset.number}"]`);
    if (chosen && chosen.dataset.box === button.dataset.box && (!held || chosen.contains(held) || chosen.matches(".todo, .doubt")))
      send({ action: "placer", cle: chosen.dataset.key, numero: button.dataset.number });
    else if (held) {
      const details = held.closest("details");
      if (details) details.open = true;
      held.closest(".place").scrollIntoView({ block: "center" });
      choose(held.closest(".place"));
    }
  });
for (const button of document.querySelectorAll("[data-sure]"))
  button.addEventListener("click", (event) => {
    if (!confirm(button.dataset.sure)) event.preventDefault();
  });

// Draw: press, pull, let go. Escape gives up.
let pulled = null;
const share = (event, sheet) => {
  const box = sheet.getBoundingClientRect();
  const within = (value) => Math.min(1, Math.max(0, value));
  return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
};
for (const sheet of document.querySelectorAll(".sheet")) {
  sheet.addEventListener("pointerdown", (event) => {
    if (!document.body.classList.contains("drawing") || !chosen) return;
    event.preventDefault();
    const plane = sheet.querySelector("svg");
    const frame = document.createElementNS(plane.namespaceURI, "rect");
    frame.setAttribute("class", "frame");
    plane.append(frame);
    pulled = { sheet, frame, from: share(event, sheet) };
    sheet.setPointerCapture(event.pointerId);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!pulled || pulled.sheet !== sheet) return;
    const [x, y] = share(event, sheet);
    const [x0, y0] = pulled.from;
    pulled.rect = { x: Math.min(x, x0), y: Math.min(y, y0), l: Math.abs(x - x0), h: Math.abs(y - y0) };
    const { width, height } = sheet.querySelector("svg").viewBox.baseVal;
    const sizes = { x: pulled.rect.x * width, y: pulled.rect.y * height, width: pulled.rect.l * width, height: pulled.rect.h * height };
    for (const [name, value] of Object.entries(sizes)) pulled.frame.setAttribute(name, value);
  });
  sheet.addEventListener("pointerup", () => {
    if (!pulled || pulled.sheet !== sheet) return;
    const rect = pulled.rect;
    pulled.frame.remove();
    pulled = null;
    if (rect) send({ action: "dessiner", cle: chosen.dataset.key, page: sheet.dataset.page, ...rect });
  });
}
addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.body.classList.remove("drawing");
});

// After a decision: the next question is chosen, and the pages stay where they were.
document.addEventListener("submit", () => sessionStorage.setItem("pages", scrollY));
const next = list.querySelector("[data-next]");
if (next) {
  const details = next.closest("details");
  if (details) details.open = true;
  choose(next);
  if (wide) list.scrollTop = next.offsetTop - list.clientHeight / 3;
  else next.scrollIntoView({ block: "center" });
}
const kept = sessionStorage.getItem("pages");
sessionStorage.removeItem("pages");
if (kept !== null && wide) scrollTo(0, Number(kept));
