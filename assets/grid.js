// The grid of a plan's actions. Each row is saved as one goes; what could not be saved is kept in this browser, for
// the same person alone, until it is. Without this script the same form is saved by its button.
const form = document.querySelector("[data-grid]");
const said = form.querySelector("[data-said]");
const keptAs = `upstream-typed:${form.dataset.person}:${form.dataset.version}`;
const PAUSE = 1200, AGAIN = 5000, MOST_KEPT_ALIVE = 60000;
const READ = { cache: "no-store", credentials: "same-origin" };

const rows = new Map();
const boxes = (row) => [...row.element.querySelectorAll("textarea, input:not([type=hidden])")];
const nameOf = (box) => box.name.slice(box.name.lastIndexOf("-") + 1);
const isTick = (box) => box.type === "checkbox";
const typedIn = (box) => (isTick(box) ? (box.checked ? "on" : "") : box.value);
const keptIn = (box) => (isTick(box) ? (box.defaultChecked ? "on" : "") : box.defaultValue);
const isChanged = (box) => typedIn(box) !== keptIn(box);
const changed = (row) => boxes(row).filter(isChanged);
const hidden = (row, name) => row.element.querySelector(`[name$="-${name}"][type=hidden]`);
const numberOf = (row) => row.element.querySelector("th").textContent;
const now = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

function put(box, text) {
  if (isTick(box)) box.checked = text === "on";
  else box.value = text;
}

function hold(box, text) {
  if (isTick(box)) box.defaultChecked = text === "on";
  else box.defaultValue = text;
}

function adopt(element) {
  const row = { element, key: element.dataset.row, timer: null, busy: null, both: null };
  rows.set(row.key, row);
  return row;
}

// What is told: beside the row, and in one place for all, which is read aloud.

function say(row, words) {
  const state = row.element.querySelector("[data-state]");
  state.textContent = words;
  state.classList.toggle("up-grid__state--not", words.startsWith("Not"));
  const left = [...rows.values()].filter((each) => changed(each).length || each.both);
  if (words.startsWith("Not saved")) tell(`Action ${numberOf(row)}: ${words}`);
  else if (left.some((each) => each.busy)) tell("Saving…");
  else if (left.length) tell(`${left.length} not saved yet`);
  else tell(`Saved ${now()}`);
}

function tell(words) {
  if (said.textContent !== words) said.textContent = words;
}

// What is not saved is kept in this browser.

function remember() {
  const kept = {};
  for (const row of rows.values()) {
    const typed = changed(row);
    if (!typed.length) continue;
    kept[row.key] = {
      number: numberOf(row),
      revision: hidden(row, "revision").value,
      cells: Object.fromEntries(typed.map((box) => [nameOf(box), typedIn(box)])),
    };
  }
  try {
    if (Object.keys(kept).length) localStorage.setItem(keptAs, JSON.stringify(kept));
    else localStorage.removeItem(keptAs);
  } catch {
    tell("This browser keeps nothing: leave the page only once all is saved");
  }
}

function recall() {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(keptAs)) || {};
  } catch {
    // Nothing that can be read is kept.
  }
  const lost = [];
  let back = 0;
  for (const [key, { number, revision, cells }] of Object.entries(kept)) {
    const row = rows.get(key);
    if (!row) {
      lost.push([number, cells]);
      continue;
    }
    for (const box of boxes(row)) if (nameOf(box) in cells) put(box, cells[nameOf(box)]);
    if (!changed(row).length) continue;
    back += 1;
    // As it was read when this was typed: what somebody wrote since is shown beside it.
    hidden(row, "revision").value = revision;
    save(row);
  }
  if (back) note(`What you had typed in ${back === 1 ? "one action" : `${back} actions`} and was not saved is back.`);
  if (lost.length) showLost(lost);
}

function note(words) {
  const told = document.createElement("p");
  told.className = "up-notice";
  told.setAttribute("role", "status");
  told.textContent = words;
  form.querySelector("[data-kept]").append(told);
  return told;
}

function showLost(lost) {
  const told = note("This was typed in actions that are no longer here. Copy what you need of it.");
  for (const [number, cells] of lost) {
    const text = document.createElement("p");
    text.className = "up-written";
    text.textContent = `${number}: ${Object.values(cells).filter((cell) => cell && cell !== "on").join("\n")}`;
    told.append(text);
  }
}

// Saving a row.

function later(row, pause = PAUSE) {
  clearTimeout(row.timer);
  row.timer = setTimeout(() => save(row), pause);
}

async function save(row) {
  clearTimeout(row.timer);
  if (row.busy || row.both) return row.busy;
  const sent = changed(row);
  if (!sent.length) return;
  if (sent.some((box) => box.validity.badInput)) return say(row, "Not saved: enter a real date");
  const isNew = "new" in row.element.dataset;
  // The empty row of a priority is no action before it says what is to be done.
  if (isNew && !boxes(row).find((box) => nameOf(box) === "text").value.trim()) return;
  row.busy = saveTyped(row, new Map(sent.map((box) => [box, typedIn(box)])));
  if (!away) say(row, "Saving…");
  return row.busy;
}

