// Moving what is on a timetable: drag its handle with a mouse, pen or finger, or press the arrow keys on it. Without
// this script the handle is a link to a form that does the same. The server lays the timetable out; here it is fetched.
const table = document.querySelector("[data-timetable]");
const said = document.querySelector("[data-said]");
const head = document.querySelector("[data-timetable-head]");
const token = document.querySelector("[data-move-token] input");
const HALF_HOUR = 30, FAR_ENOUGH = 6, LAST_MINUTE = 24 * 60 - 1;
const EDGE = 60, STEP = 24;
const READ = { cache: "no-store", credentials: "same-origin" };

const cardOf = (element) => element.closest("[data-activity]");
const dayOf = (element) => element.closest("[data-day]").dataset.day;
const handleOf = (key) => table.querySelector(`[data-activity="${key}"] [data-handle]`);
const minutes = (time) => time.split(":").reduce((hours, rest) => Number(hours) * 60 + Number(rest), 0);
const time = (total) => [Math.floor(total / 60), total % 60].map((part) => String(part).padStart(2, "0")).join(":");
const days = () => [...table.querySelectorAll("[data-day]")].map((each) => each.dataset.day).sort();

function tell(words) {
  // The same words again are said again.
  said.textContent = "";
  requestAnimationFrame(() => (said.textContent = words));
}

// One move after the other: each is sent with the revision that the one before it left.
let last = Promise.resolve();
function move(key, choose) {
  last = last.then(async () => {
    const card = table.querySelector(`[data-activity="${key}"]`);
    const to = card && choose(card);
    if (!to) return;
    const body = new URLSearchParams({
      csrfmiddlewaretoken: token.value,
      on_day: to.day,
      starts_at: to.starts,
      revision: card.dataset.revision,
    });
    try {
      const answer = await fetch(card.querySelector("[data-handle]").href, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      const about = answer.headers.get("Content-Type") || "";
      if (!about.startsWith("application/json")) throw new Error(String(answer.status));
      const { message } = await answer.json();
      if (answer.ok || answer.status === 409) await show(key);
      tell(message);
    } catch {
      tell("Not moved: it could not be sent. Check the connection, or sign in again, and try once more.");
    }
  });
  return last;
}

async function show(key) {
  const focused = document.activeElement === handleOf(key) || document.activeElement === document.body;
  const page = new DOMParser().parseFromString(await (await fetch(location.href, READ)).text(), "text/html");
  const now = page.querySelector("[data-timetable]");
  if (!now) return location.reload();
  table.className = now.className;
  table.replaceChildren(...now.childNodes);
  head.replaceChildren(...page.querySelector("[data-timetable-head]").childNodes);
  table.classList.add("up-timetable--live");
  if (focused) handleOf(key)?.focus();
}

// By keys.

const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

table.addEventListener("keydown", (event) => {
  const handle = event.target.closest("[data-handle]");
  const way = WAYS[event.key];
  if (!handle || !way || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  move(cardOf(handle).dataset.activity, (card) => beside(card, way));
});

function beside(card, [byDay, byHalfHour]) {
  const every = days();
  const day = every[every.indexOf(dayOf(card)) + byDay];
  const starts = minutes(card.dataset.starts) + byHalfHour * HALF_HOUR;
  if (!day) return tell(byDay < 0 ? "This is the first day." : "This is the last day.");
  if (starts < 0 || starts > LAST_MINUTE) return tell("The day ends here.");
  return { day, starts: time(starts) };
}

// By drag.

let held = null;
let dropped = false;

table.addEventListener("click", (event) => {
  if (dropped) event.preventDefault();
});

table.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button !== 0 || event.ctrlKey || event.metaKey) return;
  held = { key: cardOf(handle).dataset.activity, handle, x: event.clientX, y: event.clientY, far: false, over: null };
  handle.setPointerCapture(event.pointerId);
});

table.addEventListener("pointermove", (event) => {
  if (!held) return;
  if (!held.far && Math.hypot(event.clientX - held.x, event.clientY - held.y) < FAR_ENOUGH) return;
  if (!held.far) {
    held.far = true;
    document.body.classList.add("up-dragging");
    cardOf(held.handle).classList.add("up-card--held");
  }
  event.preventDefault();
  scrollAtTheEdge(event.clientY);
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-slot]");
  if (under === held.over) return;
  held.over?.classList.remove("up-half--over");
  held.over = under && table.contains(under) ? under : null;
  held.over?.classList.add("up-half--over");
});

// What is beyond the window comes in when the pointer nears its edge.
function scrollAtTheEdge(y) {
  if (y < EDGE) window.scrollBy(0, -STEP);
  else if (y > window.innerHeight - EDGE) window.scrollBy(0, STEP);
}

table.addEventListener("pointerup", () => {
  if (!held) return;
  const { key, handle, far, over } = held;
  letGo();
  if (!far) return;
  // The press ends in a click, which would open the form.
  dropped = true;
  setTimeout(() => (dropped = false), 0);
  if (over && !over.contains(handle)) move(key, () => ({ day: dayOf(over), starts: over.dataset.slot }));
});
table.addEventListener("pointercancel", letGo);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && held) letGo();
});

function letGo() {
  if (!held) return;
  held.over?.classList.remove("up-half--over");
  cardOf(held.handle)?.classList.remove("up-card--held");
  document.body.classList.remove("up-dragging");
  held = null;
}

// What a browser drags by itself is a link's address: not wanted here.
table.addEventListener("dragstart", (event) => event.preventDefault());

table.classList.add("up-timetable--live");
