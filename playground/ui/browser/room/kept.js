// What a browser keeps for the room, also where its store is forbidden: then as long as the page.

/** @type {Map<string, string>} */
const instead = new Map();

export const kept = {
  /** What stands under a name, an object. @param {string} name @returns {any} */
  get(name) {
    try {
      return JSON.parse(localStorage.getItem(name) ?? instead.get(name) ?? "{}") ?? {};
    } catch {
      return JSON.parse(instead.get(name) ?? "{}");
    }
  },
  /** @param {string} name @param {object} what */
  set(name, what) {
    try {
      localStorage.setItem(name, JSON.stringify(what));
    } catch {
      instead.set(name, JSON.stringify(what));
    }
  },
  /** @param {string} name */
  remove(name) {
    instead.delete(name);
    try {
      localStorage.removeItem(name);
    } catch {
      // there is nothing
    }
  },
};
