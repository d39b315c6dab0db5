// Draws charts of the last minutes as SVG.

import { el, setText, svg } from "./dom.js";

const SAMPLES = 120;
const HEIGHT = 48;

export class Chart {
  #format;
  #series;
  #max;
  #scope;
  #figure;

  constructor(parent, title, names, format) {
    this.#format = format;
    const plot = svg("svg", { viewBox: `0 0 ${SAMPLES - 1} ${HEIGHT}`, preserveAspectRatio: "none",
      "aria-hidden": "true" });
    for (const y of [0, HEIGHT / 2, HEIGHT]) {
      plot.append(svg("line", { class: "grid", x1: 0, x2: SAMPLES - 1, y1: y, y2: y }));
    }
    const legend = el("span", { class: "legend" });
    this.#series = names.map((name) => {
      const area = svg("path", { class: `area ${name}` });
      const line = svg("path", { class: `line ${name}` });
      plot.append(area, line);
      const value = el("b", { text: "–" });
      legend.append(el("span", { class: `key ${name}` }, ...(names.length > 1 ? [`${name} `] : []), value));
      return { area, line, value, samples: [] };
    });
    this.#max = el("span", { class: "max" });
    this.#scope = el("span", { class: "scope" });
    this.#figure = el("figure", { role: "img" },
      el("figcaption", {}, el("span", { class: "title" }, title, this.#scope), legend),
      el("div", { class: "plot" }, plot, this.#max, el("span", { class: "span", text: "4 min" })));
    this.title = title;
    parent.append(this.#figure);
  }

  // The scope of the values, if it is not the whole gateway
  scope(text) {
    setText(this.#scope, text && `, ${text}`);
  }

  // Adds one value per series. undefined leaves a gap
  push(values) {
    this.#series.forEach((series, index) => {
      series.samples.push(values[index]);
      series.samples.splice(0, series.samples.length - SAMPLES);
      setText(series.value, values[index] === undefined ? "–" : this.#format(values[index]));
    });
    this.#draw();
  }

  clear() {
    this.#series.forEach((series) => series.samples.splice(0));
    this.push(this.#series.map(() => undefined));
  }

  #draw() {
    const known = this.#series.flatMap(({ samples }) => samples).filter((value) => value !== undefined);
    const max = ceiling(Math.max(0, ...known));
    setText(this.#max, known.length ? this.#format(max) : "");
    for (const { area, line, samples } of this.#series) {
      const first = SAMPLES - samples.length;
      const runs = [[]];
      samples.forEach((value, index) => {
        if (value === undefined) {
          runs.push([]);
        } else {
          runs.at(-1).push([first + index, HEIGHT - (value / max) * HEIGHT]);
        }
      });
      const drawn = runs.filter((run) => run.length > 1);
      const through = (run) => run.map(([x, y]) => `${x} ${y.toFixed(2)}`).join(" L");
      line.setAttribute("d", drawn.map((run) => `M${through(run)}`).join(" "));
      area.setAttribute("d", drawn.map((run) =>
        `M${run[0][0]} ${HEIGHT} L${through(run)} L${run.at(-1)[0]} ${HEIGHT} Z`).join(" "));
    }
    const values = this.#series.map(({ value }) => value.parentNode.textContent).join(", ");
    this.#figure.setAttribute("aria-label", `${this.title}: ${values}`);
  }
}

// Rounds up to 1, 2 or 5 times a power of ten
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= value);
}
