// Shared by every widget's script: its words in the page's language, and a redraw when that changes.
const language = () => (document.documentElement.lang || "en").slice(0, 2);
const say = (key, values = {}) => {
  const entries = props.words[language()] || props.words.en;
  return (entries[key] || key).replace(/{(\w+)}/g, (_, name) => values[name]);
};
const redrawWith = (draw) => {
  draw();
  watch("value", draw);
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
};
