// What a widget's module needs to know of Gradio: its element and props, its words in the page's language, files to
// fetch, and when to draw anew because the language or the size of the type has changed.

import { plotlyFrom } from "./plot.js";

/** Load the module of a widget and mount it. Rejects when the module cannot be had. */
export async function open(gradio) {
  const view = viewOf(gradio);
  const module = await import(view.asset("browser", gradio.props.module));
  module.mount(view);
}

export const language = () => (document.documentElement.lang || "en").slice(0, 2);

/** @returns {import("../types.d.ts").View} */
function viewOf({ element, props, root, trigger, watch }) {
  const asset = (folder, path) => `${root}${props.assets[folder]}/${path}`;
  return {
    element,
    props,
    trigger,
    watch,
    asset,
    say: (key, values = {}) => {
      const entries = props.words[language()] || props.words.en;
      return (entries[key] || key).replace(/{(\w+)}/g, (_, name) => values[name]);
    },
    cached: (path) => `${root}/gradio_api/file=${path.split("/").map(encodeURIComponent).join("/")}`,
    plotly: () => plotlyFrom(asset("plotly", "plotly.min.js")),
    typeSize: () => (document.documentElement.dataset.view === "projector" ? 24 : 13), // px, in plots
    onLanguage: (draw) => {
      const watched = { attributes: true, attributeFilter: ["lang", "data-view"] };
      new MutationObserver(draw).observe(document.documentElement, watched);
    },
  };
}
