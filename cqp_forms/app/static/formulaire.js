// Places of a form: choose a question, click its place on the page (or the place, then its question), or draw it.
"use strict";

const list = document.getElementById("liste");
const trace = document.getElementById("trace");
const told = document.getElementById("dit");
let chosen = null;
let picked = null;

function tell(text) {
  told.textContent = text;
  told.hidden = !text;
}

function pick(spot) {
  if (picked) picked.classList.remove("picked");
  picked = spot;
  if (!spot) return tell("");
  spot.classList.add("picked");
  const kind = spot.dataset.box === "1" ? "case" : "zone";
  tell(`N° ${spot.dataset.number}, une ${kind} libre : cliquez la question qui va là, dans la liste. Échap : aucune.`);
}

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
  place.addEventListener("click", (event) => {
    if (picked && !event.target.closest("a, button, input")) {
      if (picked.dataset.box === place.dataset.box)
        return send({ action: "placer", cle: place.dataset.key, numero: picked.dataset.number });
      tell(`Cette question veut une ${place.dataset.box === "1" ? "case" : "zone"} : choisissez-en une autre, ou Échap.`);
      return;
    }
    choose(place);
  });
  const draw = place.querySelector("[data-draw]");
  if (!draw) continue;
  draw.hidden = false;
  draw.addEventListener("click", () => {
    pick(null);
    choose(place);
    drawing(!document.body.classList.contains("drawing"));
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
      choose(held.closest(".place"));
      list.scrollTop = chosen.offsetTop - list.clientHeight / 3;
    } else {
      choose(null);
      pick(button);
    }
  });
for (const button of document.querySelectorAll("[data-sure]"))
  button.addEventListener("click", (event) => {
    if (!confirm(button.dataset.sure)) event.preventDefault();
  });

// Draw: press, pull, let go; or the arrow keys, then Enter. Escape gives up.
let pulled = null;
let keyed = null;

function drawing(on) {
  document.body.classList.toggle("drawing", on);
  if (keyed) keyed.frame.remove();
  keyed = null;
  tell(on ? "Tracez le rectangle sur la page. Au clavier : flèches pour le déplacer, Maj + flèches pour l’agrandir, Page suivante ou précédente, Entrée pour le poser, Échap pour renoncer." : "");
}

function framed(sheet) {
  const plane = sheet.querySelector("svg");
  const frame = document.createElementNS(plane.namespaceURI, "rect");
  frame.setAttribute("class", "frame");
  plane.append(frame);
  return frame;
}

function shape(frame, rect) {
  const { width, height } = frame.ownerSVGElement.viewBox.baseVal;
  const sizes = { x: rect.x * width, y: rect.y * height, width: rect.l * width, height: rect.h * height };
  for (const [name, value] of Object.entries(sizes)) frame.setAttribute(name, value);
}

const sheets = [...document.querySelectorAll(".sheet")];
/** The page that is looked at: the one that the middle of the window is nearest to. */
function looked() {
  const away = (sheet) => {
    const { top, bottom } = sheet.getBoundingClientRect();
    return Math.max(0, top - innerHeight / 2, innerHeight / 2 - bottom);
  };
  return sheets.reduce((best, one) => (away(one) < away(best) ? one : best));
}

/** Move the rectangle of the keyboard, by points of the page. */
function steer(sheet, across, down, grows) {
  const { width, height } = sheet.querySelector("svg").viewBox.baseVal;
  if (!keyed || keyed.sheet !== sheet) {
    const [l, h] = chosen.dataset.box === "1" ? [11 / width, 11 / height] : [150 / width, 16 / height];
    if (keyed) keyed.frame.remove();
    keyed = { sheet, frame: framed(sheet), rect: { x: 0.3, y: 0.3, l, h } };
  }
  const { rect, frame } = keyed;
  const held = (value, least, most) => Math.min(most, Math.max(least, value));
  if (grows) {
    rect.l = held(rect.l + across / width, 4 / width, 1 - rect.x);
    rect.h = held(rect.h + down / height, 4 / height, 1 - rect.y);
  } else {
    rect.x = held(rect.x + across / width, 0, 1 - rect.l);
    rect.y = held(rect.y + down / height, 0, 1 - rect.h);
  }
  shape(frame, rect);
  frame.scrollIntoView({ block: "nearest" });
}

const share = (event, sheet) => {
  const box = sheet.getBoundingClientRect();
  const within = (value) => Math.min(1, Math.max(0, value));
  return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
};
for (const sheet of sheets) {
  sheet.addEventListener("pointerdown", (event) => {
    if (!document.body.classList.contains("drawing") || !chosen) return;
    event.preventDefault();
    pulled = { sheet, frame: framed(sheet), from: share(event, sheet) };
    sheet.setPointerCapture(event.pointerId);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!pulled || pulled.sheet !== sheet) return;
    const [x, y] = share(event, sheet);
    const [x0, y0] = pulled.from;
    pulled.rect = { x: Math.min(x, x0), y: Math.min(y, y0), l: Math.abs(x - x0), h: Math.abs(y - y0) };
    shape(pulled.frame, pulled.rect);
  });
  sheet.addEventListener("pointercancel", () => {
    if (pulled) pulled.frame.remove();
    pulled = null;
  });
  sheet.addEventListener("pointerup", () => {
    if (!pulled || pulled.sheet !== sheet) return;
    const rect = pulled.rect;
    pulled.frame.remove();
    pulled = null;
    if (rect) send({ action: "dessiner", cle: chosen.dataset.key, page: sheet.dataset.page, ...rect });
  });
}
const STEPS = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], ArrowUp: [0, -2], ArrowDown: [0, 2] };
const TURNS = { PageUp: -1, PageDown: 1 };
addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    pick(null);
    drawing(false);
  }
  if (!document.body.classList.contains("drawing") || !chosen) return;
  const sheet = keyed ? keyed.sheet : looked();
  if (event.key in STEPS) steer(sheet, ...STEPS[event.key], event.shiftKey);
  else if (event.key in TURNS) steer(sheets[sheets.indexOf(sheet) + TURNS[event.key]] || sheet, 0, 0, false);
  else if (event.key === "Enter" && keyed)
    send({ action: "dessiner", cle: chosen.dataset.key, page: sheet.dataset.page, ...keyed.rect });
  else return;
  event.preventDefault();
});

// After a decision: the next question is chosen, and the pages stay where they were.
document.addEventListener("submit", () => sessionStorage.setItem("pages", scrollY));
const next = list.querySelector("[data-next]");
if (next) {
  const details = next.closest("details");
  if (details) details.open = true;
  choose(next);
  list.scrollTop = next.offsetTop - list.clientHeight / 3;
}
const kept = sessionStorage.getItem("pages");
sessionStorage.removeItem("pages");
if (kept !== null) scrollTo(0, Number(kept));
