// What a widget's module needs to know of Gradio: its element and props, its words in the page's language, files to
// fetch, and when to draw anew because the language, the size of the type or the scheme has changed. Knows no widget.

import { plotlyFrom } from "./plot.js";

/** @import { Gradio, Say, View } from "../types.d.ts" */

/**
 * Load the module of a widget and mount it. Rejects when the module cannot be had.
 * @param {Gradio} gradio
 */
export async function open(gradio) {
  const view = viewOf(gradio);
  try {
    const module = await import(view.asset("browser", gradio.props.module));
    await module.mount(view);
  } finally {
    gradio.element.dataset.stands = ""; // its tab may be shown, also to say that it is broken
  }
}

/** The page's language, "en" or "ko": Gradio keeps it there. */
export const language = () => (document.documentElement.lang || "en").slice(0, 2);

/**
 * A text of the page in a language, with values for its {braces}; its key where there is none. Gradio has put all texts
 * into the page for words of its own.
 * @param {string} lang
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function sayIn(lang, key, values = {}) {
  return textIn(lang, key)?.replace(/{(\w+)}/g, (_, name) => String(values[name])) ?? key;
}

/** @param {string} lang @param {string} key @returns {string | undefined} */
function textIn(lang, key) {
  /** @type {Record<string, Record<string, string>>} */
  const texts = Reflect.get(window, "gradio_config")?.i18n_translations ?? {};
  return (texts[lang] ?? texts.en)?.[key] || undefined;
}

/**
 * Words of the texts below a prefix, or of those that all widgets share.
 * @param {string} prefix
 * @returns {Say}
 */
function sayBelow(prefix) {
  return (key, values = {}) => {
    const name = [`${prefix}.${key}`, `common.${key}`].find((known) => textIn(language(), known));
    return name ? sayIn(language(), name, values) : key;
  };
}

/**
 * @param {Gradio} gradio
 * @returns {View}
 */
function viewOf({ element, props, root, trigger, watch }) {
  /** @type {View["asset"]} */
  const asset = (folder, path) => `${root}${props.assets[folder]}/${path}`;
  return {
    element,
    props,
    trigger,
    watch,
    asset,
    served: (path) => `${root}${path}`,
    say: sayBelow(props.texts),
    cached: (path) => `${root}/gradio_api/file=${path.split("/").map(encodeURIComponent).join("/")}`,
    plotly: () => plotlyFrom(asset("plotly", "plotly.min.js")),
    typeSize: () => (document.documentElement.dataset.view === "projector" ? 24 : 13), // px, in plots
    onLanguage: (draw) => {
      const watched = { attributes: true, attributeFilter: ["lang", "data-view"] };
      const observer = new MutationObserver(draw);
      observer.observe(document.documentElement, watched);
      observer.observe(document.body, { attributes: true, attributeFilter: ["class"] }); // the scheme: hues change
    },
  };
}
