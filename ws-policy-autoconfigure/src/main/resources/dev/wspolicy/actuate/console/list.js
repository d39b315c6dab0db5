// The list of the sessions on one page.

import { el, Keyed, setText } from "./dom.js";
import * as format from "./format.js";

// What each column is sorted by. Rows are sessions with their rates
export const COLUMNS = {
  state: ({ session }) => (session.open ? "open" : "closing"),
  session: ({ session }) => session.id,
  route: ({ session }) => session.route,
  pipeline: ({ session }) => session.pipeline,
  principal: ({ session }) => session.principal ?? undefined,
  gateway: ({ session }) => session.gateway,
  client: ({ session }) => session.remoteAddress ?? undefined,
  path: ({ session }) => session.path,
  age: ({ session }) => -Date.parse(session.openedAt),
  idle: ({ session }) => (session.lastActivityAt ? -Date.parse(session.lastActivityAt) : undefined),
  in: ({ session }) => session.inbound.frames,
  inRate: ({ rate }) => rate?.framesIn,
  out: ({ session }) => session.outbound.frames,
  outRate: ({ rate }) => rate?.framesOut,
  framesRate: ({ rate }) => rate && rate.framesIn + rate.framesOut,
  bytes: ({ session }) => session.inbound.bytes + session.outbound.bytes,
  bytesRate: ({ rate }) => rate && rate.bytesIn + rate.bytesOut,
};

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
    const before = document.activeElement;
    const focused = this.#buttons().indexOf(before);
    this.#rows.update(sessions.map((session) => [session.id, { session, rate: rates.get(session.id), now }]));
    this.select(this.#selected);
    if (focused >= 0 && document.activeElement !== before) {
      // The focused row has been moved or removed
      (this.#body.contains(before) ? before : this.#buttons().at(Math.min(focused, this.#buttons().length - 1)))?.focus();
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
      cell("route"), cell("pipeline", "pipeline"), cell("principal"), cell("gateway", "gateway"), cell("client", "client"), cell("path", "path"), cell("age", "number age"), cell("idle", "number idle"),
      cell("in", "number total"), cell("inRate", "number rate"), cell("out", "number total"), cell("outRate", "number rate"),
      cell("bytes", "number bytes"), cell("bytesRate", "number rate bytes-rate"));
  }

  update({ session, rate, now }) {
    const state = session.open ? "open" : "closing";
    this.state.dataset.state = state;
    setText(this.state, state);
    this.#set("route", session.route);
    this.#set("pipeline", session.pipeline);
    this.#set("principal", session.principal);
    this.#set("gateway", session.gateway);
    this.#set("client", session.remoteAddress);
    this.#set("path", session.path);
    setText(this.cells.age, format.age(now - Date.parse(session.openedAt)));
    setText(this.cells.idle, session.lastActivityAt ? format.age(now - Date.parse(session.lastActivityAt)) : "–");
    setText(this.cells.in, format.number(session.inbound.frames));
    setText(this.cells.out, format.number(session.outbound.frames));
    this.#rate("inRate", rate?.framesIn, format.rate);
    this.#rate("outRate", rate?.framesOut, format.rate);
    this.#rate("bytesRate", rate && rate.bytesIn + rate.bytesOut, (value) => (value === undefined ? "–" : format.bytes(value)));
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

  #rate(name, value, text) {
    setText(this.cells[name], text(value));
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
