// The dialog that asks for the close code of one session, or of many, and for confirmation.

import { Dialog, many, OVER, StatusFields, Sure } from "./dialog.js";
import * as format from "./format.js";

export class CloseDialog {
  #dialog = new Dialog("close");
  #status = new StatusFields("close");
  #sure = new Sure("close");

  // act({ code, reason }) closes the session
  open(id, who, act) {
    this.#open({ title: "Close this session?", confirm: "Close session", gone: OVER, act, all: false,
      what: `${format.shortId(id)}${who ? `, ${who}` : ""}. This code is sent to both the client and the upstream.` });
  }

  // To close all sessions without a filter takes a second confirmation
  openMany(matching, act) {
    const { sessions, which, what } = many(matching);
    this.#open({ title: `Close ${which}?`, confirm: `Close ${sessions}`, act, all: matching.all,
      what: `${what} This code is sent to both their clients and their upstreams.` });
  }

  #open({ title, what, confirm, gone, act, all }) {
    this.#status.reset("1001");
    this.#sure.reset(all);
    this.#dialog.ask({ title, what, confirm, deed: "close sessions", gone, act: () => act(this.#status.values) });
    this.#status.select();
  }
}
