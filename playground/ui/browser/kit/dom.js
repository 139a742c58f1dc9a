// Elements of the page: made in one line each, with words that follow the page's language. Knows no tab, and of the
// page only what a choice of forger or a folded part needs.

/** @import { About, Epoch, Options, Say, State, View } from "../types.d.ts" */

const MOST = 16; // letters of a file's name where a forger is called by it

/**
 * An element. `say` and `name` are keys of its text and of its name for screen readers; `on` are its listeners.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Options<K>} [options]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, options = {}, ...children) {
  const { say, name, on = {}, ...attributes } = options;
  const element = document.createElement(tag);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (attribute in element && typeof value === "boolean") Object.assign(element, { [attribute]: value });
    else if (value !== undefined && value !== null) element.setAttribute(attribute, String(value));
  }
  if (say) element.dataset.say = say;
  if (name) element.dataset.name = name;
  for (const [event, listener] of Object.entries(on)) {
    element.addEventListener(event, /** @type {EventListener} */ (listener));
  }
  element.append(...children);
  return element;
}

/**
 * The first element below `root` that a selector names. Throws an Error where there is none.
 * @template {keyof HTMLElementTagNameMap} K
 * @overload
 * @param {ParentNode} root
 * @param {K} selector
 * @returns {HTMLElementTagNameMap[K]}
 */
/**
 * @overload
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
/**
 * @param {ParentNode} root
 * @param {string} selector
 */
export function part(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
}

/**
 * Put every element below `root` that has a key into words. Keys may bring values: `epoch|{"epoch": 100}`.
 * @param {ParentNode} root
 * @param {Say} say
 */
export function speak(root, say) {
  for (const element of root.querySelectorAll("[data-say]")) setText(element, worded(element, "data-say", say));
  for (const element of root.querySelectorAll("[data-name]")) {
    const name = worded(element, "data-name", say);
    element.setAttribute("aria-label", name);
    element.setAttribute("title", name);
  }
}

/**
 * @param {Element} element
 * @param {string} attribute
 * @param {Say} say
 */
const worded = (element, attribute, say) => inWords(element.getAttribute(attribute) ?? "", say);

/**
 * What a key says that may bring values.
 * @param {string} keyed
 * @param {Say} say
 */
export const inWords = (keyed, say) => say(...parse(keyed));

/**
 * A key with values, as `speak` reads it.
 * @param {string} name
 * @param {Record<string, unknown>} values
 */
export const key = (name, values) => `${name}|${JSON.stringify(values)}`;

/**
 * @param {string} keyed
 * @returns {[string, Record<string, unknown>]}
 */
const parse = (keyed) => {
  const [name] = keyed.split("|", 1);
  return [name, JSON.parse(keyed.slice(name.length + 1) || "{}")]; // values may hold a stranger's text, and any "|"
};

/**
 * Change an element's text only where it differs, so that a frame that changes nothing costs nothing. The text's own
 * node stays: for a new one, a browser would look whether what any `:has()` asks has changed.
 * @param {Node} element
 * @param {string} text
 */
export function setText(element, text) {
  const { firstChild: node } = element;
  if (node instanceof Text && !node.nextSibling) {
    if (node.data !== text) node.data = text;
  } else if (element.textContent !== text) element.textContent = text;
}

/**
 * Hide an element or show it, only where it is not so already: written anew, a browser styles much of the page anew.
 * @param {HTMLElement} element
 * @param {boolean} hidden
 */
