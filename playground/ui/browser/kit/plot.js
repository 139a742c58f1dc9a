// Plots: one Plotly for all charts of the page, kept apart from the one that Gradio may bring.

let plotly = null;

/** Plotly from an address, fetched once. */
export function plotlyFrom(address) {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(script);
  });
  return plotly;
}

/**
 * One of the page's three hues, as a colour for plots and canvases: "forger", "detective" or "real".
 * @param {string} name
 */
export const hue = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