async function saveTyped(row, typed) {
  try {
    await answered(row, typed, await send(`${row.key}/`, cellsOf(row, typed)));
  } catch {
    say(row, "Not saved: no connection. What you typed is kept; trying again");
    later(row, AGAIN);
  } finally {
    row.busy = null;
    remember();
  }
  if (!row.both && changed(row).some((box) => typed.get(box) !== typedIn(box))) later(row);
}

function cellsOf(row, typed) {
  return { revision: hidden(row, "revision").value, ...Object.fromEntries([...typed].map(([box, text]) => [nameOf(box), text])) };
}

function send(path, fields) {
  const body = new URLSearchParams({ ...fields, person: form.dataset.person });
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const keepalive = body.toString().length < MOST_KEPT_ALIVE;
  return fetch(form.action + path, { method: "POST", body, keepalive, redirect: "manual", credentials: "same-origin" });
}

async function answered(row, typed, response) {
  clearWrong(row);
  if ([200, 400, 409].includes(response.status)) {
    away?.remove();
    away = null;
  }
  if (response.status === 200) return wasSaved(row, typed, await response.json());
  if (response.status === 400) return isWrong(row, (await response.json()).wrong);
  if (response.status === 409) return showBoth(row, typed, await response.json());
  if (response.status === 410) return say(row, `Not saved: ${(await response.json()).said}`);
  if (response.status === 401) return signedOut(row);
  if (response.status === 403) return (await renewToken()) ? later(row, 0) : signedOut(row);
  say(row, "Not saved: Upstream did not answer. What you typed is kept; trying again");
  later(row, AGAIN);
}

function wasSaved(row, typed, answer) {
  if (answer.row) return becomesAnAction(row, typed, answer.row);
  for (const [box, text] of typed) hold(box, text);
  hidden(row, "revision").value = answer.revision;
  hidden(row, "was").value = "";
  say(row, `Saved ${now()}`);
}

// The empty row gives what was typed in it to a row of its own, and is empty again.
function becomesAnAction(row, typed, html) {
  const holder = document.createElement("tbody");
  holder.innerHTML = html;
  const made = adopt(holder.firstElementChild);
  row.element.before(made.element);
  const focused = document.activeElement;
  for (const box of boxes(row)) {
    const its = boxes(made).find((each) => nameOf(each) === nameOf(box));
    put(its, typedIn(box));
    if (box === focused) its.focus();
    if (box === focused && "selectionStart" in box && box.type !== "date") {
      its.setSelectionRange?.(box.selectionStart, box.selectionEnd);
    }
    put(box, keptIn(box));
  }
  say(made, `Saved ${now()}`);
  row.element.querySelector("[data-state]").textContent = "";
  if (changed(made).length) later(made);
}

function isWrong(row, wrong) {
  for (const [name, message] of Object.entries(wrong)) {
    const box = boxes(row).find((each) => nameOf(each) === name);
    const told = document.createElement("span");
    told.className = "govuk-error-message";
    told.id = `e${row.key}-${name}`;
    told.textContent = message;
    box.closest(".up-cell").append(told);
    box.setAttribute("aria-invalid", "true");
    box.setAttribute("aria-describedby", told.id);
  }
  say(row, `Not saved: ${Object.values(wrong).join(". ")}`);
}

function clearWrong(row) {
  row.element.querySelectorAll(".govuk-error-message").forEach((told) => told.remove());
  for (const box of row.element.querySelectorAll("[aria-invalid]")) {
    box.removeAttribute("aria-invalid");
    box.removeAttribute("aria-describedby");
  }
}

let away = null;
function signedOut(row) {
  say(row, "Not saved: you are signed out");
  if (away) return;
  away = note("You are signed out. What you typed is kept in this browser for you alone. ");
  const link = document.createElement("a");
  link.className = "govuk-link";
  link.href = `/accounts/login/?next=${encodeURIComponent(new URL(form.action).pathname)}`;
  link.textContent = "Sign in again";
  away.append(link);
}

// Signed in again in another window: the page takes the token of that, where it is the same person.
async function renewToken() {
  const response = await fetch(form.action, READ);
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-grid]");
  if (fresh?.dataset.person !== form.dataset.person) return false;
  const before = form.elements.csrfmiddlewaretoken.value;
  form.elements.csrfmiddlewaretoken.value = fresh.elements.csrfmiddlewaretoken.value;
  return before !== form.elements.csrfmiddlewaretoken.value;
}

// Somebody else changed the row: both texts, and a choice.

