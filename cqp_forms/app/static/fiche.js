// The fiche: each answer is sent as it is given; what the server says of the file is shown.
"use strict";

const fiche = document.querySelector(".fiche");
const locked = "locked" in fiche.dataset;
const base = `/fiche/${fiche.dataset.id}`;
const token = document.querySelector("meta[name=jeton]").content;
let state = JSON.parse(document.getElementById("etat").textContent);

const holders = new Map([...document.querySelectorAll("[data-key]")].map((one) => [one.dataset.key, one]));
const sections = [...document.querySelectorAll(".part")];
const byId = (id) => document.getElementById(id);

// ------------------------------------------------------------------ what a control shows

function valueOf(holder) {
  if (holder.dataset.kind === "choice") return holder.querySelector("input:checked")?.value ?? null;
  if (holder.dataset.kind === "tick") return holder.checked ? true : null;
  return holder.value.trim() ? holder.value : null;
}

function show(key, value) {
  const holder = holders.get(key);
  if (!holder) return;
  if (holder.dataset.kind === "choice") {
    for (const radio of holder.querySelectorAll("input")) radio.checked = radio.value === value;
    const why = holder.closest(".criterion")?.querySelector(".why");
    if (why) why.hidden = value !== "NA" && !known(`${key}:précision`);
    holder.closest("[data-field]").classList.toggle("answered", value !== null);
  } else if (holder.dataset.kind === "tick") holder.checked = value === true;
  else if (document.activeElement !== holder || !unsent.has(key)) {
    if (holder.value !== (value ?? "")) holder.value = value ?? "";
    fitHeight(holder);
  }
}

