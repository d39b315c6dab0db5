// The dialogs that drain matching sessions, and that begin and end the drain of one gateway.

import { byId } from "./dom.js";
import { Dialog, many, StatusFields, Sure } from "./dialog.js";

const DEED = "drain gateways";

export class DrainDialogs {
  #begin = new Dialog("drain");
  #end = new Dialog("end-drain");
  #status = new StatusFields("drain");
  #window = byId("drain-window");
  #reason = byId("drain-reason");
  #sure = new Sure("drain");

  // act({ window, code, reason }) begins the drain; what is not given is as configured
  begin(name, sessions, act) {
    this.#open({
      title: `Drain gateway ${name}?`,
      what: `It refuses new sessions, and closes ${sessions} within the window. Fields left empty are as configured.`,
      confirm: "Drain gateway",
      deed: DEED,
      act,
    });
  }

  // act({ window, code, reason }) closes the sessions within the window
  openMany(matching, act) {
    const { sessions, which, what } = many(matching);
    this.#open({
      title: `Drain ${which}?`,
      what: `${what} Each is closed at a random moment within the window. New sessions are accepted.`,
      confirm: `Drain ${sessions}`,
      deed: "close sessions",
      act,
      window: "1m",
      code: "1012",
      all: matching.all,
    });
  }

  #open({ window = "", code = "", all = false, act, ...texts }) {
    this.#status.reset(code);
    this.#window.value = window;
    this.#window.required = window !== "";
    this.#reason.placeholder = window === "" ? "as configured" : "none";
    this.#sure.reset(all);
    this.#begin.ask({ ...texts, act: () => act({ window: this.#window.value.trim() || undefined, ...this.#status.values }) });
    this.#window.focus();
  }

  end(name, act) {
    this.#end.ask({
      title: `End the drain of gateway ${name}?`,
      what: "It accepts new sessions again. Sessions that have been closed stay closed.",
      confirm: "End drain",
      deed: DEED,
      act,
    });
  }
}
