// The view of the most recent closes and refused upgrades.

import { byId, el, Keyed, setText, show } from "./dom.js";
import { codeOf } from "./endings.js";
import * as format from "./format.js";

export class EndingsView {
  #ended = new Keyed(byId("ended"), () => new Row(["", "", "", "", "client", "path", "number lived", ""]));
  #refused = new Keyed(byId("refused"), () => new Row(["", "", "", "", "client", "path", ""]));

  // The endings that the gateway remembers and that match the filter, most recent first
  update({ ended = [], refused = [] }, note) {
    setText(byId("endings-note"), note);
    setText(byId("ended-count"), format.number(ended.length));
    setText(byId("refused-count"), format.number(refused.length));
    show(byId("ended-none"), ended.length === 0);
    show(byId("refused-none"), refused.length === 0);
    this.#ended.update(ended.map((ending) => [ending.id, [format.time(ending.time), codeOf(ending), ending.route,
      ending.principal, ending.address, ending.path, format.age(format.milliseconds(ending.lived)), why(ending)]]));
    this.#refused.update(refused.map((refusal, index) => [`${refusal.time} ${index}`, [format.time(refusal.time),
      String(refusal.status), refusal.route, refusal.principal, refusal.address, refusal.path, refusal.policy]]));
  }
}

function why({ cause, initiator, policy }) {
  return `${cause.replaceAll("_", " ")} by ${policy ?? initiator}`;
}

class Row {
  constructor(classes) {
    this.cells = classes.map((name) => el("td", { class: name }));
    this.element = el("tr", {}, ...this.cells);
  }

  update(texts) {
    texts.forEach((text, index) => {
      setText(this.cells[index], text ?? "–");
      this.cells[index].title = text ?? "";
    });
  }

  remove() {
    this.element.remove();
  }
}