function showBoth(row, typed, answer) {
  for (const box of boxes(row)) {
    if (!isChanged(box)) put(box, answer.now[nameOf(box)]);
    hold(box, answer.now[nameOf(box)]);
  }
  row.both = answer;
  const shown = document.querySelector("template[data-both]").content.firstElementChild.cloneNode(true);
  shown.querySelector("p").textContent =
    `Somebody changed action ${numberOf(row)} while you were writing. Both texts are here; nothing you typed is lost.`;
  for (const one of answer.both) {
    const each = document.createElement("div");
    for (const [whose, text] of [["theirs", one.theirs], ["yours", one.mine]]) {
      each.append(textIn("dt", `${one.label}: ${whose}`), textIn("dd", text));
    }
    shown.querySelector("dl").append(each);
  }
  shown.querySelectorAll("button span").forEach((span) => (span.textContent = ` in action ${numberOf(row)}`));
  const decided = () => {
    shown.remove();
    row.both = null;
    hidden(row, "revision").value = answer.revision;
    row.element.querySelector("textarea").focus();
  };
  shown.querySelector("[data-keep]").onclick = () => {
    decided();
    save(row);
  };
  shown.querySelector("[data-take]").onclick = () => {
    for (const box of boxes(row)) put(box, keptIn(box));
    decided();
    remember();
    say(row, "Theirs taken");
  };
  row.element.after(shown);
  say(row, "Not saved: somebody changed it meanwhile. Both texts are below it");
}

function textIn(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (tag === "dd") element.className = "up-written";
  return element;
}

// Order.

async function moveRow(row, way) {
  const focused = document.activeElement;
  try {
    const response = await send(`${row.key}/move/`, { way });
    if (response.status !== 200) return say(row, response.status === 401 ? "Not moved: you are signed out" : "Not moved");
    setOrder((await response.json()).order);
    if (row.element.contains(focused)) focused.focus();
    tell(`Moved: it is action ${numberOf(row)} now`);
  } catch {
    say(row, "Not moved: no connection");
  }
}

function setOrder(order) {
  for (const [priority, keys] of order) {
    const body = form.querySelector(`tbody[data-priority="${priority}"]`);
    const empty = body?.querySelector("[data-new]");
    keys.forEach((key, place) => {
      const row = rows.get(String(key));
      if (!row || !empty) return;
      const both = row.element.nextElementSibling?.matches(".up-grid__both") ? row.element.nextElementSibling : null;
      empty.before(row.element);
      if (both) row.element.after(both);
      row.element.querySelector("th").textContent = `${body.dataset.number}.${place + 1}`;
    });
  }
}

// By keyboard.

function beside(box, way) {
  const all = [...form.querySelectorAll(`[name$="-${nameOf(box)}"]:not([type=hidden])`)];
  const next = all[all.indexOf(box) + way];
  next?.focus();
  return Boolean(next);
}

function leaves(box, way) {
  if (isTick(box)) return true;
  if (box.type === "date") return false;
  if (box.tagName !== "TEXTAREA") return true;
  return box.selectionStart === box.selectionEnd && box.selectionStart === (way < 0 ? 0 : box.value.length);
}

form.addEventListener("keydown", (event) => {
  const box = event.target.closest("textarea, input");
  const row = rows.get(event.target.closest("[data-row]")?.dataset.row);
  if (!row) return;
  const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (way && event.altKey && !("new" in row.element.dataset)) {
    event.preventDefault();
    moveRow(row, way < 0 ? "up" : "down");
  } else if (way && box && !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && leaves(box, way)) {
    if (beside(box, way)) event.preventDefault();
  } else if (event.key === "Enter" && box && (box.tagName !== "TEXTAREA" || event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    beside(box, event.shiftKey ? -1 : 1);
  }
});

form.addEventListener("input", (event) => {
  const row = rows.get(event.target.closest("[data-row]")?.dataset.row);
  if (!row) return;
  remember();
  later(row);
});
form.addEventListener("change", (event) => {
  const row = rows.get(event.target.closest("[data-row]")?.dataset.row);
  if (row) save(row);
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=move]");
  if (!button) return;
  event.preventDefault();
  moveRow(rows.get(button.closest("[data-row]").dataset.row), button.value.split("-").pop());
});
form.addEventListener("submit", (event) => {
  // What the server itself shows in conflict is decided by it.
  if (["keep", "take"].includes(event.submitter?.name)) return;
  event.preventDefault();
  rows.forEach(save);
  if (![...rows.values()].some((row) => row.busy || row.both || changed(row).length)) tell(`Saved ${now()}`);
});
// Signing out clears what is kept: it waits until all is saved, and goes ahead when asked again.
let leaving = false;
document.querySelector("form[action='/accounts/logout/']")?.addEventListener(
  "submit",
  async (event) => {
    const left = () => [...rows.values()].filter((row) => row.both || changed(row).length).length;
    if (leaving || !left()) return;
    event.preventDefault();
    leaving = true;
    await Promise.all([...rows.values()].map(save));
    if (left()) tell(`${left()} not saved. Sign out again to leave without`);
    else event.target.requestSubmit();
  },
  { capture: true },
);
window.addEventListener("online", () => rows.forEach(save));
document.addEventListener("visibilitychange", () => rows.forEach(save));

form.querySelectorAll("[data-row]").forEach(adopt);
tell("Each action is saved as you go");
recall();