function fitHeight(area) {
  if (area.tagName !== "TEXTAREA") return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 4}px`;
}

// ------------------------------------------------------------------ sending, one after another

const unsent = new Map(); // key → the value that the page shows
const sent = new Map(); // key → the value of a request under way
const past = []; // what can be taken back: {key, before, after}
let sending = false;
let again = false;
let typing = 0;

const known = (key) => state.answers[key] ?? null;
const current = (key) => unsent.get(key) ?? (unsent.has(key) ? null : sent.has(key) ? sent.get(key) : known(key));

function change(key, after, remember = true) {
  const before = current(key);
  if (before === after) return;
  if (remember) {
    const last = past.at(-1);
    if (last && last.key === key && holders.get(key).dataset.kind === "text" && last.open) last.after = after;
    else past.push({ key, before, after, open: true });
    byId("defaire").disabled = false;
  }
  unsent.set(key, after);
  show(key, after);
  saying("Enregistrement…");
}

async function send(more = {}) {
  clearTimeout(typing);
  if (sending) {
    again = true;
    return;
  }
  const edits = [...unsent].map(([key, after]) => ({ key, before: known(key), after }));
  if (!edits.length && !Object.keys(more).length) return;
  sending = true;
  for (const [key, value] of unsent) sent.set(key, value);
  unsent.clear();
  try {
    const answer = await fetch(`${base}/reponses`, {
      method: "POST",
      headers: { "X-Jeton": token, "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ who: state.who, edits, ...more }),
    });
    if (!answer.ok) throw new Error(await problem(answer));
    apply(await answer.json());
    const time = new Date().toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    if (!state.waiting.length && !state.clashes.length) saying(`Enregistré dans ${state.file} à ${time}`);
  } catch (error) {
    for (const { key, after } of edits) if (!unsent.has(key)) unsent.set(key, after);
    const lost = error instanceof TypeError;
    saying(lost ? "Le programme ne répond plus : vos dernières réponses ne sont pas enregistrées. Rouvrez « Guides CQP »." : error.message, true);
    if (lost) setTimeout(send, 3000);
  } finally {
    sent.clear();
    sending = false;
    if (again) {
      again = false;
      send();
    }
  }
}

async function problem(answer) {
  try {
    return (await answer.json()).error;
  } catch {
    return "Cette réponse n’a pas pu être enregistrée. Rechargez la page.";
  }
}

function saying(text, bad = false) {
  const line = byId("enregistre");
  line.textContent = text;
  line.classList.toggle("bad", bad);
}

addEventListener("beforeunload", (event) => (unsent.size || sending) && event.preventDefault());

// ------------------------------------------------------------------ what the file says

function apply(fresh) {
  const changed = Object.keys({ ...state.answers, ...fresh.answers }).filter(
    (key) => state.answers[key] !== fresh.answers[key] && !sent.has(key) && !unsent.has(key),
  );
  state = fresh;
  for (const key of holders.keys()) if (!unsent.has(key)) show(key, known(key));
  if (changed.length)
    saying(changed.length === 1 ? "Une réponse a changé dans le fichier : elle est reprise ici." : `${changed.length} réponses ont changé dans le fichier : elles sont reprises ici.`);
  paint();
}

function paint() {
  byId("nom").textContent = state.name;
  const label = byId("etat-libelle");
  label.textContent = state.label;
  label.className = `state ${state.state}`;
  for (const one of state.sections) {
    const link = document.querySelector(`[data-section="${one.anchor}"]`);
    link.querySelector(".count").textContent = one.asked ? `${one.answered}/${one.asked}` : "";
    link.classList.toggle("full", one.asked > 0 && one.answered === one.asked);
  }
  for (const place of document.querySelectorAll("[data-field]")) {
    const told = state.findings.filter((one) => one.field === place.dataset.field);
    place.querySelector(".told").replaceChildren(...told.map(finding));
    const room = place.querySelector(".room");
    if (room && place.classList.contains("long-text")) {
      room.hidden = known(place.dataset.field) === null;
      room.textContent = state.annex.includes(place.dataset.field) ? "Continuera en annexe, à la fin du guide." : "Tient sur la page.";
    } else if (room) {
      room.hidden = !state.annex.includes(place.dataset.field);
      room.textContent = "Trop long pour sa ligne : continuera en annexe.";
    }
  }
  waiting();
  clashes();
}

function finding(one) {
  const line = element("p", one.text[0].toUpperCase() + one.text.slice(1), `finding ${one.severity}`);
  line.append(" ", element("span", one.do, "remedy"));
  return line;
}

function element(tag, text, kind = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = kind;
  return made;
}

function button(text, action) {
  const made = element("button", text, "button");
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}

function waiting() {
  const place = byId("attente");
  const count = state.waiting.length;
  place.hidden = !count;
  if (!count) return;
  const what = count === 1 ? "Une réponse attend" : `${count} réponses attendent`;
  place.replaceChildren(
    element("span", `Cette fiche est ouverte dans Excel. ${what}, en sûreté à côté du fichier : fermez-la dans Excel, elles y seront mises aussitôt.`),
    button("Elle n’y est pas ouverte : écrire maintenant", () => send({ force: true })),
  );
}

const words = { OUI: "Oui", NON: "Non", NA: "NA", MAITRISEE: "Maîtrisée", NON_MAITRISEE: "Non maîtrisée" };
const worded = (value) => (value === true ? "coché" : value === null ? "(vide)" : `« ${words[value] ?? value} »`);

function clashes() {
  byId("conflits").replaceChildren(
    ...state.clashes.map((one) => {
      const box = element("div", "", "notice warn clash");
      const field = byId(one.key.replace(":précision", ""));
      const name = field.querySelector(".wording, label")?.innerText ?? one.key;
      box.setAttribute("role", "alert");
      box.append(
        element("p", `« ${name} » a changé dans le fichier pendant que vous répondiez ici. Quelle réponse garder ?`),
        button(`Celle d’ici : ${worded(one.after)}`, () =>
          resolve({ edits: [{ key: one.key, before: one.file, after: one.after }], drop: [one.key] })),
        button(`Celle du fichier : ${worded(one.file)}`, () => resolve({ edits: [], drop: [one.key] })),
      );
      return box;
    }),
  );
}

const resolve = (decided) => {
  state.clashes = [];
  return send(decided);
};

// ------------------------------------------------------------------ answering

document.querySelector(".work").addEventListener("change", (event) => {
  const holder = event.target.closest("[data-key]");
  if (!holder || locked) return;
  change(holder.dataset.key, valueOf(holder));
  if (past.length) past.at(-1).open = false;
  send();
  // With the arrows one may be passing by.
  if (event.target.value === "NA" && !passing && holder.closest(".criterion")) holder.closest(".criterion").querySelector("textarea").focus();
});

document.querySelector(".work").addEventListener("input", (event) => {
  const holder = event.target.closest("[data-kind=text]");
  if (!holder || locked) return;
  fitHeight(holder);
  change(holder.dataset.key, valueOf(holder));
  clearTimeout(typing);
  typing = setTimeout(send, 600);
});

function choose(group, value) {
  const radio = group.querySelector(`input[value="${value}"]`);
  if (!radio || locked) return;
  change(group.dataset.key, value);
  past.at(-1).open = false;
  radio.focus();
  send();
}

function undo() {
  const last = past.pop();
  byId("defaire").disabled = !past.length;
  if (!last) return;
  change(last.key, last.before, false);
  reveal(holders.get(last.key));
  send();
}
byId("defaire").addEventListener("click", undo);

// ------------------------------------------------------------------ keyboard

let passing = false;
addEventListener("keyup", () => (passing = false));
const isTyping = (target) => target.matches("textarea, input[type=text], input[type=date]");

addEventListener("keydown", (event) => {
  const ctrl = event.ctrlKey || event.metaKey;
  if (ctrl && event.key === "Enter") {
    event.preventDefault();
    return nextEmpty();
  }
  if (ctrl && event.key.toLowerCase() === "z" && !isTyping(event.target)) {
    event.preventDefault();
    return undo();
  }
  const group = event.target.closest?.(".choices");
  if (!group || ctrl || event.altKey) return;
  const letters = { o: "OUI", n: "NON", a: "NA" };
  const key = event.key.toLowerCase();
  const isCriterion = group.closest(".criterion");
  passing = event.key === "ArrowLeft" || event.key === "ArrowRight";
  if (isCriterion && letters[key]) {
    event.preventDefault();
    choose(group, letters[key]);
    if (key === "a") isCriterion.querySelector("textarea").focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    neighbour(group, event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    change(group.dataset.key, null);
    send();
  }
});

function neighbour(group, step) {
  const all = [...group.closest(".part").querySelectorAll(".choices")];
  const next = all[all.indexOf(group) + step];
  if (next) focusOn(next);
}

function focusOn(holder) {
  const target = holder.dataset.kind === "choice" ? (holder.querySelector("input:checked") ?? holder.querySelector("input")) : holder;
  target.focus({ preventScroll: true });
  (holder.closest("[data-field]") ?? holder).scrollIntoView({ block: "center" });
}

function isWanted(key) {
  const holder = holders.get(key);
  if (key.endsWith(":précision")) return current(key.replace(":précision", "")) === "NA";
  if (holder.dataset.kind === "choice") return true;
  if (holder.dataset.kind === "tick") return false;
  return !holder.closest(".entry").querySelector("label .muted");
}

function nextEmpty() {
  const keys = [...holders.keys()];
  const here = document.activeElement?.closest?.("[data-key]")?.dataset.key;
  const start = keys.indexOf(here) + 1;
  const found = [...keys.slice(start), ...keys.slice(0, start)].find((key) => isWanted(key) && current(key) === null);
  if (!found) return saying("Tout est répondu : vous pouvez contrôler et émettre.");
  reveal(holders.get(found));
}

// ------------------------------------------------------------------ one section at a time

function open(section) {
  for (const one of sections) one.hidden = one !== section;
  for (const link of document.querySelectorAll("[data-section]")) {
    const here = link.dataset.section === section.id;
    if (here) {
      link.setAttribute("aria-current", "true");
      link.parentElement.scrollIntoView({ block: "nearest", inline: "center" });
    } else link.removeAttribute("aria-current");
  }
  for (const area of section.querySelectorAll("textarea")) fitHeight(area);
}

function reveal(holder) {
  const section = holder.closest(".part");
  if (section.hidden) {
    open(section);
    history.replaceState(null, "", `#${section.id}`);
  }
  focusOn(holder);
}

