// Sends what a device keeps: in the order written, each once, by one tab at a time.
//
// What is sent of a note is fixed (`pending`) before it goes, and stays the same until it is answered: an answer that
// was lost on its way is asked for again in the same words, which the server takes for the same.

const AT_ONCE = 50;
const TRIES = 3; // of a note that the server itself fails at, before those after it go ahead
const PATIENCE = 20000;

const SENT = ["kind", "line", "text", "activity", "source_type", "voice", "on", "share"];
const hasSame = (one, other) => SENT.every((name) => (one[name] ?? null) === (other[name] ?? null));

// Says whether a note may go: what the server refused waits for its author, as does one that lacks something.
export const isDue = (note) => Boolean(note.unsent && !note.refused && !note.stale && !lacks(note));

// Returns what must be chosen or written before Upstream can take a note, in words; or "".
export function lacks(note) {
  if (!note.text.trim()) return "Write the note";
  if (!note.kind) return "Choose what it is";
  if (!note.source_type && !note.activity) return "Choose the kind of source";
  return note.voice || note.activity ? "" : "Choose whose voice it is";
}

function payload(note) {
  const sent = { key: note.key, written_at: new Date(note.order).toISOString(), revision: note.revision ?? null };
  for (const name of SENT) sent[name] = note[name];
  return sent;
}

// Django's token, as it is now: it changes when somebody signs in again in another tab.
const token = () => (document.cookie.match(/(?:^|; )(?:__Host-csrf|csrftoken)=([^;]+)/) || [])[1] || "";

function post(url, body) {
  return fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-CSRFToken": token(), Accept: "application/json" },
    credentials: "same-origin",
    cache: "no-store",
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE),
  });
}

// Sends all that is due of a store's person. Returns {problem, message}: problem is "" where all went, else "offline",
// "server", "signed-out", "other-person" or "refused" (with the server's words).
export function sendAll(store) {
  const send = () => new Sending(store).run();
  return navigator.locks ? navigator.locks.request("upstream-notes-send", send) : send();
}

class Sending {
  constructor(store) {
    this.store = store;
    this.closed = new Set(); // reviews that take nothing of ours now
    this.passed = new Set(); // notes that the server fails at
    this.atOnce = AT_ONCE;
    this.renewed = false;
    this.problem = { problem: "", message: "" };
  }

  async run() {
    for (;;) {
      if (navigator.onLine === false) return { problem: "offline", message: "" };
      const due = (await this.store.notes()).filter(
        (note) => isDue(note) && !this.closed.has(note.send_url) && !this.passed.has(note.key),
      );
      if (!due.length) return this.problem;
      const batch = due.filter((note) => note.send_url === due[0].send_url).slice(0, this.atOnce);
      const fixed = await Promise.all(
        batch.map((note) =>
          this.store.change(note.key, (now) => now && { ...now, pending: now.pending ?? payload(now) }),
        ),
      );
      if (!(await this.#sent(fixed.filter(Boolean)))) return this.problem;
    }
  }

  // Returns whether to go on.
  async #sent(notes) {
    let response;
    try {
      response = await post(notes[0].send_url, {
        person: this.store.person,
        notes: notes.map((note) => note.pending),
      });
    } catch {
      return this.#stop("offline");
    }
    if (response.type === "opaqueredirect" || response.status === 401) return this.#stop("signed-out");
    if (response.status === 200) return this.#answered(notes, await response.json());
    const said = await response.json().catch(() => ({}));
    if (said.reason === "other-person") return this.#stop("other-person");
    if (response.status === 403 && !said.error && !this.renewed) return this.#renew(notes[0]);
    if (response.status === 403 || response.status === 404) {
      this.closed.add(notes[0].send_url);
      this.problem = { problem: "refused", message: said.error || "You are not on this review’s team now" };
      return true;
    }
    return this.#failed(notes, response.status, said.error);
  }

  #stop(problem) {
    this.problem = { problem, message: "" };
    return false;
  }

  // The token may be of an earlier sign-in: asking for anything of ours brings the one of now.
  async #renew(note) {
    this.renewed = true;
    try {
      const asked = await fetch(note.setup_url, { cache: "no-store", credentials: "same-origin", redirect: "manual" });
      return asked.ok || asked.status === 404 || asked.status === 403 ? true : this.#stop("signed-out");
    } catch {
      return this.#stop("offline");
    }
  }

  // One note alone may be what it fails at: they go one by one, and at last those after it.
  async #failed(notes, status, message) {
    this.problem = { problem: "server", message: "" };
    if (this.atOnce > 1 && notes.length > 1) {
      this.atOnce = 1;
      return status < 500;
    }
    const [note] = notes;
    if (status < 500) {
      const refused = { field: "", message: message || "Upstream could not read this note" };
      await this.store.change(note.key, (now) => now && { ...now, pending: null, refused });
      return true;
    }
    const failed = await this.store.change(note.key, (now) => now && { ...now, failed: (now.failed || 0) + 1 });
    if (!failed || failed.failed < TRIES) return false;
    this.passed.add(note.key);
    return true;
  }

  async #answered(notes, answer) {
    let any = false;
    const each = (list, fn) =>
      Promise.all(
        list.map((one) => {
          any = true;
          return this.store.change(one.key, (now) => now && fn(now, one));
        }),
      );
    const wasTaken = (now, taken) => {
      const unsent = !hasSame(payload(now), now.pending ?? payload(now));
      if (!unsent && !now.open) return null;
      const { revision, shared, late } = taken;
      return { ...now, revision, shared, late, unsent, pending: null, refused: null, stale: null, failed: 0 };
    };
    await each(answer.taken, wasTaken);
    await each(answer.refused, (now, { field, message }) => ({
      ...now,
      pending: null,
      refused: hasSame(payload(now), now.pending ?? payload(now)) ? { field, message } : null,
    }));
    await each(answer.stale, (now, theirs) =>
      theirs.text === now.pending?.text && hasSame({ ...payload(now), ...theirs, share: now.share }, now.pending)
        ? wasTaken(now, theirs)
        : { ...now, pending: null, stale: theirs },
    );
    // An answer about none of them would be asked for for ever.
    return any || this.#stop("server");
  }
}
