// The note page: a note is sealed on this device at each pause in the typing, then sent; without a connection it
// stays until there is one. The same script fills the page that opens without a connection (data-device), and keeps
// the list of notes up to date. Without it the page is a form that is saved by its buttons.
import { DeviceStore, lastPerson } from "./device-store.js";
import { putInFront, showAnew, watch } from "./notes-live.js";
import { lacks, sendAll } from "./notes-outbox.js";

const PAUSE = 500; // in the typing, before it is sealed
const AT_LEAST = 2000; // and this often while it does not pause
const AGAIN = 2000, AGAIN_AT_MOST = 60000;
const TWICE = 1000; // what is pressed again so soon is one press
const SHOWN_JUST_NOW = 10;

const form = document.getElementById("note-form");
const device = document.querySelector("[data-device]");
const state = document.getElementById("note-state");
const told = new BroadcastChannel("upstream-notes");
const reference = location.pathname.split("/")[2];
const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
const counted = (number) => (number === 1 ? "1 note" : `${number} notes`);
const inLondon = (options) => new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/London", ...options }).format();
const today = () => inLondon({ year: "numeric", month: "2-digit", day: "2-digit" });

let store = null;
let setup = null;
let note = null; // what the form writes: its key, and what it is of
let release = () => {};

// What stands in the form.

const number = (text) => (text ? Number(text) : null);

// What the form leaves to the activity is said in full: the activity may be gone when the note arrives.
function typed() {
  const data = new FormData(form);
  const get = (name) => data.get(name) || "";
  const activity = activityOf(number(get("activity")));
  return {
    kind: get("kind"),
    line: number(get("line")),
    text: get("text"),
    activity: number(get("activity")),
    source_type: get("source_type") || activity?.source_type || "",
    voice: get("voice") || activity?.voice || "",
    on: activity && activity.on < today() ? activity.on : today(),
  };
}

function put(fields) {
  for (const name of ["kind", "line"]) {
    for (const box of form.querySelectorAll(`[type=radio][name=${name}]`)) {
      box.checked = box.value === String(fields[name] ?? "");
    }
  }
  for (const name of ["text", "activity", "source_type", "voice"]) {
    if (form.elements[name] && name in fields) form.elements[name].value = fields[name] ?? "";
  }
  showSource();
}

// What the timetable says of now.

const activityOf = (id) => setup?.activities.find((each) => each.id === id);

