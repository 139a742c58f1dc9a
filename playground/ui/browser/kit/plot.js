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
