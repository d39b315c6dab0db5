// What the policies of a session have answered.

import { el, Keyed, setText } from "./dom.js";
import * as format from "./format.js";

const ANSWERS = ["forwarded", "replaced", "dropped", "replied", "closed", "failed"];

export class Verdicts {
  #count = el("span", { class: "count" });
  #body = el("tbody");
  #rows = new Keyed(this.#body, () => new Row());

  constructor() {
    this.element = el("details", { class: "verdicts" },
      el("summary", {}, "Verdicts ", this.#count),
      el("table", { class: "counters" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col", text: "Policy" }),
          ...ANSWERS.map((answer) => el("th", { scope: "col", class: "number", text: answer })))),
        this.#body));
  }

  update(verdicts) {
    setText(this.#count, String(verdicts.length));
    this.element.classList.toggle("none", verdicts.length === 0);
    // A pipeline may list a policy twice
    this.#rows.update(verdicts.map((verdict, index) => [index, verdict]));
  }
}

class Row {
  constructor() {
    this.policy = el("th", { scope: "row" });
    this.cells = ANSWERS.map(() => el("td", { class: "number" }));
    this.element = el("tr", {}, this.policy, ...this.cells);
  }

  update(verdict) {
    const inbound = verdict.direction === "inbound";
    setText(this.policy, `${inbound ? "→" : "←"} ${verdict.policy}`);
    this.policy.title = verdict.direction;
    this.policy.className = `direction ${inbound ? "inbound" : "outbound"}`;
    ANSWERS.forEach((answer, index) => {
      setText(this.cells[index], format.number(verdict[answer]));
      this.cells[index].classList.toggle("nothing", verdict[answer] === 0);
    });
  }

  remove() {
    this.element.remove();
  }
}