function activityNow() {
  const time = inLondon({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const todays = (setup?.activities || []).filter((each) => each.on === today() && each.starts_at <= time);
  return todays.filter((each) => time <= each.ends_at).pop() || todays.pop();
}

function takeSource(activity) {
  if (!activity) return;
  form.elements.activity.value = activity.id;
  form.elements.source_type.value = form.elements.voice.value = ""; // as the activity says
  showSource();
}

// As the server says it: "From: focus group at 10:30, social workers".
function showSource() {
  const { activity, source_type, voice } = typed();
  const words = (name, value) => {
    const label = [...form.elements[name].options].find((option) => value && option.value === value)?.text ?? "";
    return label.charAt(0).toLowerCase() + label.slice(1);
  };
  const of = activityOf(activity);
  const at = of && of.source_type === source_type ? ` at ${of.starts_at}` : "";
  const said = [words("source_type", source_type) + at, words("voice", voice)].filter(Boolean).join(", ");
  document.getElementById("note-from").textContent = said ? `From: ${said}` : "Say where it comes from";
}

// Sealing.

let timer = null, dirtySince = null;

function begun() {
  return {
    key: note.key,
    review: reference,
    send_url: setup?.send_url ?? form.dataset.sendUrl,
    setup_url: setup?.setup_url ?? form.dataset.setupUrl,
    revision: note.revision,
    share: note.share,
    open: true,
  };
}

const SAME = ["kind", "line", "text", "activity", "source_type", "voice"];
const isSame = (one, other) => SAME.every((name) => one[name] === other[name]);

// Keeps what is typed; returns once it is sealed. What the form holds and whose it is is read before anything waits,
// because the next note may be begun meanwhile; and one is sealed after the other.
let sealed = Promise.resolve();

function seal(more = {}) {
  clearTimeout(timer);
  dirtySince = null;
  const fields = { ...typed(), typed_at: Date.now() };
  const of = begun();
  if (!note.exists && !fields.text.trim()) return sealed;
  note.exists = true;
  note.savedAt = null;
  const keep = () =>
    store.change(of.key, (now) => {
      const next = { ...(now ?? of), ...fields, ...more };
      const changed = !now || !isSame(now, fields) || Boolean(more.share && !now.share);
      if (changed) Object.assign(next, { unsent: true, refused: null });
      return next.unsent || next.open ? next : null;
    });
  const done = sealed.catch(() => {}).then(keep);
  sealed = done;
  done.then(() => told.postMessage({ changed: true }), () => {});
  return done;
}

function keepsNothing() {
  if (!store.closed) say("This tablet keeps nothing now: copy what you wrote, and leave the page only once it is saved");
}

function sealSoon() {
  dirtySince ??= Date.now();
  clearTimeout(timer);
  timer = setTimeout(sealAndSend, Math.max(0, Math.min(PAUSE, dirtySince + AT_LEAST - Date.now())));
}

async function sealAndSend() {
  try {
    await seal();
  } catch {
    return keepsNothing();
  }
  send();
}

// A page that is going has no time to seal: the worker, which stays a moment longer, does it for it.
function leave() {
  if (dirtySince === null || store.closed) return;
  const fields = { ...typed(), typed_at: Date.now() };
  if (note.exists || fields.text.trim()) {
    navigator.serviceWorker?.controller?.postMessage({ seal: { person: store.person, begun: begun(), fields } });
  }
}

// Sending.

let sending = false, again = false, wait = AGAIN, next = null, problem = { problem: "", message: "" };

async function send() {
  if (sending) {
    again = true;
    return;
  }
  sending = true;
  clearTimeout(next);
  const slow = setTimeout(() => say("Saving…"), 1000);
  try {
    do {
      again = false;
      problem = await sendAll(store);
    } while (again);
  } catch {
    problem = { problem: store.closed ? "closed" : "server", message: "" };
  } finally {
    clearTimeout(slow);
    sending = false;
  }
  if (store.closed) return;
  wait = problem.problem ? Math.min(wait * 2, AGAIN_AT_MOST) : AGAIN;
  if (problem.problem) next = setTimeout(send, wait);
  else if (device) offerThePage();
  told.postMessage({ changed: true });
  if (!problem.problem) window.dispatchEvent(new Event("upstream-notes-sent"));
  await show();
}

// What is told.

function say(words, { tag = "", link = null } = {}) {
  const parts = [];
  if (tag) {
    const mark = document.createElement("strong");
    mark.className = "up-tag up-tag--due";
    mark.textContent = tag;
    parts.push(mark, words.startsWith(":") ? "" : " ");
  }
  parts.push(words);
  if (link) parts.push(" ", link);
  const now = parts.map((part) => part.textContent ?? part).join("");
  if (state.textContent !== now) state.replaceChildren(...parts.filter(Boolean));
}

function linkTo(words, href) {
  const link = document.createElement("a");
  link.className = "govuk-link";
  link.href = href;
  link.textContent = words;
  return link;
}

async function show() {
  const notes = await store.notes();
  const unsent = notes.filter((each) => each.unsent);
  const current = notes.find((each) => each.key === note.key);
  showKept(unsent.filter((each) => each.key !== note.key || each.stale));
  const kept = `${counted(unsent.length)} kept on this tablet`;
  const they = unsent.length === 1 ? "it" : "they";
  const signIn = () => linkTo("Sign in to send", `/accounts/login/?next=${encodeURIComponent(location.pathname)}`);
  if (!navigator.onLine || problem.problem === "offline") {
    const words = unsent.length
      ? `: ${kept}; ${they} will be sent when the connection returns`
      : ": what you write is kept on this tablet and sent when the connection returns";
    return say(words, { tag: "Offline" });
  }
  if (problem.problem === "signed-out") return say(`: ${kept}.`, { tag: "Signed out", link: signIn() });
  if (problem.problem === "other-person") {
    return say(`: somebody else has signed in here; ${kept} for you.`, { tag: "Not sent", link: signIn() });
  }
  if (problem.problem === "refused" && unsent.length) return say(`: ${problem.message} ${kept}`, { tag: "Not sent" });
  if (problem.problem === "server" && unsent.length) {
    return say(`: Upstream did not answer. ${kept}; trying again`, { tag: "Not sent" });
  }
  if (current?.refused) {
    showWrong(current.refused.field, current.refused.message);
    return say(`: ${current.refused.message}. What you typed is kept on this tablet`, { tag: "Not saved" });
  }
  if (current?.stale) return say(": it was changed elsewhere. Both texts are below", { tag: "Not saved" });
  if (current?.unsent && lacks(current)) return say(`Kept on this tablet. ${lacks(current)}, and it is saved`);
  if (current) {
    note.revision = current.revision;
    note.savedAt ??= clock();
    return say(`Saved ${note.savedAt}`);
  }
  showLast(notes);
}

// Of the note that was finished before this one, while this one is empty.
function showLast(notes) {
  const { last } = note;
  if (!last) return;
  const kept = notes.find((each) => each.key === last.key);
  if (kept?.refused) return say(`: ${kept.refused.message}. It is kept on this tablet, below`, { tag: "Not saved" });
  if (kept?.stale) return say(": it was changed elsewhere. Both texts are below", { tag: "Not saved" });
  if (kept) return;
  last.at ??= clock();
  say(`${last.words} ${last.at}`);
}

const kept = () => {
  const found = document.getElementById("kept-notes");
  if (found) return found;
  const section = document.createElement("section");
  section.id = "kept-notes";
  section.setAttribute("aria-labelledby", "kept-heading");
  form.after(section);
  return section;
};

const made = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

function button(words, act) {
  const element = made("button", "govuk-button govuk-button--secondary", words);
  element.type = "button";
  element.onclick = () => act(element);
  return element;
}

async function showKept(notes) {
  const section = kept();
  const others = await store.waitingOfOthers();
  const seen = JSON.stringify([others, notes.map((each) => [each.key, each.text, each.share, each.refused, each.stale])]);
  if (section.dataset.seen === seen) return;
  section.dataset.seen = seen;
  const parts = [];
  if (notes.length) {
    const heading = made("h2", "up-heading", "Kept on this tablet");
    heading.id = "kept-heading";
    const list = made("ol", "up-kept");
    list.append(...notes.map(oneKept));
    parts.push(heading, list);
  }
  if (others) {
    const words = `${counted(others)} of somebody else ${others === 1 ? "waits" : "wait"} on this tablet, sealed, until they sign in.`;
    parts.push(made("p", "up-quiet", words));
  }
  section.replaceChildren(...parts);
}

function oneKept(each) {
  const item = made("li", "up-kept__note");
  const buttons = made("div", "govuk-button-group");
  item.append(made("p", "up-kept__text", each.text));
  if (each.stale) {
    item.append(
      made("p", "up-kept__state", "This note was changed elsewhere after you began. There it says:"),
      made("p", "up-kept__text", each.stale.text),
    );
    const decide = async (fn) => {
      await store.change(each.key, (now) => now && fn(now));
      if (each.key === note.key) await open(await noteOf(each.key));
      send();
    };
    buttons.append(
      button("Keep mine", () => decide((now) => ({ ...now, revision: now.stale.revision, stale: null }))),
      button("Take the other", () =>
        decide((now) =>
          now.open ? { ...now, ...pick(now.stale), revision: now.stale.revision, stale: null, unsent: false } : null,
        ),
      ),
    );
  } else {
    item.append(made("p", "up-kept__state", stateOf(each)));
    buttons.append(button("Change", () => openKept(each)));
    if (each.refused) buttons.append(button("Remove from this tablet", (pressed) => removeKept(each.key, pressed)));
  }
  item.append(buttons);
  return item;
}

const pick = (theirs) => Object.fromEntries(SAME.filter((name) => name in theirs).map((name) => [name, theirs[name]]));
const noteOf = async (key) => (await store.notes()).find((each) => each.key === key);

function stateOf(each) {
  const words = each.refused ? `Not taken: ${each.refused.message}` : lacks(each);
  if (words) return words;
  return each.share ? "To be shared with the team" : "Private until you share it";
}

async function removeKept(key, pressed) {
  if (!pressed.dataset.sure) {
    pressed.dataset.sure = "1";
    pressed.textContent = "Remove it for good";
    pressed.classList.replace("govuk-button--secondary", "govuk-button--warning");
    return;
  }
  await store.change(key, () => null);
  await show();
  form.elements.text.focus();
}

async function openKept(each) {
  const opened = open(each);
  form.elements.text.focus();
  await opened;
  send();
}

// One note after another.

function hold(key) {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve) => {
    navigator.locks.request(`upstream-note ${key}`, { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      return new Promise((letGo) => resolve(letGo));
    });
  });
}

