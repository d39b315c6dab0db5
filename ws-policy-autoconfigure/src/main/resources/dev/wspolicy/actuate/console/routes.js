// The view of the totals per route: of the live sessions that match the filter, and of those that ended lately.

import { byId, el, Keyed, setText, show } from "./dom.js";
import * as format from "./format.js";
import { Order, SortableHeaders } from "./sort.js";

const COLUMNS = {
  route: ({ route }) => route,
  sessions: ({ sessions }) => sessions,
  in: (total) => total.framesIn,
  inRate: ({ rate }) => rate?.framesIn,
  out: (total) => total.framesOut,
  outRate: ({ rate }) => rate?.framesOut,
  bytes: ({ bytes }) => bytes,
  bytesRate: ({ rate }) => rate && rate.bytesIn + rate.bytesOut,
  ended: ({ ended }) => ended,
  refused: ({ refused }) => refused,
};

export class RoutesView {
  #rows;
  #headers;
  #order = new Order("sessions", true);
  #latest = [];

  // only(route) lists its sessions, and tap(route) shows its frames
  constructor({ only, tap }) {
    this.#rows = new Keyed(byId("routes-rows"), (route) => new Row(route, only, tap));
    this.#headers = new SortableHeaders(byId("routes").querySelector("thead"), (order) => {
      this.#order = order;
      this.#draw();
    });
  }

  update(sessions, rates, events, note) {
    setText(byId("routes-note"), note);
    const totals = new Map();
    const of = (route) => {
      const total = totals.get(route) ?? { route, sessions: 0, framesIn: 0, framesOut: 0, bytes: 0, rate: undefined, ended: 0, refused: 0 };
      totals.set(route, total);
      return total;
    };
    for (const session of sessions) {
      add(of(session.route), session, rates.get(session.id));
    }
    for (const { route, refused } of events) {
      of(route)[refused ? "refused" : "ended"]++;
    }
    this.#latest = [...totals.values()];
    this.#draw();
  }

  #draw() {
    this.#headers.show(this.#order);
    show(byId("routes-none"), this.#latest.length === 0);
    const byName = new Order("route", false).apply(this.#latest, COLUMNS);
    this.#rows.update(this.#order.apply(byName, COLUMNS).map((total) => [total.route, total]));
  }
}

function add(total, { inbound, outbound }, rate) {
  total.sessions++;
  total.framesIn += inbound.frames;
  total.framesOut += outbound.frames;
  total.bytes += inbound.bytes + outbound.bytes;
  if (rate) {
    total.rate ??= { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 };
    for (const key of Object.keys(total.rate)) {
      total.rate[key] += rate[key];
    }
  }
}

class Row {
  constructor(route, only, tap) {
    this.cells = ["", "total", "rate", "total", "rate", "bytes", "bytes rate", "lately", "lately"].map((name) => el("td", { class: `number ${name}` }));
    this.element = el("tr", {},
      el("th", { scope: "row" }, el("button", { type: "button", class: "id", text: route, title: "List its sessions",
        on: { click: () => only(route) } })),
      ...this.cells,
      el("td", { class: "number" }, el("button", { type: "button", class: "small", text: "Tap…",
        "aria-label": `Tap route ${route}…`, on: { click: () => tap(route) } })));
  }

  update({ sessions, framesIn, framesOut, bytes, rate, ended, refused }) {
    [format.number(sessions), format.number(framesIn), format.rate(rate?.framesIn), format.number(framesOut),
      format.rate(rate?.framesOut), format.bytes(bytes), rate ? format.bytes(rate.bytesIn + rate.bytesOut) : "–",
      format.number(ended), format.number(refused)].forEach((text, index) => setText(this.cells[index], text));
  }

  remove() {
    this.element.remove();
  }
}
