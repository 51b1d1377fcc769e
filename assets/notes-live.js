// Shows what the team shares as it shares it, while the page is looked at.

const EVERY = 4000, AT_MOST = 60000;
const SPEAK_AT_MOST_EVERY = 20000;

// Asks `url` for what is new since the page was made. `show(notes, gone)` puts it on the page, `told` hears how many
// came; `needed` is the element of what is still needed, if there is one; `locked` is called once the notes are.
export function watch({ url, from = null, show, needed, locked }) {
  let cursor = from, etag = null, pause = EVERY, timer = null, asking = false, wasLocked = false;
  const speak = speaker();

  async function ask() {
    if (asking || document.visibilityState !== "visible") return;
    asking = true;
    try {
      await answered(await asked());
      pause = EVERY;
    } catch {
      pause = Math.min(pause * 2, AT_MOST);
    } finally {
      asking = false;
      clearTimeout(timer);
      timer = setTimeout(ask, pause);
    }
  }

  function asked() {
    const where = new URL(url, location.href);
    if (cursor !== null) where.searchParams.set("after", cursor);
    // Not kept by the browser either: the mark of what we have goes with the question instead.
    const headers = etag ? { "If-None-Match": etag } : {};
    return fetch(where, { headers, cache: "no-store", credentials: "same-origin", redirect: "manual" });
  }

  async function answered(response) {
    if (response.status === 304) return;
    if (!response.ok) throw new Error(response.status);
    const news = await response.json();
    etag = cursor === news.cursor ? response.headers.get("ETag") : null;
    cursor = news.cursor;
    if (needed && news.needed_html && needed.dataset.shown !== news.needed_html) {
      needed.dataset.shown = news.needed_html;
      needed.innerHTML = news.needed_html;
    }
    const notes = news.notes || [];
    if (notes.length || (news.gone || []).length) speak(await show(notes, news.gone || []));
    if (news.locked && !wasLocked) locked?.();
    wasLocked = Boolean(news.locked);
    if (news.more) await answered(await asked());
  }

  document.addEventListener("visibilitychange", ask);
  window.addEventListener("online", ask);
  window.addEventListener("upstream-notes-sent", ask); // one's own stands among the team's at once
  ask();
}

const shownAs = new Map(); // the number of a note: as it was last put here

// Puts notes in front of what `list` shows, or in the place of what they were; returns how many are new to it.
export function putInFront(list, notes, gone, most = Infinity) {
  const made = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    return holder.content.firstElementChild;
  };
  let fresh = 0;
  for (const pk of gone) document.getElementById(`note-${pk}`)?.remove();
  for (const { pk, html } of notes) {
    if (shownAs.get(pk) === html) continue;
    shownAs.set(pk, html);
    const element = made(html);
    const before = document.getElementById(`note-${pk}`);
    if (before) {
      if (!before.contains(document.activeElement)) before.replaceWith(element);
      continue;
    }
    list.prepend(element);
    fresh += 1;
  }
  const shown = [...list.children].filter((each) => each.id.startsWith("note-"));
  for (const extra of shown.slice(most)) if (!extra.contains(document.activeElement)) extra.remove();
  list.parentElement.querySelectorAll("[data-none]").forEach((none) => (none.hidden = shown.length > 0));
  return fresh;
}

// A list that shows a selection is asked for anew, as the server selects it; what is ticked stays. Returns how many of
// its notes were not there.
export async function showAnew(found) {
  const response = await fetch(location.href, { cache: "no-store", credentials: "same-origin", redirect: "error" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const now = page.getElementById("notes-found");
  if (!now) return 0;
  document.querySelector("h1").textContent = page.querySelector("h1").textContent;
  const [list, anew] = [found, now].map((each) => each.querySelector("ol"));
  const before = new Set([...found.querySelectorAll("li[id]")].map((each) => each.id));
  const fresh = [...now.querySelectorAll("li[id]")].filter((each) => !before.has(each.id)).length;
  if (!list || !anew) found.replaceChildren(...now.childNodes);
  else mergeInto(list, anew);
  return fresh;
}

function mergeInto(list, anew) {
  const wanted = [...anew.children];
  for (const each of [...list.children]) if (!wanted.some(({ id }) => id === each.id)) each.remove();
  for (const [place, element] of wanted.entries()) {
    let stands = document.getElementById(element.id);
    if (stands && stands.innerHTML !== element.innerHTML && !stands.contains(document.activeElement)) {
      const ticked = stands.querySelector("input:checked");
      stands.replaceChildren(...element.childNodes);
      if (ticked) stands.querySelector("input").checked = true;
    }
    stands ??= element;
    if (list.children[place] !== stands) list.insertBefore(stands, list.children[place] ?? null);
  }
}

// Reads out how many came, and not each: now and then, with what came in between.
function speaker() {
  const said = document.createElement("p");
  said.className = "govuk-visually-hidden";
  said.setAttribute("role", "status");
  document.querySelector("main").append(said);
  let waiting = 0, last = 0, timer = null;
  const say = () => {
    said.textContent = waiting === 1 ? "1 new note of the team" : `${waiting} new notes of the team`;
    waiting = 0;
    last = Date.now();
    timer = null;
  };
  return (fresh) => {
    waiting += fresh;
    if (waiting && !timer) timer = setTimeout(say, Math.max(0, last + SPEAK_AT_MOST_EVERY - Date.now()));
  };
}