// Puts a kept note in the form, at once; what stood there is kept.
async function open(was) {
  if (note && note.key !== was.key) seal({ open: false }).catch(() => {});
  begin({ key: was.key, revision: was.revision ?? null, share: Boolean(was.share), exists: true });
  clearWrong();
  put(was);
  await take(was.key);
  await store.change(was.key, (now) => now && { ...now, open: true });
}

// Nothing of this waits: what is typed next is the next note's.
function openNew(key = crypto.randomUUID()) {
  begin({ key, revision: null, share: false, exists: false });
  take(key);
}

async function take(key) {
  const letGo = await hold(key);
  if (note.key === key) release = letGo || (() => {});
  else letGo?.();
}

function begin(next) {
  release();
  release = () => {};
  note = { ...next, last: null, savedAt: null };
}

// What was begun in a tab that is gone goes on in this one.
async function openBegun() {
  const mine = (await store.notes()).filter((each) => each.open && each.review === reference);
  for (const each of mine.reverse()) {
    const letGo = await hold(each.key);
    if (!letGo) continue;
    letGo();
    return open(each);
  }
  openNew(form.dataset.key || undefined);
}

function showWrong(field, message) {
  clearWrong();
  const box = form.elements[field];
  const first = box instanceof RadioNodeList ? box[0] : box;
  const group = first?.closest(".govuk-form-group, fieldset");
  if (!group) return null;
  const error = made("p", "govuk-error-message", message);
  error.id = "note-wrong";
  const legend = group.querySelector("legend, label");
  if (legend && legend.parentElement) legend.after(error);
  else group.prepend(error);
  first.setAttribute("aria-describedby", "note-wrong");
  return first;
}

