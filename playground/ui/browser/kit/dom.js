// Elements of the page: made in one line each, with words that follow the page's language.

/**
 * An element. `say` and `name` are keys of its text and of its name for screen readers; `on` are its listeners.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [options]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, { say, name, on = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in element && typeof value === "boolean") element[key] = value;
    else if (value !== undefined && value !== null) element.setAttribute(key, value);
  }
  if (say) element.dataset.say = say;
  if (name) element.dataset.name = name;
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(...children);
  return element;
}

/** Put every element below `root` that has a key into words. Keys may bring values: `epoch|{"epoch": 100}`. */
export function speak(root, say) {
  const text = (key) => say(...parse(key));
  for (const element of root.querySelectorAll("[data-say]")) setText(element, text(element.dataset.say));
  for (const element of root.querySelectorAll("[data-name]")) {
    element.setAttribute("aria-label", text(element.dataset.name));
    element.title = text(element.dataset.name);
  }
}

/** A key with values, as `speak` reads it. */
export const key = (name, values) => `${name}|${JSON.stringify(values)}`;

/** Change an element's text only where it differs, so that a frame that changes nothing costs nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Fields for one whole number between `low` and `high`, of which `scale` make one of what is shown: a number field,
 *  with `range` a slider before it. `id` names the pair, `say` its label. `change` gets what a hand sets, `commit` hears
 *  when the hand is done, and what is not allowed is said under the fields (key `refused`) and changes nothing. */
export function quantity({ id, say, low, high, scale = 1, range = true, view, change, commit }) {
  const limits = { low: low / scale, high: high / scale };
  const refused = h("p", { class: "refused", role: "alert", hidden: true });
  const take = ({ target }) => {
    const shown = Number(target.value),
      number = Math.round(shown * scale);
    const allowed = number >= low && number <= high && (scale > 1 || shown === number);
    refused.hidden = target.value === "" || allowed; // empty: somebody is typing
    if (!refused.hidden) {
      refused.textContent = view.say(scale > 1 ? "refused" : "refused_whole", {
        field: view.say(...parse(say)),
        got: target.value,
        ...limits,
      });
    } else if (target.value !== "") change(number);
  };
  const done = () => commit(id);
  const attributes = {
    min: limits.low,
    max: limits.high,
    step: 1 / scale,
    name: say,
    on: { input: take, change: done },
  };
  const fields = [h("input", { type: "number", inputmode: "decimal", ...attributes })];
  if (range) fields.unshift(h("input", { type: "range", ...attributes }));
  const element = h("div", { id, class: "quantity" }, h("span", { class: "label", say }), ...fields, refused);
  view.onLanguage(() => {
    refused.hidden = true;
  });
  let shown = "";
  const show = (value) => {
    shown = String(Number((value / scale).toFixed(4)));
    for (const field of fields) {
      const typing = field === document.activeElement && (field.value === "" || !refused.hidden);
      if (!typing && (field.value === "" || Number(field.value) !== Number(shown))) field.value = shown;
    }
  };
  // What was typed before something that is not allowed is no wish: 100, on the way to 1000, is taken back.
  let before = low;
  element.addEventListener("focusin", () => {
    before = Math.round(Number(shown) * scale);
  });
  element.addEventListener("focusout", () => {
    if (!refused.hidden) {
      change(before);
      commit(id);
    }
    for (const field of fields) field.value = refused.hidden ? shown : String(before / scale);
  });
  const limit = (most) =>
    fields.forEach((field) => {
      field.max = most / scale;
    });
  return { element, show, limit };
}

/** A choice of one of `values`: `say(value)` is the key of its words, `choose(value)` hears which. */
export function radios({ id, legend, values, say, choose }) {
  const options = values.map((value) => {
    const radio = h("input", { type: "radio", value, on: { change: () => choose(value) } });
    radio.setAttribute("name", `choice-of-${id}`);
    return h("label", {}, radio, h("span", { say: say(value) }));
  });
  const element = h("fieldset", { id, class: "radios" }, h("legend", { say: legend }), ...options);
  const show = (value) => {
    for (const radio of element.querySelectorAll("input")) radio.checked = radio.value === String(value);
  };
  return { element, show };
}

/** The choice of a forger: made anew when one joins or leaves. */
export function forgerChoice({ id, legend, forgers, choose, view }) {
  const box = h("div", {});
  let keys = null,
    made = null;
  return {
    element: box,
    show(chosen) {
      const now = [...forgers.all.keys()];
      if (keys !== now.join()) {
        keys = now.join();
        made = radios({ id, legend, values: now, choose, say: forgerName });
        box.replaceChildren(made.element);
        speak(box, view.say);
      }
      made.show(chosen);
    },
  };
}

/** The key of a forger's short name. */
export const forgerName = (epoch) => (epoch === "own" ? "own_caption" : key("epoch_short", { epoch }));

/** A folded part whose being open is a bit of the state's `folds`. Returns whether it is open just now. */
export function fold(element, bit, page) {
  const follow = () => {
    const folds = element.open ? page.state.folds | bit : page.state.folds & ~bit;
    if (folds === page.state.folds) return;
    page.set({ folds });
    page.commit("folds");
  };
  element.addEventListener("toggle", follow);
  if (element.open) follow(); // a hand was quicker than this script
  let shown = null; // a frame may come between a click and its `toggle`: only what the state has changed is followed
  return (state) => {
    const open = Boolean(state.folds & bit);
    if (open !== shown) element.open = shown = open;
    return open;
  };
}

const parse = (key) => {
  const [name, values] = key.split("|");
  return [name, values ? JSON.parse(values) : {}];
};

/**
 * The first element below `root` that a selector matches. Throws where there is none.
 * @type {{
 *   <K extends keyof HTMLElementTagNameMap>(root: ParentNode, selector: K): HTMLElementTagNameMap[K],
 *   (root: ParentNode, selector: string): HTMLElement,
 * }}
 */
export const find = (/** @type {ParentNode} */ root, /** @type {string} */ selector) => {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return /** @type {any} */ (found);
};

/**
 * Replace the children of `parent`, unless they are these already: what is not moved keeps its focus.
 * @param {Element} parent
 * @param {Element[]} children
 */
export function replaceChildrenIfChanged(parent, children) {
  const same = children.length === parent.children.length && children.every((one, n) => parent.children[n] === one);
  if (!same) parent.replaceChildren(...children);
}
