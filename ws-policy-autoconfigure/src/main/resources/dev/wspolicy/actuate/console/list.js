// The sessions of one page.

import { el, Keyed, setText } from "./dom.js";
import * as format from "./format.js";

export class SessionList {
  #rows;
  #body;
  #selected;

  constructor(body, open) {
    this.#body = body;
    this.#rows = new Keyed(body, (id) => new Row(id, open));
    body.addEventListener("keydown", (event) => this.#move(event));
  }

  update(sessions, rates, now) {
    const focused = this.#buttons().indexOf(document.activeElement);
    this.#rows.update(sessions.map((session) => [session.id, { session, rate: rates.get(session.id), now }]));
    this.select(this.#selected);
    if (focused >= 0 && !this.#body.contains(document.activeElement)) {
      // The row that was focused is gone
      this.#buttons().at(Math.min(focused, this.#buttons().length - 1))?.focus();
    }
  }

  select(id) {
    this.#selected = id;
    for (const [key, row] of this.#rows.items) {
      row.mark(key === id);
    }
  }

  focus(id) {
    (this.#rows.items.get(id)?.button ?? this.#buttons()[0])?.focus();
  }

  #buttons() {
    return [...this.#body.querySelectorAll("button")];
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const buttons = this.#buttons();
      buttons[buttons.indexOf(document.activeElement) + step]?.focus();
      event.preventDefault();
    }
  }
}

class Row {
  constructor(id, open) {
    this.button = el("button", { type: "button", class: "id", text: format.shortId(id), title: id });
    this.state = el("span", { class: "state" });
    this.cells = {};
    const cell = (name, className = "") => {
      this.cells[name] = el("td", { class: className });
      return this.cells[name];
    };
    this.element = el("tr", { on: { click: () => getSelection().isCollapsed && open(id) } },
      el("td", {}, this.state), el("td", {}, this.button),
      cell("route"), cell("principal"), cell("client", "client"), cell("path", "path"), cell("age", "number"), cell("idle", "number idle"),
      cell("in", "number"), cell("inRate", "number rate"), cell("out", "number"), cell("outRate", "number rate"),
      cell("bytes", "number bytes"));
  }

  update({ session, rate, now }) {
    const state = session.open ? "open" : "closing";
    this.state.dataset.state = state;
    setText(this.state, state);
    this.#set("route", session.route);
    this.#set("principal", session.principal);
    this.#set("client", session.remoteAddress);
    this.#set("path", session.path);
    setText(this.cells.age, format.age(now - Date.parse(session.openedAt)));
    setText(this.cells.idle, session.lastActivityAt ? format.age(now - Date.parse(session.lastActivityAt)) : "–");
    setText(this.cells.in, format.number(session.inbound.frames));
    setText(this.cells.out, format.number(session.outbound.frames));
    this.#rate("inRate", rate?.framesIn);
    this.#rate("outRate", rate?.framesOut);
    setText(this.cells.bytes, format.bytes(session.inbound.bytes + session.outbound.bytes));
    this.button.setAttribute("aria-label",
      `Session ${format.shortId(session.id)}, ${session.principal ?? "no principal"}, ${session.route}, ${state}`);
  }

  #set(name, value) {
    const text = value ?? "–";
    if (this.cells[name].textContent !== text) {
      this.cells[name].textContent = text;
      this.cells[name].title = value ?? "";
    }
  }

  #rate(name, value) {
    setText(this.cells[name], format.rate(value));
    this.cells[name].classList.toggle("busy", value > 0);
  }

  mark(selected) {
    this.element.classList.toggle("selected", selected);
    this.button.setAttribute("aria-expanded", String(selected));
  }

  remove() {
    this.element.remove();
  }
}
