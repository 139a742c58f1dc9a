// The runs of this device, in the browser's own store (IndexedDB), so that a closed tab loses nothing. Mirrors
// playground/live/store.py. Where the browser has no store (some private windows), they last as long as the page.

import { Curve, Record } from "./record.js";

/**
 * A point that a run can be gone on from: its state after `step` steps.
 * @typedef {{ name: string, step: number, file: ArrayBuffer, at: number }} Point
 */

const NAME = "gan-playground";
const MOST_AGE = 30 * 24 * 3_600_000; // milliseconds that a run is kept
export const MOST_POINTS = 12; // of all runs: the oldest give way
const STORES = /** @type {const} */ (["records", "points"]);

/** The kept runs; `lasting`: whether they outlive the page. */
export class Kept {
  /** @param {IDBDatabase | null} database */
  constructor(database) {
    this.database = database;
    /**
     * What the database has no room for, or all where none is.
     * @type {{ records: Map<string, any>, points: Map<string, any> }}
     */
    this.held = { records: new Map(), points: new Map() };
  }

  /** What points there are, without their files, which are large. @type {Map<string, Omit<Point, "file">>} */
  index = new Map();

  /** Runs that were deleted all at once, as long as that can be undone: no store has their records any more.
   * @type {{ records: any[], index: Kept["index"] } | null}
   */
  aside = null;

  get lasting() {
    return this.database !== null;
  }

