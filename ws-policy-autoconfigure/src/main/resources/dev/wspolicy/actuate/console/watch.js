// The panel with the frames of all sessions that match, such as those of a route.

import { el, setText, show } from "./dom.js";
import { Tap } from "./tap.js";

// What a tap can select sessions by
const PARAMETERS = new Set(["route", "pipeline", "path", "principal", "address"]);

export class Watch {
  #panel;
  #gateway;
  #actions;
  #tap;

  // hide() closes the panel, and known(id) returns what is known about a session
  constructor(panel, gateway, actions) {
    this.#panel = panel;
    this.#gateway = gateway;
    this.#actions = actions;
  }

  get isOpen() {
    return this.#tap !== undefined;
  }

  // The name of the gateway that the frames are of, if there are others
  open({ parameters, terms }, gateway) {
    this.close();
    const selected = Object.entries(parameters).filter(([name]) => PARAMETERS.has(name));
    const others = terms.filter(({ label }) => !PARAMETERS.has(label)).map(({ word }) => word);
    this.#tap = new Tap(this.#gateway, Object.fromEntries(selected), {
      name: parameters.route ?? "sessions", known: this.#actions.known });
    const title = el("h2", { id: "watch-title", tabindex: "-1", text: selected.length === 0 ? "All sessions"
      : selected.map(([name, value]) => `${name} ${value}`).join(", ") });
    const note = el("p", { class: "note" });
    setText(note, [
      "Includes sessions that open later.",
      others.length > 0 && `A tap cannot filter by ${others.join(" ")}, so that this is left out.`,
      gateway && `Only frames of gateway ${gateway} are shown.`,
    ].filter(Boolean).join(" "));
    this.#panel.replaceChildren(el("div", { class: "head" }, title, el("span", { class: "space" }),
      el("button", { type: "button", text: "Hide", title: "Escape", on: { click: () => this.#actions.hide() } })), note,
      this.#tap.element);
    show(this.#panel, true);
    title.focus();
  }

  close() {
    this.#tap?.stop();
    this.#tap = undefined;
    show(this.#panel, false);
    this.#panel.replaceChildren();
  }
}
