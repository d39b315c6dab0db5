// The verdicts of the policies of a session: those that took effect, or those that were only observed.

import { el, Keyed, setText } from "./dom.js";
import * as format from "./format.js";

const ANSWERS = ["forwarded", "replaced", "dropped", "replied", "closed", "failed", "waits"];
const OBSERVED = ["replaced", "dropped", "replied", "closed", "failed"];

export class Verdicts {
  #count = el("span", { class: "count" });
  #body = el("tbody");
  #rows;

  static enforced() {
    return new Verdicts("verdicts", "Verdicts", ANSWERS, []);
  }

  static observed() {
    return new Verdicts("observed", "Observed, not enforced", OBSERVED, ["last"]);
  }

  constructor(name, title, answers, texts) {
    this.#rows = new Keyed(this.#body, () => new Row(answers, texts));
    this.element = el("details", { class: name },
      el("summary", {}, `${title} `, this.#count),
      el("table", { class: "counters" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col", text: "Policy" }),
          ...answers.map((answer) => el("th", { scope: "col", class: "number", text: answer })),
          ...texts.map((text) => el("th", { scope: "col", class: text, text })))),
        this.#body));
  }

  update(verdicts) {
    setText(this.#count, String(verdicts.length));
    this.element.classList.toggle("none", verdicts.length === 0);
    // A pipeline may list the same policy twice
    this.#rows.update(verdicts.map((verdict, index) => [index, verdict]));
  }
}

class Row {
  #answers;

  constructor(answers, texts) {
    this.#answers = answers;
    this.policy = el("th", { scope: "row" });
    this.cells = answers.map(() => el("td", { class: "number" }));
    this.texts = texts.map((text) => el("td", { class: text }));
    this.element = el("tr", {}, this.policy, ...this.cells, ...this.texts);
  }

  update(verdict) {
    const inbound = verdict.direction === "inbound";
    setText(this.policy, `${inbound ? "→" : "←"} ${verdict.policy}`);
    this.policy.title = verdict.direction;
    this.policy.className = `direction ${inbound ? "inbound" : "outbound"}`;
    this.#answers.forEach((answer, index) => {
      setText(this.cells[index], format.number(verdict[answer]));
      this.cells[index].classList.toggle("nothing", verdict[answer] === 0);
    });
    this.texts.forEach((cell) => setText(cell, format.would(verdict.last)));
  }

  remove() {
    this.element.remove();
  }
}