  /** Open the browser's store, and forget what is too old. */
  static async open() {
    const database = await openDatabase();
    const kept = new Kept(database);
    if (database) database.onclose = () => Object.assign(kept, { database: null }); // the browser has taken it away
    for (const { file: _, ...point } of await kept.#all("points")) kept.index.set(keyOf(point.name, point.step), point);
    await kept.#sweep();
    return kept;
  }

  /** All runs, in the order of their names. @returns {Promise<Record[]>} */
  async records() {
    const records = (await this.#all("records")).map(revived);
    return records.sort((a, b) => a.name.localeCompare(b.name));
  }

  /** All points without their files, in the order of names and steps. @returns {Promise<Omit<Point, "file">[]>} */
  async points() {
    return [...this.index.values()].sort((a, b) => a.name.localeCompare(b.name) || a.step - b.step);
  }

  /**
   * The state at a point; null where it is gone.
   * @param {string} name
   * @param {number} step
   * @returns {Promise<ArrayBuffer | null>}
   */
  async file(name, step) {
    return (await this.#get(keyOf(name, step)))?.file ?? null;
  }

  /**
   * Keep a run as it stands, and a point of it; `replaces` is a step whose point the new one stands for. Says whether
   * the store had room: what it has none for lasts as long as the page.
   * @param {Record} record
   * @param {{ step: number, file: ArrayBuffer } | null} [point]
   * @param {number | null} [replaces]
   */
  async keep(record, point = null, replaces = null) {
    const fits = await this.#put("records", record.name, { ...record, kept: Date.now() });
    if (!point) return fits;
    const known = { name: record.name, ...point, at: Date.now() };
    const pointFits = await this.#put("points", keyOf(record.name, point.step), known);
    // Where the new point does not outlive the page, one that does stays.
    const old = replaces === null || replaces === point.step ? null : keyOf(record.name, replaces);
    if (old && (pointFits || this.held.points.has(old))) await this.#delete("points", old);
    const points = [...this.index.values()].sort((a, b) => b.at - a.at || b.step - a.step);
    for (const { name, step } of points.slice(MOST_POINTS)) await this.#delete("points", keyOf(name, step));
    return fits && pointFits;
  }

  /** Forget a run and all its points. @param {string} name */
  async drop(name) {
    await this.#delete("records", name);
    for (const point of await this.points()) {
      if (point.name === name) await this.#delete("points", keyOf(name, point.step));
    }
  }

  /** Forget all runs, so that `takeBack` can undo it until `discard`: their points' files, which are large, stay. */
  async setAside() {
    const records = await this.#all("records");
    if (!records.length) return; // a second click: what the first one has set aside stays
    await this.discard();
    this.aside = { records, index: this.index };
    this.index = new Map();
    for (const { name } of records) await this.#delete("records", name);
  }

  /** Undo `setAside`, for all that is still there: another tab may have been opened meanwhile. */
  async takeBack() {
    const { records, index } = this.aside ?? { records: [], index: [] };
    this.aside = null;
    const there = [...((await this.#keys("points")) ?? []), ...this.held.points.keys()];
    for (const [key, point] of index) if (there.includes(key)) this.index.set(key, point);
    const names = new Set((await this.points()).map(({ name }) => name));
    for (const record of records) if (names.has(record.name)) await this.#put("records", record.name, record);
  }

  /** Forget for good what was set aside. */
  async discard() {
    const keys = this.aside?.index.keys() ?? [];
    this.aside = null;
    for (const key of keys) if (!this.index.has(key)) await this.#delete("points", key);
  }

  /** Forget what is too old, and points whose run was forgotten when this browser's last page was closed. */
  async #sweep() {
    const old = (await this.#all("records")).filter(({ kept }) => Date.now() - kept > MOST_AGE);
    for (const { name } of old) await this.drop(name);
    const names = await this.#keys("records");
    for (const { name, step } of names ? await this.points() : []) {
      if (!names.includes(name)) await this.#delete("points", keyOf(name, step));
    }
  }

  /** The keys of all that the database holds; nothing where it cannot be read. @param {"records" | "points"} store */
  async #keys(store) {
    return this.#ask(store, "readonly", (objects) => objects.getAllKeys()).catch(lost);
  }

  /** @param {"records" | "points"} store @returns {Promise<any[]>} */
  async #all(store) {
    const held = [...this.held[store].values()];
    if (!this.database) return held;
    const kept = (await this.#ask(store, "readonly", (objects) => objects.getAll()).catch(lost)) ?? [];
    return [...kept.filter((/** @type {any} */ one) => !held.some((other) => same(one, other))), ...held];
  }

  /** @param {string} key @returns {Promise<any>} */
  async #get(key) {
    return this.held.points.get(key) ?? this.#ask("points", "readonly", (objects) => objects.get(key)).catch(lost);
  }

  /**
   * @param {"records" | "points"} store
   * @param {string} key
   * @param {object} value
   */
  async #put(store, key, value) {
    if (store === "points") {
      const { file: _, ...point } = /** @type {Point} */ (value);
      this.index.set(key, point);
    }
    try {
      if (this.database) {
        await this.#ask(store, "readwrite", (objects) => objects.put(value, key));
        this.held[store].delete(key);
        return true;
      }
    } catch {
      // it is full
    }
    this.held[store].set(key, structuredClone(value));
    return !this.database;
  }

  /**
   * @param {"records" | "points"} store
   * @param {string} key
   */
  async #delete(store, key) {
    this.held[store].delete(key);
    if (store === "points") this.index.delete(key);
    await this.#ask(store, "readwrite", (objects) => objects.delete(key)).catch(lost);
  }

  /**
   * @param {"records" | "points"} store
   * @param {IDBTransactionMode} mode
   * @param {(objects: IDBObjectStore) => IDBRequest} what
   * @returns {Promise<any>}
   */
  #ask(store, mode, what) {
    const { database } = this;
    if (!database) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const request = what(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
    });
  }
}

/** A store that has gone since it was opened: what it held is not there. */
const lost = () => null;

/** Whether two stored things stand at one place. @param {any} one @param {any} other */
const same = (one, other) => one.name === other.name && ("file" in one ? one.step === other.step : true);

/** @param {string} name @param {number} step */
const keyOf = (name, step) => `${name}:${step}`;

/** A record as it was before it was kept. @param {any} known */
function revived({ kept: _, curve, name, config, ...known }) {
  return Object.assign(new Record(name, config), known, { curve: Object.assign(new Curve(), curve) });
}

/** @returns {Promise<IDBDatabase | null>} */
function openDatabase() {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        for (const store of STORES) request.result.createObjectStore(store);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => resolve(null);
    } catch {
      resolve(null); // it is forbidden
    }
  });
}
