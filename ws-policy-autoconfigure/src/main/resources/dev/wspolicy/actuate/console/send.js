// The dialog that sends a text to one side of a session, or of many.

import { byId } from "./dom.js";
import { Dialog, many, OVER, Sure } from "./dialog.js";
import * as format from "./format.js";

export class SendDialog {
  #dialog = new Dialog("send");
  #side = byId("send-side");
  #text = byId("send-text");
  #sure = new Sure("send");

  // act({ side, text }) sends the text
  open(id, who, act) {
    this.#open({ title: "Send a text?", confirm: "Send text", gone: OVER, act, all: false,
      what: `To session ${format.shortId(id)}${who ? `, ${who}` : ""}, as a text message that passes no policy.` });
  }

  openMany(matching, act) {
    const { sessions, which, what } = many(matching);
    this.#open({ title: `Send a text to ${which}?`, confirm: `Send to ${sessions}`, act, all: matching.all,
      what: `${what} Each gets it as a text message that passes no policy.` });
  }

  #open({ title, what, confirm, gone, act, all }) {
    this.#side.value = "client";
    this.#text.value = "";
    this.#sure.reset(all);
    this.#dialog.ask({ title, what, confirm, deed: "send texts", gone,
      act: () => act({ side: this.#side.value, text: this.#text.value }) });
    this.#text.focus();
  }
}
