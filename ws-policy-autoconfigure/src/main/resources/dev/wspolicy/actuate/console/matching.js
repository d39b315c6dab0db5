// The actions on all sessions that match the filter. Each is confirmed with the count that the gateway gives.

import { byId, setText, show } from "./dom.js";
import { isSelective } from "./filter.js";
import { count } from "./fleet.js";

const ACTIONS = { "close-all": "Close", "send-all": "Send text to", "drain-all": "Drain" };

export class Matching {
  #gateway;
  #context;

  // The context has: filter(), what to act on, or undefined if not all of the filter is understood; isFleet();
  // isReadOnly(); report(done, answer) and failed(error), for the outcome; dialogs for each action; and tap(filter)
  constructor(gateway, context) {
    this.#gateway = gateway;
    this.#context = context;
    byId("close-all").addEventListener("click", () => this.#ask(context.dialogs.close, (parameters, settings) =>
      gateway.closeMatching(parameters, settings), ({ closed }) => `Closed ${count(closed, "session")}`));
    byId("send-all").addEventListener("click", () => this.#ask(context.dialogs.send, (parameters, settings) =>
      gateway.sendMatching(parameters, settings), ({ sent }) => `Sent to ${count(sent, "session")}`));
    byId("drain-all").addEventListener("click", () => this.#ask(context.dialogs.drain, (parameters, settings) =>
      gateway.closeMatching(parameters, settings), ({ closed }) => `${count(closed, "session")} will be closed within the window`));
    byId("tap-all").addEventListener("click", () => {
      const filter = context.filter();
      if (filter) {
        context.tap(filter);
      }
    });
  }

  // Says what the buttons act on
  update(filtered) {
    const which = filtered ? "matching" : "all";
    setText(byId("matching-label"), filtered ? "Matching:" : "All sessions:");
    for (const [id, deed] of Object.entries(ACTIONS)) {
      byId(id).setAttribute("aria-label", `${deed} ${which} sessions…`);
      show(byId(id), !this.#context.isReadOnly());
    }
    byId("tap-all").setAttribute("aria-label", `Tap ${which} sessions…`);
  }

  async #ask(dialog, act, done) {
    const filter = this.#context.filter();
    if (!filter) {
      return;
    }
    const { parameters, terms } = filter;
    const fleet = this.#context.isFleet();
    let total = 0;
    try {
      // Sessions that are closing already are not acted on
      if (parameters.state?.toLowerCase() !== "closing") {
        ({ total } = await this.#gateway.sessions({ ...parameters, state: "open", limit: 1, fleet }));
      }
    } catch (error) {
      this.#context.failed(error);
      return;
    }
    if (document.querySelector("dialog[open]")) {
      return;
    }
    if (total === 0) {
      this.#context.report("No open session matches");
      return;
    }
    dialog({ total, all: !isSelective(parameters), fleet, what: terms.map(({ label, value }) => `${label} ${value}`).join(", ") },
      async (settings) => {
        const answer = await act(parameters, { ...settings, fleet });
        const really = answer.closed ?? answer.sent;
        this.#context.report(`${done(answer)}${really === total ? "" : `; ${count(total, "session")} had been counted`}`,
          answer);
      });
  }
}
