// Asks with what to close a session, and whether really.

import { byId, setText } from "./dom.js";
import * as format from "./format.js";

const MAX_REASON = 123;
const MEANINGS = { 1000: "normal", 1001: "going away", 1002: "protocol error", 1003: "unsupported data",
  1007: "invalid payload", 1008: "policy violation", 1009: "too big", 1010: "missing extension", 1011: "internal error",
  1012: "service restart", 1013: "try again later", 1014: "bad gateway" };

export class CloseDialog {
  #dialog = byId("close");
  #code = byId("close-code");
  #reason = byId("close-reason");
  #confirm = byId("close-confirm");
  #session;
  #close;

  constructor(close) {
    this.#close = close;
    this.#code.addEventListener("input", () => this.#check());
    this.#reason.addEventListener("input", () => this.#check());
    byId("close-cancel").addEventListener("click", () => this.#dialog.close());
    byId("close-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  open(id, who) {
    this.#session = id;
    setText(byId("close-what"), `${format.shortId(id)}${who ? `, ${who}` : ""}. Client and upstream are both sent this code.`);
    setText(byId("close-error"), "");
    this.#code.value = "1001";
    this.#reason.value = "";
    this.#check();
    this.#dialog.showModal();
    this.#code.select();
  }

  #check() {
    const code = Number(this.#code.value);
    const length = new TextEncoder().encode(this.#reason.value).length;
    setText(byId("close-meaning"), meaning(code));
    setText(byId("close-bytes"), length > 0 ? `${length} of ${MAX_REASON} bytes` : "");
    this.#code.setCustomValidity(meaning(code) ? "" : "1000 to 1003, 1007 to 1014 or 3000 to 4999");
    this.#reason.setCustomValidity(length > MAX_REASON ? `At most ${MAX_REASON} bytes` : "");
  }

  async #submit() {
    this.#confirm.disabled = true;
    try {
      await this.#close(this.#session, Number(this.#code.value), this.#reason.value);
      this.#dialog.close();
    } catch (error) {
      setText(byId("close-error"), refusal(error));
    } finally {
      this.#confirm.disabled = false;
    }
  }
}

function meaning(code) {
  if (code >= 3000 && code <= 3999) {
    return "registered by a library";
  }
  return code >= 4000 && code <= 4999 ? "of the application" : MEANINGS[code] ?? "";
}

function refusal(error) {
  return {
    401: "You are not signed in.",
    403: "You are not allowed to close sessions.",
    404: "This session is over already.",
    405: "The endpoint is read-only.",
  }[error.status] ?? (error.message || `The gateway answered with ${error.status}.`);
}