function clearWrong() {
  document.getElementById("note-wrong")?.remove();
  form.querySelectorAll("[aria-describedby=note-wrong]").forEach((box) => box.removeAttribute("aria-describedby"));
}

const FIELD_OF = [["text", (each) => each.text.trim()], ["kind", (each) => each.kind]];

async function finish(share) {
  const fields = typed();
  if (!share && !fields.text.trim() && !note.exists) return form.elements.text.focus();
  if (!fields.text.trim() && Date.now() - (note.last?.pressed ?? 0) < TWICE) return; // pressed twice
  const missing = lacks(fields);
  if (missing) {
    const field = FIELD_OF.find(([, given]) => !given(fields))?.[0] ?? (fields.source_type ? "voice" : "source_type");
    const box = showWrong(field, missing);
    box?.closest("details")?.setAttribute("open", "");
    return box?.focus();
  }
  clearWrong();
  const sealing = seal({ share: share || note.share, open: false });
  const last = { key: note.key, words: share ? "Shared" : "Saved", at: null, pressed: Date.now() };
  openNew();
  note.last = last;
  put({ kind: "", line: fields.line, text: "" });
  takeSource(activityNow());
  form.elements.text.focus();
  await sealing;
  send();
}

// Beginning.

const signedIn = () => Number(document.querySelector("form[action='/accounts/logout/']").dataset.person);

async function readSetup() {
  const url = form.dataset.setupUrl;
  const response = await fetch(url, { cache: "no-store", credentials: "same-origin", redirect: "manual" });
  if (!response.ok) throw new Error(response.status);
  return { ...(await response.json()), setup_url: url };
}

