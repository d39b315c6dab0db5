// The gateways that act as one, and what became of the commands for them.

import { byId, el, Keyed, setText, show } from "./dom.js";
import * as format from "./format.js";

// How long a gateway that has left is still listed
const REMEMBERED = 60_000;

export class Fleet {
  #rows;
  #actions;
  #seen = new Map();

  constructor(actions) {
    this.#actions = actions;
    this.#rows = new Keyed(byId("gateways"), (name) => new Row(name, actions));
  }

  // Shows the gateways; undefined if this gateway is to be shown alone
  update(answer, rates, now) {
    show(byId("fleet-table"), answer !== undefined);
    setText(byId("missing"), answer ? missing(answer) : "");
    if (answer === undefined) {
      setText(byId("fleet-total"), "");
      return;
    }
    const { gateways } = answer;
    const sessions = gateways.reduce((total, gateway) => total + gateway.sessions, 0);
    setText(byId("fleet-total"), `${count(gateways.length, "gateway")}, ${count(sessions, "session")}`);
    gateways.forEach((gateway) => this.#seen.set(gateway.name, now));
    const present = new Map(gateways.map((gateway) => [gateway.name, gateway]));
    for (const [name, at] of this.#seen) {
      if (!present.has(name) && now - at > REMEMBERED) {
        this.#seen.delete(name);
      }
    }
    this.#rows.update([...this.#seen.keys()].sort().map((name) => [name, { gateway: present.get(name),
      rate: rates.get(name), seen: this.#seen.get(name), here: name === answer.gateway, now }]));
  }

  forget() {
    this.#seen.clear();
  }
}

class Row {
  constructor(name, actions) {
    this.name = name;
    this.state = el("span", { class: "state" });
    this.here = el("span", { class: "badge", text: "serves this page" });
    this.cells = {};
    const cell = (key, className = "") => {
      this.cells[key] = el("td", { class: className });
      return this.cells[key];
    };
    const number = (key, className = "") => cell(key, `number ${className}`);
    this.isReadOnly = actions.isReadOnly;
    this.drain = el("button", { type: "button", on: { click: () => {
      if (this.gateway.draining) {
        actions.endDrain(name);
      } else {
        actions.drain(name, this.gateway.reachable ? count(this.gateway.sessions, "session") : "its sessions");
      }
    } } });
    this.element = el("tr", {},
      el("td", {}, this.state), el("th", { scope: "row" }, name, " ", this.here),
      number("sessions"), number("in", "rate"), number("out", "rate"), number("bytes", "rate"), number("up", "up"), number("lag", "lag"),
      el("td", { class: "number" }, this.drain));
  }

  update({ gateway, rate, seen, here, now }) {
    this.gateway = gateway;
    const known = gateway?.reachable === true;
    const [state, text] = stateOf(gateway, seen);
    this.state.dataset.state = state;
    setText(this.state, text);
    show(this.here, here);
    setText(this.cells.sessions, known ? format.number(gateway.sessions) : "–");
    setText(this.cells.in, format.rate(rate?.framesIn));
    setText(this.cells.out, format.rate(rate?.framesOut));
    setText(this.cells.bytes, rate ? format.bytes(rate.bytesIn + rate.bytesOut) : "–");
    setText(this.cells.up, known && gateway.startedAt ? format.age(now - Date.parse(gateway.startedAt)) : "–");
    setText(this.cells.lag, known ? format.seconds(format.milliseconds(gateway.lag)) : "–");
    show(this.drain, gateway !== undefined && !this.isReadOnly());
    setText(this.drain, gateway?.draining ? "End drain…" : "Drain…");
    this.drain.setAttribute("aria-label", `${gateway?.draining ? "End drain of" : "Drain"} gateway ${this.name}…`);
  }

  remove() {
    this.element.remove();
  }
}

function stateOf(gateway, seen) {
  if (!gateway) {
    return ["over", `gone since ${format.time(seen)}`];
  }
  if (!gateway.reachable) {
    return ["unreachable", "not reachable"];
  }
  if (!gateway.draining) {
    return ["open", "live"];
  }
  const { drain } = gateway;
  return ["closing", drain ? `draining, ${format.number(drain.left)} of ${format.number(drain.sessions)} left` : "draining"];
}

function missing({ fleet }) {
  return fleet.missing.length === 0 ? ""
    : `Sessions of ${fleet.missing.join(", ")} are missing: ${fleet.answered} of ${fleet.live} gateways could be read.`;
}

// What became of a command: closed 12 sessions; 2 of 3 gateways answered; gw-3 did not. One for a single gateway is done
export function outcome(done, { live = 1, answered, missing: silent = [], problems } = {}) {
  return [
    done,
    ...(live > 1 ? [`${answered} of ${live} gateways answered`] : []),
    ...(silent.length > 0 ? [`${silent.join(", ")} did not, and may still carry it out`] : []),
    ...Object.entries(problems ?? {}).map(([name, problem]) => `${name}: ${problem}`),
  ].join("; ") + ".";
}

export function isComplete({ missing: silent = [], problems } = {}) {
  return silent.length === 0 && Object.keys(problems ?? {}).length === 0;
}

export function count(number, noun) {
  return `${format.number(number)} ${noun}${number === 1 ? "" : "s"}`;
}
