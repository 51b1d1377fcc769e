// Signing out on a device that keeps notes: they are sent first; what can't be is said, and waits for a choice; then
// the notes, their key and the page kept for them are wiped.
import { DeviceStore } from "./device-store.js";
import { sendAll } from "./notes-outbox.js";

const PATIENCE = 15000;
const WAITS = "upstream-sign-out"; // in localStorage: who has signed out here without a connection

const counted = (number) => (number === 1 ? "1 note" : `${number} notes`);
const personOf = (form) => Number(form.dataset.person);

// Sends what the person who is signed in has kept, whatever page they are on.
export async function onEveryPage(forms) {
  const [form] = forms;
  const waits = localStorage.getItem(WAITS);
  if (waits) {
    localStorage.removeItem(WAITS);
    if (form && personOf(form) === Number(waits) && navigator.onLine) {
      form.dataset.wiped = "1";
      return form.requestSubmit();
    }
  }
  if (!form || !personOf(form) || document.querySelector("#note-form, [data-device]")) return; // which sends by itself
  const store = await DeviceStore.open(personOf(form));
  const send = () => !store.closed && sendAll(store).catch(() => {});
  window.addEventListener("online", send);
  send();
}

export async function signOut(form) {
  // What stands in the editor of this page is sealed first.
  const sealing = [];
  window.dispatchEvent(new CustomEvent("upstream-notes-flush", { detail: sealing }));
  await Promise.allSettled(sealing);
  const store = await DeviceStore.open(personOf(form)).catch(() => null);
  if (store) {
    const late = new Promise((resolve) => setTimeout(() => resolve({ problem: "server" }), PATIENCE));
    const { problem, message } = await Promise.race([sendAll(store), late]).catch(() => ({ problem: "server" }));
    const left = (await store.notes()).filter((note) => note.unsent);
    if (left.length && !(await choosesToLose(left, problem, message))) {
      store.close();
      return form.querySelector("button").focus();
    }
    if (await store.waitingOfOthers()) spare(form);
    await wipe(store);
  }
  form.dataset.wiped = "1";
  if (navigator.onLine) return form.requestSubmit();
  signOutLater(form);
}

// Another person's sealed notes stay until they come back: then the server must not have all that is stored cleared.
function spare(form) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "others", value: "kept" });
  form.append(field);
}

async function wipe(store) {
  const person = store.person;
  await store.wipe();
  for (const name of await caches.keys()) if (name.startsWith("upstream-notes ")) await caches.delete(name);
  const workers = (await navigator.serviceWorker?.getRegistrations()) || [];
  await Promise.all(workers.map((worker) => worker.unregister()));
  window.dispatchEvent(new CustomEvent("upstream-notes-wiped"));
  new BroadcastChannel("upstream-notes").postMessage({ wiped: person });
}

const WHY = {
  offline: "There is no connection, so they can’t be sent now.",
  server: "Upstream did not answer, so they can’t be sent now.",
  "signed-out": "You are signed out already. Sign in again to send them.",
  "other-person": "Somebody else has signed in meanwhile, so they can’t be sent now.",
};

// Shows what would be lost. Returns whether the person signs out all the same; the Escape key stays.
function choosesToLose(left, problem, message) {
  const dialog = document.createElement("dialog");
  dialog.className = "up-dialog";
  dialog.setAttribute("aria-labelledby", "sign-out-heading");
  dialog.setAttribute("aria-describedby", "sign-out-why");
  const put = (tag, className, text, id) => {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    if (id) element.id = id;
    return element;
  };
  const notes = left.length === 1 ? "1 note on this tablet has" : `${left.length} notes on this tablet have`;
  const why = message || WHY[problem] || "They lack something, or Upstream did not take them: the note page says what.";
  const stay = put("button", "govuk-button", "Stay signed in");
  const lose = put("button", "govuk-button govuk-button--warning", `Sign out and lose ${counted(left.length)}`);
  const buttons = put("div", "govuk-button-group", "");
  buttons.append(stay, lose);
  dialog.append(
    put("h2", "up-heading", `${notes} not been sent`, "sign-out-heading"),
    put("p", "govuk-body", `${why} Signing out wipes what this tablet keeps.`, "sign-out-why"),
    buttons,
  );
  document.body.append(dialog);
  dialog.showModal();
  stay.focus();
  return new Promise((resolve) => {
    let loses = false;
    stay.onclick = () => dialog.close();
    lose.onclick = () => {
      loses = true;
      dialog.close();
    };
    dialog.onclose = () => {
      dialog.remove();
      resolve(loses);
    };
  });
}

// Only Upstream can end the session: without a connection this device remembers that it is to be asked to.
function signOutLater(form) {
  localStorage.setItem(WAITS, form.dataset.person);
  window.addEventListener("online", () => form.requestSubmit());
  const heading = document.createElement("h1");
  heading.className = "up-answer";
  heading.textContent = "What this tablet kept is wiped";
  heading.tabIndex = -1;
  const said = document.createElement("p");
  said.className = "govuk-body";
  said.textContent =
    "Upstream ends your session when the connection returns. Until then, keep the tablet with you or lock it.";
  document.querySelector("main").replaceChildren(heading, said);
  heading.focus();
}
