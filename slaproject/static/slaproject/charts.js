// Draws the charts of a page from the JSON beside them: adds the theme's colours, as many labels as there is room
// for, the arrow keys and the pictures to save. The tables stand in the page already and do not need it.
const LABEL_ROOM = 8;
const FONT = 13;

const theme = () => getComputedStyle(document.documentElement);

// Puts the theme's colours where the figure names them.
function coloured(value, colours) {
  if (typeof value === "string" && value.startsWith("var(--")) {
    return colours.getPropertyValue(value.slice(4, -1)).trim();
  }
  if (Array.isArray(value)) {
    return value.map((item) => coloured(item, colours));
  }
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item, colours)]));
  }
  return value;
}

const widthOf = (text) => text.length * FONT * 0.56 + LABEL_ROOM;

// Shows each label, each second, each third … as the width allows; what stands below them only with all of them.
function thinned(axis, page, width) {
  const room = (width - 60) / page.bars;
  const widest = Math.max(...page.labels.map(widthOf));
  const every = Math.max(1, Math.ceil(widest / room));
  const hasUnder = page.under.length && every === 1 && Math.max(...page.under.map(widthOf)) <= room;
  const shown = page.labels.map((_, index) => index).filter((index) => index % every === 0);
  return {
    ...axis,
    tickvals: shown,
    ticktext: shown.map((index) => (hasUnder ? `${page.labels[index]}<br>${page.under[index]}` : page.labels[index])),
  };
}

class Chart {
  constructor(element) {
    this.element = element;
    this.canvas = element.querySelector(".chart-canvas");
    this.readout = element.querySelector(".readout");
    this.text = element.querySelector("script[type='application/json']").textContent;
    this.figure = JSON.parse(this.text);
    this.at = null;
    this.width = 0;
    this.cursor = document.createElement("div");
    this.cursor.className = "cursor";
    this.cursor.hidden = true;
    this.drawing = document.createElement("div");
    this.canvas.append(this.drawing, this.cursor);
  }

  // Draws what the JSON says now, if that is something else.
  renew() {
    const text = this.element.querySelector("script[type='application/json']").textContent;
    if (text !== this.text) {
      this.text = text;
      this.figure = JSON.parse(text);
      this.at = null;
      this.readout.textContent = "";
      this.draw();
    }
  }

  figureFor(width) {
    const { data, layout, page } = this.figure;
    const drawn = coloured({ data, layout }, theme());
    drawn.layout.width = width;
    drawn.layout.font.family = theme().fontFamily;
    if (!page.is_lying) {
      drawn.layout.xaxis = thinned(drawn.layout.xaxis, page, width);
    }
    return drawn;
  }

  async draw() {
    delete this.element.dataset.drawn;
    this.width = this.canvas.clientWidth;
    const { data, layout } = this.figureFor(this.width);
    await Plotly.react(this.drawing, data, layout, {
      displayModeBar: false,
      responsive: false,
      scrollZoom: false,
      doubleClick: false,
      showTips: false,
      staticPlot: false,
    });
    this.canvas.querySelectorAll("svg").forEach((svg) => svg.setAttribute("aria-hidden", "true"));
    this.canvas
      .querySelectorAll(".main-svg")
      .forEach((svg) => svg.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`)); // paper has another width
    this.element.dataset.drawn = "true";
    this.mark();
  }

  listen() {
    this.canvas.addEventListener("keydown", (event) => {
      const last = this.figure.page.points.length - 1;
      const now = this.at ?? (event.key === "ArrowLeft" ? last + 1 : -1);
      const to = { ArrowRight: now + 1, ArrowDown: now + 1, ArrowLeft: now - 1, ArrowUp: now - 1, Home: 0, End: last };
      if (event.key === "Escape") {
        this.say(null);
      } else if (event.key in to) {
        event.preventDefault();
        this.say(Math.min(Math.max(to[event.key], 0), last));
      }
    });
    this.canvas.addEventListener("blur", () => this.say(null));
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerdown", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => this.say(null));
    new ResizeObserver(() => {
      if (this.canvas.clientWidth && this.canvas.clientWidth !== this.width) {
        this.draw();
      }
    }).observe(this.canvas);
    for (const button of this.element.querySelectorAll("[data-image]")) {
      button.hidden = false;
      button.addEventListener("click", () => this.save(button.dataset.image));
    }
  }

  // Where the labels lie on the canvas: [axis, first pixel of the plot].
  axis() {
    const { _size: size, xaxis, yaxis } = this.drawing._fullLayout;
    return this.figure.page.is_lying ? [yaxis, size.t] : [xaxis, size.l];
  }

  point(event) {
    if (!this.drawing._fullLayout) {
      return;
    }
    const box = this.canvas.getBoundingClientRect();
    const [axis, start] = this.axis();
    const pixel = this.figure.page.is_lying ? event.clientY - box.top : event.clientX - box.left;
    const index = Math.round(axis.p2l(pixel - start));
    this.say(index >= 0 && index < this.figure.page.points.length ? index : null);
  }

  say(index) {
    if (index === this.at) {
      return;
    }
    this.at = index;
    this.readout.textContent = index === null ? "" : this.figure.page.points[index];
    this.mark();
  }

  mark() {
    this.cursor.hidden = this.at === null || !this.drawing._fullLayout;
    if (this.cursor.hidden) {
      return;
    }
    const [axis, start] = this.axis();
    const from = start + axis.l2p(this.at - 0.5);
    const to = start + axis.l2p(this.at + 0.5);
    const [side, length] = this.figure.page.is_lying ? ["top", "height"] : ["left", "width"];
    this.cursor.style[side] = `${Math.min(from, to)}px`;
    this.cursor.style[length] = `${Math.abs(to - from)}px`;
  }

  // The picture says by itself what it shows: title and subtitle stand in it.
  save(format) {
    const width = 1000;
    const { data, layout } = this.figureFor(width);
    const { title, subtitle, as_of: asOf } = this.figure.page;
    const top = 96;
    layout.margin = { ...layout.margin, t: top, l: 16, r: 16, b: 24 };
    layout.height += top;
    layout.title = {
      text: `<b>${title}</b><br><span style="font-size: 13px">${subtitle} · ${asOf}</span>`,
      x: 0,
      xref: "paper",
      font: { size: 17 },
    };
    Plotly.downloadImage({ data, layout }, { format, width, height: layout.height, filename: this.figure.page.file });
  }
}

let charts = [];

// Draws the charts that a page came with, and those that a fragment put into it later.
function enliven(root) {
  for (const details of root.querySelectorAll("details.chart-table:not([data-ready])")) {
    details.open = !window.Plotly;
    details.dataset.ready = "true";
  }
  if (!window.Plotly) {
    return;
  }
  charts = charts.filter((chart) => chart.element.isConnected);
  for (const element of root.querySelectorAll("[data-chart]:not([data-live])")) {
    element.dataset.live = "true";
    const chart = new Chart(element);
    charts.push(chart);
    chart.listen();
    chart.draw();
  }
}

enliven(document);
document.addEventListener("htmx:afterSettle", (event) => enliven(event.target));
document.addEventListener("figures-change", () => {
  charts.forEach((chart) => chart.element.isConnected && chart.renew());
  enliven(document);
});
document.addEventListener("theme-change", () => charts.forEach((chart) => chart.draw()));
