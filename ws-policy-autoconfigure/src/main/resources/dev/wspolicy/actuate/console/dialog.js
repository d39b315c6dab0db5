// What the dialogs have in common: each explains an action, carries it out when confirmed, and says why if it fails.

import { byId, setText, show } from "./dom.js";
import { count } from "./fleet.js";

const MAX_REASON = 123;
const MEANINGS = { 1000: "normal", 1001: "going away", 1002: "protocol error", 1003: "unsupported data",
  1007: "invalid payload", 1008: "policy violation", 1009: "too big", 1010: "missing extension", 1011: "internal error",
  1012: "service restart", 1013: "try again later", 1014: "bad gateway" };

export const OVER = "This session is already over.";

export class Dialog {
  #part;
  #dialog;
  #confirm;
  #act;
  #deed;
  #gone;

  constructor(name) {
    this.#part = (suffix) => byId(`${name}-${suffix}`);
    this.#dialog = byId(name);
    this.#confirm = this.#part("confirm");
    this.#part("cancel").addEventListener("click", () => this.#dialog.close());
    this.#part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  // The deed is what the user may not be allowed to do, and gone is what a 404 means
  ask({ title, what, confirm, deed, gone, act }) {
    setText(this.#part("title"), title);
    setText(this.#part("what"), what);
    setText(this.#part("error"), "");
    setText(this.#confirm, confirm);
    this.#deed = deed;
    this.#gone = gone;
    this.#act = act;
    this.#dialog.showModal();
  }

  async #submit() {
    this.#confirm.disabled = true;
    try {
      await this.#act();
      this.#dialog.close();
    } catch (error) {
      setText(this.#part("error"), refusal(error, this.#deed, this.#gone));
    } finally {
      this.#confirm.disabled = false;
    }
  }
}

// The box that must be ticked where an action concerns all sessions
export class Sure {
  #box;

  constructor(name) {
    this.#box = byId(`${name}-sure`);
  }

  reset(required) {
    this.#box.checked = false;
    this.#box.required = required;
    show(this.#box.parentElement, required);
  }
}

// Words for an action on many sessions
export function many({ total, all, fleet, what }) {
  return {
    sessions: count(total, "session"),
    which: `${all ? "all sessions" : "the matching sessions"}${fleet ? " of all gateways" : ""}`,
    what: `${count(total, "open session")}${what ? `: ${what}` : ""}.`,
  };
}

// The fields for a close code, which may be optional, and a reason
export class StatusFields {
  #code;
  #reason;
  #meaning;
  #bytes;

  constructor(name) {
    this.#code = byId(`${name}-code`);
    this.#reason = byId(`${name}-reason`);
    this.#meaning = byId(`${name}-meaning`);
    this.#bytes = byId(`${name}-bytes`);
    this.#code.addEventListener("input", () => this.#check());
    this.#reason.addEventListener("input", () => this.#check());
  }

  reset(code) {
    this.#code.value = code;
    this.#reason.value = "";
    this.#check();
  }

  select() {
    this.#code.select();
  }

  get values() {
    return { code: this.#code.value ? Number(this.#code.value) : undefined, reason: this.#reason.value || undefined };
  }

  #check() {
    const given = this.#code.value !== "";
    const code = Number(this.#code.value);
    const length = new TextEncoder().encode(this.#reason.value).length;
    setText(this.#meaning, given ? meaning(code) : "");
    setText(this.#bytes, length > 0 ? `${length} of ${MAX_REASON} bytes` : "");
    this.#code.setCustomValidity(!given || meaning(code) ? "" : "1000 to 1003, 1007 to 1014 or 3000 to 4999");
    this.#reason.setCustomValidity(length > MAX_REASON ? `At most ${MAX_REASON} bytes` : "");
  }
}

function meaning(code) {
  if (code >= 3000 && code <= 3999) {
    return "registered with IANA";
  }
  return code >= 4000 && code <= 4999 ? "application-defined" : MEANINGS[code] ?? "";
}

function refusal(error, deed, gone) {
  const silent = error.fleet?.missing ?? [];
  if (error.status === 404 && silent.length > 0) {
    return `This session was not found, but ${silent.join(", ")} did not answer.`;
  }
  return {
    401: "You are not signed in.",
    403: `You are not allowed to ${deed}.`,
    404: gone,
    405: "The endpoint is read-only.",
  }[error.status] ?? (error.message || `The gateway responded with ${error.status}.`);
}