function follow() {
  const wanted = byId(decodeURIComponent(location.hash.slice(1)));
  const section = wanted?.closest(".part") ?? sections[0];
  open(section);
  if (wanted && wanted !== section) focusOn(wanted.querySelector("[data-key]"));
  else window.scrollTo(0, 0);
}
addEventListener("hashchange", follow);

// ------------------------------------------------------------------ the file, while it is looked at

async function look() {
  if (!document.hidden && !sending && !unsent.size) {
    try {
      const answer = await fetch(`${base}/etat?revision=${state.revision}`, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const fresh = await answer.json();
        if (fresh.answers && !sending && !unsent.size) apply(fresh);
      } else saying(await problem(answer), true);
    } catch {
      saying("Le programme ne répond plus. Rouvrez « Guides CQP ».", true);
    }
  }
  setTimeout(look, 2000);
}

for (const key of holders.keys()) show(key, known(key));
for (const key of state.unplaced) {
  const holder = holders.get(key);
  if (!holder) continue;
  for (const one of holder.querySelectorAll("input")) one.disabled = true;
  if ("readOnly" in holder) holder.readOnly = true;
}
// Beside the criteria there is room for the questions; above them they would push them away.
if (matchMedia("(max-width: 1150px)").matches)
  for (const help of document.querySelectorAll(".help")) help.open = false;
paint();
follow();
setTimeout(look, 2000);
