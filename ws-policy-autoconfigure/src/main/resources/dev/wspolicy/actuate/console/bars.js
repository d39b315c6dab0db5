// Draws events over time as stacked bars, by code, as SVG.

import { el, setText, svg } from "./dom.js";
import { number } from "./format.js";
import { SPAN } from "./endings.js";

const BINS = 30;
const HEIGHT = 48;
// Codes that have a colour of their own. The others share one
const COLOURS = 5;

export class Bars {
  #slots = new Map();
  #plot;
  #legend = el("span", { class: "legend" });
  #max = el("span", { class: "max" });
  #scope = el("span", { class: "scope" });
  #figure;
  #title;

  constructor(parent, title) {
    this.#title = title;
    this.#plot = svg("svg", { viewBox: `0 0 ${BINS} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.#figure = el("figure", { role: "img", class: "bars" },
      el("figcaption", {}, el("span", { class: "title" }, title, this.#scope), this.#legend),
      el("div", { class: "plot" }, this.#plot, this.#max, el("span", { class: "span", text: `${SPAN / 60_000} min` })));
    parent.append(this.#figure);
  }

  // Events have a time and a code
  update(events, now, scope) {
    const end = Math.ceil(now / (SPAN / BINS));
    const bins = Array.from({ length: BINS }, () => new Map());
    const totals = new Map();
    for (const { at, code } of events) {
      // The gateway's clock may be ahead
      const bin = Math.min(BINS - 1, BINS - 1 - (end - 1 - Math.floor(at / (SPAN / BINS))));
      if (bin >= 0) {
        bins[bin].set(code, (bins[bin].get(code) ?? 0) + 1);
        totals.set(code, (totals.get(code) ?? 0) + 1);
      }
    }
    this.#assign(totals);
    const highest = Math.max(0, ...bins.map((bin) => [...bin.values()].reduce((sum, count) => sum + count, 0)));
    this.#draw(bins, highest);
    setText(this.#max, highest > 0 ? number(highest) : "");
    setText(this.#scope, scope && `, ${scope}`);
    const sorted = [...totals].sort(([, one], [, other]) => other - one);
    const shown = sorted.slice(0, COLOURS);
    const rest = sorted.slice(COLOURS).reduce((sum, [, count]) => sum + count, 0);
    const keys = [...shown.map(([code, count]) => [code, count, this.#class(code)]), ...(rest > 0 ? [["others", rest, "k-other"]] : [])];
    this.#legend.replaceChildren(...keys.map(([code, count, name]) =>
      el("span", { class: `key ${name}` }, `${code} `, el("b", { text: number(count) }))),
      ...(keys.length === 0 ? [el("b", { text: "none" })] : []));
    const all = keys.map(([code, count]) => `${code} ${count}`).join(", ") || "none";
    this.#legend.title = all;
    this.#figure.setAttribute("aria-label", `${this.#title}: ${all}`);
  }

  // A code keeps its colour as long as it is shown
  #assign(totals) {
    for (const code of this.#slots.keys()) {
      if (!totals.has(code)) {
        this.#slots.delete(code);
      }
    }
    for (const [code] of [...totals].sort(([, one], [, other]) => other - one)) {
      const free = Array.from({ length: COLOURS }, (_, slot) => slot).find((slot) => ![...this.#slots.values()].includes(slot));
      if (!this.#slots.has(code) && free !== undefined) {
        this.#slots.set(code, free);
      }
    }
  }

  #class(code) {
    return this.#slots.has(code) ? `k${this.#slots.get(code)}` : "k-other";
  }

  #draw(bins, highest) {
    const bars = bins.flatMap((bin, index) => {
      let top = HEIGHT;
      return [...bin].sort(([one], [other]) => (one < other ? -1 : 1)).map(([code, count]) => {
        const height = (count / highest) * (HEIGHT - 2);
        top -= height;
        return svg("rect", { class: this.#class(code), x: index + 0.1, y: top.toFixed(2), width: 0.8, height: height.toFixed(2) });
      });
    });
    this.#plot.replaceChildren(svg("line", { class: "grid", x1: 0, x2: BINS, y1: HEIGHT, y2: HEIGHT }), ...bars);
  }
}
