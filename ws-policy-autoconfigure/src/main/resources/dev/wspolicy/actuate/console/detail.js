// The details of one session: its properties, its counters and its frames.

import { el, Keyed, setText, show } from "./dom.js";
import * as format from "./format.js";
import { Tap } from "./tap.js";
import { Verdicts } from "./verdicts.js";

const MASK = "******";
// Properties with their own place. Any others are shown in the order in which the endpoint returns them
const PLACED = new Set(["id", "route", "pipeline", "principal", "openedAt", "open", "inbound", "outbound", "attributes",
  "upgrade", "lastActivityAt", "verdicts", "observed", "gateway", "remoteAddress", "protocol",
  "subprotocol"]);

export class Detail {
  id;
  // The gateway that relays the session, as far as is known
  gateway;
  #panel;
  #gateway;
  #actions;
  #tap;
  #parts;
  // What was last known about the session
  #latest;

  constructor(panel, gateway, actions) {
    this.#panel = panel;
    this.#gateway = gateway;
    this.#actions = actions;
  }

  get isOpen() {
    return this.id !== undefined;
  }

  open(id, gateway) {
    if (this.id === id) {
      return;
    }
    this.#tap?.stop();
    this.id = id;
    this.gateway = gateway;
    this.#latest = undefined;
    this.#build(id);
    show(this.#panel, true);
  }

  close() {
    this.#tap?.stop();
    this.id = undefined;
    show(this.#panel, false);
    this.#panel.replaceChildren();
  }

  focus() {
    this.#parts.title.focus();
  }

  readOnly() {
    this.#parts?.close.remove();
    this.#parts?.send.remove();
  }

  #build(id) {
    const title = el("h2", { id: "detail-title", tabindex: "-1", text: id });
    const state = el("span", { class: "state", text: "…" });
    const close = el("button", { type: "button", class: "danger", text: "Close session…",
      on: { click: () => this.#actions.closeSession(id) } });
    const send = el("button", { type: "button", class: "send", text: "Send text…",
      on: { click: () => this.#actions.sendText(id) } });
    const hide = el("button", { type: "button", text: "Hide", title: "Escape", on: { click: () => this.#actions.hide() } });
    const note = el("p", { class: "note", role: "status" });
    this.#tap = new Tap(this.#gateway, { session: id }, { name: format.shortId(id), known: () => this.#latest });
    const facts = el("dl", { class: "facts" });
    const counters = el("tbody");
    const more = el("div");
    const rest = el("div", { class: "more" });
    const verdicts = Verdicts.enforced();
    const observed = Verdicts.observed();
    this.#parts = { title, state, close, send, note, facts: new Facts(facts), counters: this.#counters(counters),
      verdicts, observed, rest, sections: new Keyed(more, (name) => new Section(name)) };
    this.#panel.replaceChildren(
      el("div", { class: "head" }, title, state, el("span", { class: "space" }),
        ...(this.#actions.isReadOnly() ? [] : [send, close]), hide),
      note,
      facts,
      el("table", { class: "counters" },
        el("thead", {}, el("tr", {}, ...["", "Frames", "Messages", "Bytes", "Frames/s", "Bytes/s"].map((text) =>
          el("th", { scope: "col", class: `${text && "number"} ${text === "Messages" ? "messages" : ""}`, text })))),
        counters),
      this.#tap.element,
      rest);
    rest.append(verdicts.element, observed.element, more);
    this.#panel.scrollTop = 0;
  }

  #counters(body) {
    return ["inbound", "outbound"].map((direction) => {
      const cells = ["", "messages", "", "", ""].map((name) => el("td", { class: `number ${name}` }));
      const types = el("span", { class: "types" });
      body.append(el("tr", {}, el("th", { scope: "row" }, el("span", { class: `direction ${direction}`,
        text: direction === "inbound" ? "From the client" : "From the upstream" }), types), ...cells));
      return { types, cells };
    });
  }

  // Shows the current state of the session; null once it is over
  update(session, rate, now) {
    const { state, close, send, note, facts, counters, verdicts, observed, rest, sections } = this.#parts;
    if (session === null) {
      setText(state, "over");
      state.dataset.state = "over";
      close.disabled = send.disabled = true;
      setText(note, "This session is over. Its last known state is shown.");
      this.#tap.sessionOver();
      return;
    }
    this.#latest = session;
    state.dataset.state = session.open ? "open" : "closing";
    setText(state, state.dataset.state);
    close.disabled = send.disabled = !session.open;
    this.gateway = session.gateway;
    // Other gateways tell less about a session
    const elsewhere = session.upgrade === undefined;
    const upgrade = session.upgrade ?? session;
    const others = Object.entries(session).filter(([name, value]) => !PLACED.has(name) && value !== null);
    facts.update([
      ["Principal", { text: session.principal, filter: session.principal && ["principal", session.principal] }],
      ["Client", { text: upgrade.remoteAddress, filter: upgrade.remoteAddress && ["address", host(upgrade.remoteAddress)] }],
      ["Route", { text: session.route, filter: ["route", session.route] }],
      ["Pipeline", { text: session.pipeline, filter: ["pipeline", session.pipeline] }],
      ["Gateway", { text: session.gateway }],
      ["Opened", { text: `${format.dateAndTime(session.openedAt)}, ${format.age(now - Date.parse(session.openedAt))} ago` }],
      ["Last data", { text: session.lastActivityAt && `${format.age(now - Date.parse(session.lastActivityAt))} ago` }],
      ["Arrived at", { text: elsewhere ? undefined
        : `${upgrade.localAddress ?? "–"}${upgrade.secure ? ", encrypted" : ", not encrypted"}` }],
      ["Protocol", { text: upgrade.protocol }],
      ["Subprotocol", { text: upgrade.subprotocol }],
      ...others.filter(([, value]) => !isNested(value)).map(([name, value]) => [title(name), { text: String(value) }]),
      ["Request", { text: upgrade.uri, code: true, wide: true }],
      ["Upstream", { text: upgrade.upstreamUri, code: true, wide: true }],
    ].filter(([, { text }]) => text).map(([name, value]) => [name, { ...value, apply: this.#actions.filter }]));
    this.#count(counters[0], session.inbound, rate?.framesIn, rate?.bytesIn);
    this.#count(counters[1], session.outbound, rate?.framesOut, rate?.bytesOut);
    show(rest, !elsewhere);
    this.#tap.relayedBy(elsewhere ? session.gateway : undefined);
    if (elsewhere) {
      setText(note, `Gateway ${session.gateway} relays this session. Its headers, attributes, verdicts and frames are `
        + "only shown there. Its counters are those that the gateway last reported.");
      return;
    }
    verdicts.update(session.verdicts ?? []);
    observed.update(session.observed ?? []);
    sections.update([
      ["Attributes", flat(session.attributes ?? {})],
      ...others.filter(([, value]) => isNested(value)).map(([name, value]) => [title(name), flat(value)]),
      ["Request headers", flat(upgrade.headers ?? {})],
      ["Upstream’s response headers", flat(upgrade.upstreamHeaders ?? {})],
    ]);
    const masked = JSON.stringify(session).includes(`"${MASK}"`);
    setText(note, masked ? `Values shown as ${MASK} are masked. The setting show-values of the endpoint controls who can see them.` : "");
  }

  // The session may live on a gateway that did not answer
  lost(missing) {
    const { state, note } = this.#parts;
    setText(state, "unknown");
    state.dataset.state = "unreachable";
    setText(note, `This session was not found, but ${missing.join(", ")} did not answer. Its last known state is shown.`);
  }

  #count({ types, cells }, count, frames, bytes) {
    setText(types, Object.entries(count.types ?? {}).map(([type, of]) => `${type} ${format.number(of.frames)}`).join(" · "));
    [format.number(count.frames), format.number(count.messages), format.bytes(count.bytes), format.rate(frames),
      bytes === undefined ? "–" : format.bytes(bytes)].forEach((text, index) => setText(cells[index], text));
  }
}

class Facts {
  constructor(list) {
    this.keyed = new Keyed(list, (name) => new Fact(name));
  }

  update(entries) {
    this.keyed.update(entries);
  }
}

class Fact {
  constructor(name) {
    this.name = name;
    this.value = el("span");
    this.only = el("button", { type: "button", class: "quiet", text: "only these",
      "aria-label": `List only sessions with this ${name.toLowerCase()}`, on: { click: () => this.apply?.(...this.filter) } });
    this.place = el("dd", {}, this.value);
    this.element = el("div", {}, el("dt", { text: name }), this.place);
  }

  update({ text, code = false, wide = false, filter, apply }) {
    setText(this.value, text ?? "–");
    this.value.className = code ? "code" : "";
    this.value.classList.toggle("masked", text === MASK);
    this.filter = filter;
    this.apply = apply;
    this.element.classList.toggle("wide", wide);
    if (!filter) {
      this.only.remove();
    } else if (!this.only.isConnected) {
      this.place.append(this.only);
    }
  }

  remove() {
    this.element.remove();
  }
}

class Section {
  constructor(name) {
    this.count = el("span", { class: "count" });
    const list = el("dl");
    this.facts = new Facts(list);
    this.element = el("details", {}, el("summary", {}, `${name} `, this.count), list);
  }

  update(entries) {
    setText(this.count, String(entries.length));
    this.facts.update(entries.map(([name, text]) => [name, { text, code: true }]));
    this.element.classList.toggle("none", entries.length === 0);
  }

  remove() {
    this.element.remove();
  }
}

function isNested(value) {
  return typeof value === "object";
}

// Flattens nested values to lines of name and text
function flat(value, path = "") {
  if (Array.isArray(value) && value.every((item) => item === null || typeof item !== "object")) {
    return [[path, value.join(", ")]];
  }
  if (value !== null && typeof value === "object") {
    return Object.entries(value).flatMap(([name, item]) => flat(item, path ? `${path}.${name}` : name));
  }
  return [[path || "value", String(value)]];
}

function title(name) {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function host(address) {
  return address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