export function setHidden(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/**
 * The same for an attribute.
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * Give an element these children, unless it has exactly them. Returns whether it was changed.
 * @param {ParentNode} parent
 * @param {readonly Node[]} children
 */
export function replaceChildrenIfChanged(parent, children) {
  const { children: now, childElementCount } = parent;
  if (childElementCount === children.length && children.every((child, i) => now[i] === child)) return false;
  parent.replaceChildren(...children);
  return true;
}

/**
 * Put a widget into words, now and whenever the page's language changes; `draw` does what words below `element` do not.
 * @param {View} view
 * @param {() => void} draw
 */
export function keepWorded({ element, say, onLanguage }, draw) {
  const words = () => {
    speak(element, say);
    draw();
  };
  onLanguage(words);
  words();
}

/**
 * Fields for one whole number between `low` and `high`, of which `scale` make one of what is shown: a number field,
 * with `range` a slider before it. `id` names the pair, `say` its label. `change` gets what a hand sets, `commit` hears
 * when the hand is done, and what is not allowed is said under the fields (key `refused`) and changes nothing.
 * @param {{
 *   id: string, say: string, low: number, high: number, scale?: number, range?: boolean, view: View,
 *   change: (value: number) => void, commit: (control: string) => void,
 * }} quantity
 */
export function quantity({ id, say, low, high, scale = 1, range = true, view, change, commit }) {
  const limits = { low: low / scale, high: high / scale };
  const refused = h("p", { class: "refused", role: "alert", hidden: true });
  /** @param {{ currentTarget: HTMLInputElement }} event */
  const take = ({ currentTarget: { value } }) => {
    const number = Math.round(Number(value) * scale);
    const allowed = number >= low && number <= high && (scale > 1 || Number(value) === number);
    setHidden(refused, value === "" || allowed); // empty: somebody is typing
    if (refused.hidden) {
      if (value !== "") change(number);
      return;
    }
    const why = { field: inWords(say, view.say), got: value, ...limits };
    setText(refused, view.say(scale > 1 ? "refused" : "refused_whole", why));
  };
  const on = { input: take, change: () => commit(id) };
  const attributes = { min: limits.low, max: limits.high, step: 1 / scale, name: say, on };
  const fields = [h("input", { type: "number", inputmode: "decimal", ...attributes })];
  if (range) fields.unshift(h("input", { type: "range", ...attributes }));
  const value = h("output", { class: "value", "aria-hidden": "true" }); // where there is no room for the number field
  const element = h("div", { id, class: "quantity" }, h("span", { class: "label", say }), value, ...fields, refused);
  view.onLanguage(() => {
    setHidden(refused, true);
  });
  const hold = keepTyped(element, fields, refused, scale, (value) => {
    change(value);
    commit(id);
  });
  const show = (/** @type {number} */ number) => setText(value, hold(number));
  const limit = (/** @type {number} */ most) => {
    for (const field of fields) field.max = String(most / scale);
  };
  return { element, show, limit };
}

/**
 * What shows a value in fields, but never under the fingers of somebody who types. What was typed before something that
 * is not allowed is no wish: 100, on the way to 1000, is taken back when the fields are left.
 * @param {HTMLElement} element
 * @param {readonly HTMLInputElement[]} fields
 * @param {HTMLElement} refused
 * @param {number} scale
 * @param {(value: number) => void} takeBack
 */
function keepTyped(element, fields, refused, scale, takeBack) {
  let shown = "";
  let before = "";
  element.addEventListener("focusin", () => {
    before = shown;
  });
  element.addEventListener("focusout", () => {
    if (!refused.hidden) takeBack(Math.round(Number(before) * scale));
    for (const field of fields) field.value = refused.hidden ? shown : before;
  });
  return (/** @type {number} */ value) => {
    shown = String(Number((value / scale).toFixed(4)));
    for (const field of fields) {
      const typing = field === document.activeElement && (field.value === "" || !refused.hidden);
      if (!typing && (field.value === "" || Number(field.value) !== Number(shown))) field.value = shown;
    }
    return shown;
  };
}

/**
 * A choice of one of `values`: `say(value)` is the key of its words, `choose(value)` hears which.
 * @template {string | number} V
 * @param {{
 *   id: string, legend: string, values: readonly V[], say: (value: V) => string, choose: (value: V) => void,
 * }} radios
 */
export function radios({ id, legend, values, say, choose }) {
  const buttons = values.map((value) => {
    const radio = h("input", { type: "radio", value, on: { change: () => choose(value) } });
    radio.name = `choice-of-${id}`;
    return radio;
  });
  const labels = buttons.map((radio, i) => h("label", {}, radio, h("span", { say: say(values[i]) })));
  const element = h("fieldset", { id, class: "radios" }, h("legend", { say: legend }), ...labels);
  const show = (/** @type {V} */ value) => {
    for (const radio of buttons) radio.checked = radio.value === String(value);
  };
  return { element, show };
}

/** @typedef {{ key: Epoch, about: About }} Named a forger, as far as its name goes */

/**
 * The choice of a forger: made anew when one joins or leaves.
 * @param {{
 *   id: string, legend: string, forgers: { all: Map<Epoch, Named> }, choose: (epoch: Epoch) => void, view: View,
 * }} choice
 */
export function forgerChoice({ id, legend, forgers, choose, view }) {
  const box = h("div");
  let known = "";
  /** @type {ReturnType<typeof radios<Epoch>> | null} */
  let made = null;
  return {
    element: box,
    show(/** @type {Epoch} */ chosen) {
      const names = new Map([...forgers.all].map(([epoch, forger]) => [epoch, forgerName(forger)]));
      const now = [...names.values()].join();
      if (!made || known !== now) {
        known = now;
        made = radios({ id, legend, values: [...names.keys()], choose, say: (epoch) => names.get(epoch) ?? "" });
        box.replaceChildren(made.element);
        speak(box, view.say);
      }
      made.show(chosen);
    },
  };
}

/**
 * The key of a forger's short name: its epoch, or of a visitor's own the run that it comes from, else its file.
 * @param {Named} forger
 */
export function forgerName({ key: epoch, about: { run, name = "" } }) {
  if (epoch !== "own") return key("epoch_short", { epoch });
  if (run) return key("own_run", { ...run, step: run.step.toLocaleString("en") });
  const letters = [...name.replace(/\.safetensors$/, "")];
  return key("own_file", { file: letters.length > MOST ? `${letters.slice(0, MOST).join("")}…` : letters.join("") });
}

/**
 * A folded part whose being open is a bit of the state's `folds`. What it returns says whether it is open just now.
 * @param {HTMLDetailsElement} element
 * @param {number} bit
 * @param {{ state: State, set: (changes: Partial<State>) => void, commit: (control: string) => void }} page
 */
export function fold(element, bit, page) {
  const follow = () => {
    const folds = element.open ? page.state.folds | bit : page.state.folds & ~bit;
    if (folds === page.state.folds) return;
    page.set({ folds });
    page.commit("folds");
  };
  element.addEventListener("toggle", follow);
  if (element.open) follow(); // a hand was quicker than this script
  /** @type {boolean | null} */
  let shown = null; // a frame may come between a click and its `toggle`: only what the state has changed is followed
  return (/** @type {State} */ state) => {
    const open = Boolean(state.folds & bit);
    if (open !== shown) element.open = shown = open;
    return open;
  };
}
