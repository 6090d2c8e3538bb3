// Draws the figures that the page carries. Without it, the tables say the same.
(function () {
  "use strict";
  const holder = document.getElementById("figures");
  if (!holder || !window.Plotly) return;
  const figures = JSON.parse(holder.textContent);
  const config = { displayModeBar: false, responsive: true };

  // Long names would leave a phone no room for the plot; what stands behind them must stay: the number or verdict.
  function wrapped(text, width, most) {
    const [, name, behind] = /^(.*?)( \(n = \d+\)|: [a-z ]+)?$/.exec(text);
    const lines = [""];
    for (const word of name.split(" ")) {
      const last = lines[lines.length - 1];
      if (last && (last + " " + word).length > width) lines.push(word);
      else lines[lines.length - 1] = last ? last + " " + word : word;
    }
    const cut = lines.length > most ? [...lines.slice(0, most - 1), lines[most - 1] + " …"] : lines;
    return cut.join("<br>") + (behind || "");
  }

  function fitted(figure) {
    const narrow = window.innerWidth < 640;
    const wrap = (value) => (typeof value === "string" ? wrapped(value, narrow ? 20 : 42, 2) : value);
    const data = figure.data.map((trace) => ({ ...trace, y: trace.y && trace.y.map(wrap) }));
    const layout = { ...figure.layout, title: undefined, autosize: true };
    layout.margin = { ...layout.margin, t: 30, l: narrow ? 40 : 50, r: narrow ? 8 : 20 };
    layout.font = { ...layout.font, size: narrow ? 11 : 14 };
    if (narrow && layout.height) layout.height = Math.max(layout.height, 280);
    return { data, layout };
  }

  for (const [name, figure] of Object.entries(figures)) {
    const place = document.getElementById("chart-" + name);
    if (!place) continue;
    const { data, layout } = fitted(figure);
    window.Plotly.newPlot(place, data, layout, config);
  }

  const plots = () => document.querySelectorAll(".js-plotly-plot");
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((one) => (one.open = true));
    plots().forEach((one) => window.Plotly.relayout(one, { width: 660, autosize: false }));
  });
  window.addEventListener("afterprint", () => {
    plots().forEach((one) => window.Plotly.relayout(one, { width: null, autosize: true }));
  });
})();
