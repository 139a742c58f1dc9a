// The formula of the game in MathML, typeset by the browser.

import { h } from "../kit/dom.js";
import { redrawn } from "./parts.js";

/** @import { View } from "../types.d.ts" */

const MATHML = document.createRange().createContextualFragment("<math></math>").firstElementChild?.namespaceURI;

/**
 * An element of MathML.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
function m(tag, attributes, ...children) {
  const element = document.createElementNS(MATHML ?? "", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A name. @param {string} text */
const mi = (text) => m("mi", {}, text);
/** A sign. @param {string} text */
const mo = (text) => m("mo", {}, text);
/** A function of something, as D(x). @param {string} name @param {...Node} inside */
const of = (name, ...inside) => m("mrow", {}, mi(name), mo("("), ...inside, mo(")"));
/**
 * A mean over `what`, in a row that is coloured by its `class`.
 * @param {string} what
 * @param {string} name
 * @param {...Node} inside
 */
const mean = (what, name, ...inside) =>
  m("mrow", { class: name }, m("msub", {}, mi("𝔼"), mi(what)), mo("["), mi("log"), ...inside, mo("]"));

/** min over G, max over D of V(D, G) = E_x[log D(x)] + E_z[log(1 - D(G(z)))]. @param {View} view */
export function buildFormula(view) {
  const best = (/** @type {string} */ word, /** @type {string} */ who) => m("munder", {}, mo(word), mi(who));
  const forged = m("mrow", {}, mi("D"), mo("("), mi("G"), mo("("), mi("z"), mo(")"), mo(")"));
  const real = mean("x", "real", of("D", mi("x")));
  const fake = mean("z", "fake", mo("("), m("mn", {}, "1"), mo("−"), forged, mo(")"));
  const row = [best("min", "G"), best("max", "D"), of("V", mi("D"), mo(","), mi("G")), mo("="), real, mo("+"), fake];
  const math = m("math", { display: "block" }, m("mrow", {}, ...row));
  redrawn(view, () => math.setAttribute("aria-label", view.say("objective_formula")));
  return h("div", { class: "formula", tabindex: 0 }, math);
}
