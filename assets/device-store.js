// What a device keeps of evidence notes until Upstream has them: sealed, each person's apart.
//
// Every record is encrypted (AES-GCM, 256 bits) under a key of its person that scripts can use and not read out.
// What that does: no note stands readable in the browser's database, in its files or in a backup of them; a record
// can't be given to another person or put in another's place; with the key deleted, what a disk still holds of old
// records is noise. What it does not: whoever has the unlocked tablet, with this browser signed in or not, can use
// the key as we do; so the lock of the tablet's screen comes first, and signing out deletes key and records.
// In the clear stand: whose record it is (a number), its place in the order written, whether it is yet to be sent.
//
// No imports, and `export` at the beginning of a line only: build.sh puts this file in front of the worker's.

const NAME = "upstream-notes";
const MARK = "upstream-notes"; // in localStorage, where it can be asked for at once: this device keeps something
const KEPT_AT_MOST = 90 * 24 * 60 * 60 * 1000; // of somebody who never came back

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function over(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

function connect() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("keys", { keyPath: "person" });
    request.result.createObjectStore("records", { keyPath: "id" }).createIndex("person", "person");
    request.result.createObjectStore("last", { keyPath: "id" });
  };
  return answered(request);
}

function mark(kept) {
  try {
    if (kept) localStorage.setItem(MARK, "1");
    else localStorage.removeItem(MARK);
  } catch {
    // A worker has none, and a page may be refused it: then signing out wipes by the server's header alone.
  }
}

// Says at once whether this device keeps anything of anybody.
export function keepsNotes() {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return false;
  }
}

// Returns whose notes were last written here, or null: all that a page opened without a connection can know.
export async function lastPerson() {
  const database = await connect();
  const last = await answered(database.transaction("last").objectStore("last").get("person"));
  database.close();
  return last ? last.person : null;
}

export class DeviceStore {
  // Opens the store of a person (their number), with a key made once. Rejects where the browser keeps nothing.
  static async open(person) {
    const database = await connect();
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const transaction = database.transaction(["keys", "last", "records"], "readwrite");
    const keys = transaction.objectStore("keys");
    const held = await answered(keys.get(person));
    if (!held) keys.put({ person, key: made });
    transaction.objectStore("last").put({ id: "person", person });
    await over(transaction);
    mark(true);
    const store = new DeviceStore(database, person, held ? held.key : made);
    await store.forgetOld();
    return store;
  }

  constructor(database, person, key) {
    this.database = database;
    this.person = person;
    this.key = key;
    this.closed = false;
    database.onversionchange = () => this.close(); // another tab wipes
  }

  close() {
    this.closed = true;
    this.database.close();
  }

  // Returns this person's notes in the order written. One that can't be opened stays where it is.
  async notes() {
    const records = (await this.#records()).filter((record) => record.kind === "note");
    records.sort((one, other) => one.order - other.order);
    const notes = await Promise.all(records.map((record) => this.#opened(record).catch(() => null)));
    return notes.filter(Boolean);
  }

  // Returns how many records of other people wait here to be sent.
  async waitingOfOthers() {
    const records = await answered(this.database.transaction("records").objectStore("records").getAll());
    return records.filter((record) => record.person !== this.person && record.unsent).length;
  }

  // Changes a note by what `fn` makes of it (null where there is none yet; returning null removes it). `fn` is asked
  // again where another tab was quicker, so it only calculates. Returns the note as it is then.
  change(key, fn) {
    return this.#change(key, "note", fn);
  }

  // Returns what a note page needs to know of a review, as it was last read with a connection; or undefined.
  async setup(review) {
    return (await this.#setups())[review];
  }

  async keepSetup(setup) {
    await this.#change(`setups of ${this.person}`, "setups", (all) => ({ ...all, [setup.reference]: setup }));
  }

  // Deletes all of this person's, the key first; and the database, where nobody else has anything in it.
  async wipe() {
    const transaction = this.database.transaction(["keys", "last", "records"], "readwrite");
    transaction.objectStore("keys").delete(this.person);
    const records = transaction.objectStore("records");
    for (const id of await answered(records.index("person").getAllKeys(this.person))) records.delete(id);
    const last = transaction.objectStore("last");
    const was = await answered(last.get("person"));
    if (was && was.person === this.person) last.delete("person");
    const left = await answered(records.count());
    await over(transaction);
    this.close();
    if (left) return;
    mark(false);
    const deleting = indexedDB.deleteDatabase(NAME);
    deleting.onblocked = () => {}; // by a tab that is closing: it goes when that has gone, and is empty meanwhile
    await Promise.race([answered(deleting), new Promise((resolve) => setTimeout(resolve, 1000))]);
  }

  async forgetOld() {
    const transaction = this.database.transaction("records", "readwrite");
    const records = transaction.objectStore("records");
    for (const record of await answered(records.getAll())) {
      if (record.touched < Date.now() - KEPT_AT_MOST) records.delete(record.id);
    }
    await over(transaction);
  }

  async #setups() {
    const record = await answered(this.#read().get(`setups of ${this.person}`));
    return record ? this.#opened(record).catch(() => ({})) : {};
  }

  #read() {
    return this.database.transaction("records").objectStore("records");
  }

  #records() {
    return answered(this.#read().index("person").getAll(this.person));
  }

  async #change(id, kind, fn) {
    for (;;) {
      // A transaction ends while something is sealed: so it is read, sealed, and put only where nobody else has
      // been meanwhile.
      const before = await answered(this.#read().get(id));
      if (before && before.person !== this.person) throw new Error("another person's");
      const content = fn(before ? await this.#opened(before) : null);
      const order = before ? before.order : await this.#next();
      if (content && kind === "note") content.order = order;
      const sealed = content && (await this.#sealed(id, kind, order, content));
      const transaction = this.database.transaction(["keys", "records"], "readwrite");
      const records = transaction.objectStore("records");
      const [now, key] = await Promise.all([
        answered(records.get(id)),
        answered(transaction.objectStore("keys").getKey(this.person)),
      ]);
      if (key === undefined) throw new Error("wiped");
      const edit = before ? before.edit : 0;
      if ((now ? now.edit : 0) !== edit) continue;
      if (sealed) records.put({ ...sealed, edit: edit + 1 });
      else records.delete(id);
      await over(transaction);
      return content;
    }
  }

  // The moment is the place in the order: where a tablet's clock goes back, the next still comes after the last.
  async #next() {
    const orders = (await this.#records()).map((record) => record.order);
    return Math.max(Date.now(), ...orders.map((order) => order + 1));
  }

  #about(id, kind) {
    return new TextEncoder().encode(JSON.stringify([this.person, kind, id]));
  }

  async #sealed(id, kind, order, content) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(content));
    const how = { name: "AES-GCM", iv, additionalData: this.#about(id, kind) };
    const data = await crypto.subtle.encrypt(how, this.key, plain);
    return { id, kind, person: this.person, order, unsent: Boolean(content.unsent), touched: Date.now(), iv, data };
  }

  async #opened(record) {
    const how = { name: "AES-GCM", iv: record.iv, additionalData: this.#about(record.id, record.kind) };
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, this.key, record.data)));
  }
}