// The page without a connection is filled from what was kept when there was one.
async function fillDevice() {
  const person = await lastPerson();
  if (person !== null) {
    store = await DeviceStore.open(person);
    setup = await store.setup(reference);
  }
  if (!setup) return false;
  document.title = `${setup.title} – Upstream`;
  const where = setup.today === today() ? `${setup.title.split(" · ")[0]} · ${setup.day_words}` : setup.title;
  device.querySelector("[data-title]").textContent = where;
  const none = form.querySelector("[name=line]").closest(".up-choice");
  for (const { id, title } of setup.lines) none.before(choice(none, `id_line_of_${id}`, id, title));
  for (const { id, words } of setup.activities) form.elements.activity.add(new Option(words, id));
  form.dataset.setupUrl = setup.setup_url;
  device.hidden = false;
  const out = document.querySelector("[data-sign-out]");
  out.dataset.person = person;
  out.hidden = false;
  out.elements.csrfmiddlewaretoken.value =
    (document.cookie.match(/(?:^|; )(?:__Host-csrf|csrftoken)=([^;]+)/) || [])[1] || "";
  return true;
}

function choice(pattern, id, value, words) {
  const item = pattern.cloneNode(true);
  Object.assign(item.querySelector("input"), { id, value, checked: false });
  Object.assign(item.querySelector("label"), { htmlFor: id, textContent: words });
  return item;
}

function offerThePage() {
  const offered = device.querySelector("[data-back]");
  offered.hidden = false;
  offered.querySelector("a").href = location.href;
}

function wiped() {
  store?.close();
  clearTimeout(timer);
  clearTimeout(next);
  dirtySince = null;
  for (const box of form.elements) box.disabled = true;
  form.elements.text.value = "";
  document.getElementById("kept-notes")?.remove();
  say("You have signed out on this tablet.");
}

function listen() {
  form.addEventListener("input", sealSoon);
  form.addEventListener("change", (event) => {
    if (event.target.name === "activity") takeSource(activityOf(Number(event.target.value)));
    showSource();
    sealSoon();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (store.closed) return;
    finish(event.submitter?.name === "share").catch(keepsNothing);
  });
  document.addEventListener("visibilitychange", () => {
    if (store.closed) return;
    if (document.visibilityState === "visible") send();
    else if (dirtySince !== null) sealAndSend();
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("online", send);
  window.addEventListener("offline", () => !store.closed && show());
  window.addEventListener("upstream-notes-flush", (event) => event.detail.push(dirtySince === null ? sealed : seal()));
  window.addEventListener("upstream-notes-wiped", wiped);
  told.onmessage = (event) => {
    if (event.data.wiped === store.person) wiped();
    else if (event.data.changed && !store.closed) show();
  };
}

async function beginNotes() {
  if (device && !(await fillDevice())) {
    document.querySelector("[data-nothing]").hidden = false;
    return;
  }
  if (!device) {
    try {
      setup = await readSetup();
    } catch {
      // As it was kept: the connection went between the page and this.
    }
    store = await DeviceStore.open(setup?.person ?? signedIn());
    if (setup) await store.keepSetup(setup);
    else setup = await store.setup(reference);
    navigator.serviceWorker?.register("/reviews/notes-worker.js", { scope: "/reviews/" }).catch(() => {});
  }
  listen();
  await openBegun();
  if (device && !note.exists) takeSource(activityNow());
  showSource();
  if (device) form.querySelector("details").open = !form.elements.activity.value;
  form.dataset.ready = "yes";
  send();
}

function watchTeam() {
  const shared = document.getElementById("shared-notes");
  const found = document.getElementById("notes-found");
  if (!shared && !found) return;
  shared?.setAttribute("aria-live", "off"); // how many came is read out, and not each
  watch({
    url: (form ?? found).dataset.newUrl,
    from: (form ?? found).dataset.cursor || null,
    needed: document.getElementById("needed"),
    show: (notes, gone) =>
      shared ? putInFront(shared.querySelector("ol"), notes, gone, SHOWN_JUST_NOW) : showAnew(found),
  });
}

if (form && window.isSecureContext && window.indexedDB && crypto.subtle) {
  beginNotes().catch(() => say("This browser can’t keep notes on the tablet: save each by its button"));
}
if (!device) watchTeam();
