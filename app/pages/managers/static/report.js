// Draws the figures that the page carries, in the place of their still pictures. Without it, pictures and tables stay.
(function () {
  "use strict";
  const holder = document.getElementById("figures");
  if (!holder || !window.Plotly) return;
  const figures = JSON.parse(holder.textContent);
  const language = document.documentElement.lang;
  const config = { displayModeBar: false, locale: language, locales: { [language]: { format: format() } } };

  // Months and decimals on the axes as the page's language writes them.
  function format() {
    const months = (month) => {
      const words = new Intl.DateTimeFormat(language, { month, timeZone: "UTC" });
      return [...Array(12).keys()].map((at) => words.format(Date.UTC(2001, at, 1)));
    };
    const parts = new Intl.NumberFormat(language).formatToParts(1234567.5);
    const mark = (type) => parts.find((part) => part.type === type).value;
    return { months: months("long"), shortMonths: months("short"), decimal: mark("decimal"), thousands: mark("group") };
  }

  // Long names would leave no room for the plot; what stands behind them must stay: the number or verdict.
  function wrapped(text, width, most) {
    const split = Math.max(text.lastIndexOf(" (n = "), text.lastIndexOf(": "));
    const behind = split > 0 ? text.slice(split) : "";
    const lines = [""];
    for (const word of text.slice(0, text.length - behind.length).split(" ")) {
      const last = lines[lines.length - 1];
      if (last && (last + " " + word).length > width) lines.push(word);
      else lines[lines.length - 1] = last ? last + " " + word : word;
    }
    const cut = lines.length > most ? [...lines.slice(0, most - 1), lines[most - 1] + " …"] : lines;
    return cut.join("<br>") + behind;
  }

  // On a dark page each colour becomes the one that the style sheet names after it; paper is white.
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let printing = false;

  function coloured(value, style) {
    if (Array.isArray(value)) return value.map((each) => coloured(each, style));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, coloured(each, style)]));
    }
    const rgba = /^rgba\((\d+), (\d+), (\d+), ([\d.]+)\)$/.exec(value);
    if (rgba) {
      const hex = rgba.slice(1, 4).map((part) => Number(part).toString(16).padStart(2, "0")).join("");
      const [red, green, blue] = (style.getPropertyValue("--c-" + hex).trim() || "#" + hex).match(/[0-9a-f]{2}/g);
      return `rgba(${parseInt(red, 16)}, ${parseInt(green, 16)}, ${parseInt(blue, 16)}, ${rgba[4]})`;
    }
    return (/^#[0-9a-f]{6}$/.test(value) && style.getPropertyValue("--c-" + value.slice(1)).trim()) || value;
  }

  const phone = window.matchMedia("(max-width: 639px)");

  function fitted(figure) {
    const narrow = phone.matches;
    const named = figure.data.some((trace) => (trace.y || []).some((value) => typeof value === "string"));
    const wrap = (value) => (typeof value === "string" ? wrapped(value, 42, narrow ? 1 : 2) : value);
    const data = figure.data.map((trace) => ({ ...trace, y: trace.y && trace.y.map(wrap) }));
    const layout = { ...figure.layout, title: undefined, autosize: false };
    layout.margin = { ...layout.margin, t: 30, l: narrow ? 40 : 50, r: narrow ? 8 : 20 };
    layout.font = { ...layout.font, size: narrow ? 11 : 14 };
    if (narrow && layout.height) layout.height = Math.max(layout.height, 280);
    if (narrow && named) {
      // Names stand above their marks, so that these have the whole width.
      const names = [...new Set(data.flatMap((trace) => trace.y || []))];
      const above = { xref: "paper", x: 0, xanchor: "left", yanchor: "bottom", yshift: 9, showarrow: false };
      layout.margin.l = layout.margin.r = 12;
      layout.yaxis = { ...layout.yaxis, automargin: false, showticklabels: false, showgrid: false };
      layout.annotations = [...(layout.annotations || []), ...names.map((name) => ({ ...above, y: name, text: name }))];
    }
    return { data, layout };
  }

  const plots = () => document.querySelectorAll(".js-plotly-plot");

  function lit(figure) {
    return dark.matches && !printing ? coloured(figure, getComputedStyle(document.documentElement)) : figure;
  }

  function draw() {
    for (const [name, figure] of Object.entries(figures)) {
      const place = document.getElementById("chart-" + name);
      if (!place) continue;
      const { data, layout } = fitted(lit(figure));
      window.Plotly.purge(place);
      place.textContent = "";
      layout.width = place.clientWidth;
      window.Plotly.newPlot(place, data, layout, config);
    }
  }

  // plotly.js would follow the window in width and height; the height stays.
  function follow() {
    plots().forEach((each) => window.Plotly.relayout(each, { width: each.clientWidth }));
  }

  draw();
  phone.addEventListener("change", draw);
  dark.addEventListener("change", draw);
  window.addEventListener("resize", follow);
  window.addEventListener("beforeprint", () => {
    printing = true;
    document.querySelectorAll("details").forEach((each) => (each.open = true));
    if (dark.matches) draw();
    plots().forEach((each) => window.Plotly.relayout(each, { width: 660 }));
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    if (dark.matches) draw();
    follow();
  });
})();
