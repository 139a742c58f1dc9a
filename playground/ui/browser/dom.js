// Elements of the page: made in one line each, with words that follow the page's language.

/** An element. `say` and `name` are keys of its text and of its name for screen readers; `on` are its listeners. */
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
    const shown = Number(target.value), number = Math.round(shown * scale);
    const allowed = number >= low && number <= high && (scale > 1 || shown === number);
    refused.hidden = target.value === "" ? !target.validity.badInput : allowed;
    if (!refused.hidden) {
      refused.textContent = view.say("refused", { field: view.say(...parse(say)), got: target.value, ...limits });
    } else if (target.value !== "") change(number);
  };
  const done = () => commit(id);
  const attributes = { min: limits.low, max: limits.high, step: 1 / scale, name: say, on: { input: take, change: done } };
  const fields = [h("input", { type: "number", inputmode: "decimal", ...attributes })];
  if (range) fields.unshift(h("input", { type: "range", ...attributes }));
  const element = h("div", { id, class: "quantity" }, h("span", { class: "label", say }), ...fields, refused);
  let shown = "";
  const show = (value) => {
    shown = String(Number((value / scale).toFixed(4)));
    for (const field of fields) {
      const typing = field === document.activeElement && (field.value === "" || !refused.hidden);
      if (!typing && (field.value === "" || Number(field.value) !== Number(shown))) field.value = shown;
    }
  };
  // A field that was left empty or with something that is not allowed shows again what holds.
  element.addEventListener("focusout", () => {
    refused.hidden = true;
    for (const field of fields) field.value = shown;
  });
  return { element, show };
}

const parse = (key) => {
  const [name, values] = key.split("|");
  return [name, values ? JSON.parse(values) : {}];
};
