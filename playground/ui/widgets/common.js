// Shared by every widget's script: its words in the page's language, a redraw when that changes, files to fetch.
const language = () => (document.documentElement.lang || "en").slice(0, 2);
const say = (key, values = {}) => {
  const entries = props.words[language()] || props.words.en;
  return (entries[key] || key).replace(/{(\w+)}/g, (_, name) => values[name]);
};
const onLanguage = (draw) =>
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
const redrawWith = (draw) => {
  draw();
  watch("value", draw);
  onLanguage(draw);
};
// Behind a proxy the page may lie below a path of its own, and Gradio may have the wrong host or protocol for it.
const root = () => new URL(window.gradio_config?.root || "", location.href).pathname.replace(/\/$/, "");
const asset = (folder, path) => `${root()}${props.assets[folder]}/${path}`;
const cached = (path) => `${root()}/gradio_api/file=${path.split("/").map(encodeURIComponent).join("/")}`;
// A widget that runs in the browser is a module's `mount`, which is told what it needs to know of Gradio.
const mount = async (name) => {
  try {
    const module = await import(asset("browser", name));
    module.mount({ element, props, say, asset, cached, watch, onLanguage });
  } catch (error) {
    element.textContent = say("broken");
    throw error;
  }
};
