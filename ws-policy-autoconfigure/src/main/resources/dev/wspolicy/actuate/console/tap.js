// The frames of one session, as they pass.

import { el, setText, show } from "./dom.js";
import * as format from "./format.js";

const KEPT = 500;
const DURATIONS = [["30s", "30 s"], ["1m", "1 min"], ["5m", "5 min"]];
const COLUMNS = [["Time", "number"], ["From", ""], ["Type", "type"], ["Length", "number"], ["Policies µs", "number micros"],
  ["Verdict", ""], ["Payload", ""]];
const PLAIN = new Set(["forward", "none"]);
const ENDS = { duration: "The time is up.", "session-closed": "The session is over.", shutdown: "The gateway shuts down." };
const ARROWS = { inbound: "→", outbound: "←" };

export class Tap {
  #gateway;
  #id;
  #running;
  #waiting = [];
  #frames = [];
  #seen = 0;
  #dropped = 0;
  #forgotten = 0;
  #over = false;
  #frame;

  constructor(gateway, id) {
    this.#gateway = gateway;
    this.#id = id;
    this.start = el("button", { type: "button", text: "Tap frames", on: { click: () => this.#toggle() } });
    this.duration = el("select", { "aria-label": "For how long" },
      ...DURATIONS.map(([value, text]) => el("option", { value, text })));
    this.duration.value = "1m";
    this.find = el("input", { type: "search", placeholder: "Find in frames", "aria-label": "Find in frames",
      autocomplete: "off", spellcheck: "false", on: { input: () => this.#filter() } });
    this.direction = el("select", { "aria-label": "Direction", on: { change: () => this.#filter() } },
      el("option", { value: "", text: "both ways" }),
      el("option", { value: "inbound", text: "→ from client" }),
      el("option", { value: "outbound", text: "← from upstream" }));
    this.status = el("p", { class: "note", role: "status",
      text: "Nothing is tapped. Whoever taps is recorded in the audit log." });
    // A body per frame, as it may have a second row
    this.table = el("table", { on: { keydown: (event) => this.#move(event), click: (event) => this.#click(event) } },
      el("thead", {}, el("tr", {}, ...COLUMNS.map(([text, name]) => el("th", { scope: "col", class: name, text })))));
    this.scroll = el("div", { class: "frames" }, this.table);
    show(this.scroll, false);
    this.element = el("section", { class: "tap", "aria-label": "Frames" },
      el("div", { class: "head" }, el("h3", { text: "Frames" }), this.start, this.duration,
        el("span", { class: "space" }), this.direction, this.find),
      this.status, this.scroll);
  }

  stop() {
    this.#running?.abort();
    this.#running = undefined;
    cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  sessionOver() {
    this.#over = true;
    this.start.disabled = this.#running === undefined;
  }

  #toggle() {
    if (this.#running) {
      this.stop();
      this.#draw();
      this.#ended("Stopped.");
    } else {
      this.#run();
    }
  }

  async #run() {
    const running = new AbortController();
    this.#running = running;
    this.#seen = this.#dropped = this.#forgotten = 0;
    this.#waiting = [];
    this.#frames.splice(0).forEach((frame) => frame.remove());
    setText(this.start, "Stop");
    this.duration.disabled = true;
    setText(this.status, "Waiting for the tap…");
    let end = "The stream broke off.";
    try {
      const body = await this.#gateway.tap({ session: this.#id, duration: this.duration.value }, running.signal);
      setText(this.status, "Tapping. No frame has passed yet.");
      for await (const { event, data } of events(body)) {
        if (event === "frame") {
          this.#add(JSON.parse(data));
        } else if (event === "dropped") {
          this.#dropped += JSON.parse(data).count;
          this.#later();
        } else if (event === "end") {
          const { reason } = JSON.parse(data);
          end = Object.hasOwn(ENDS, reason) ? ENDS[reason] : `Ended: ${reason}.`;
          break;
        }
      }
    } catch (error) {
      end = refusal(error);
    }
    if (!running.signal.aborted) {
      running.abort();
      this.#running = undefined;
      this.#draw();
      this.#ended(end);
    }
  }

  #ended(why) {
    setText(this.start, "Tap frames");
    this.start.disabled = this.#over;
    this.duration.disabled = false;
    setText(this.status, this.#seen > 0 ? `${why} ${this.#counts()}` : why);
  }

  #counts() {
    return [
      `${format.number(this.#seen)} ${this.#seen === 1 ? "frame" : "frames"} seen`,
      ...(this.#forgotten > 0 ? [`the last ${KEPT} kept`] : []),
      ...(this.#dropped > 0 ? [`${format.number(this.#dropped)} not shown, as they came too fast`] : []),
    ].join(", ") + ".";
  }

  #add(frame) {
    this.#seen++;
    this.#waiting.push(frame);
    if (this.#waiting.length > KEPT) {
      this.#waiting.shift();
      this.#forgotten++;
    }
    this.#later();
  }

  #later() {
    this.#frame ??= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    const atEnd = this.scroll.scrollTop + this.scroll.clientHeight >= this.scroll.scrollHeight - 8;
    const added = this.#waiting.splice(0).map(entry);
    this.table.append(...added);
    this.#frames.push(...added);
    const old = this.#frames.splice(0, Math.max(0, this.#frames.length - KEPT));
    old.forEach((frame) => frame.remove());
    this.#forgotten += old.length;
    if (!this.table.querySelector("[tabindex='0']")) {
      this.#frames[0]?.rows[0].setAttribute("tabindex", "0");
    }
    show(this.scroll, this.#frames.length > 0);
    this.#filter();
    if (atEnd) {
      this.scroll.scrollTop = this.scroll.scrollHeight;
    }
    if (this.#running && (this.#seen > 0 || this.#dropped > 0)) {
      setText(this.status, `Tapping. ${this.#counts()}`);
    }
  }

  #filter() {
    const text = this.find.value.toLowerCase();
    for (const frame of this.#frames) {
      show(frame, (!this.direction.value || frame.dataset.direction === this.direction.value)
        && (!text || frame.textContent.toLowerCase().includes(text)));
    }
  }

  #click(event) {
    const frame = event.target.closest("tbody");
    if (frame && getSelection().isCollapsed) {
      this.#reach(frame);
      unfold(frame);
    }
  }

  #move(event) {
    const frame = event.target.closest("tbody");
    const frames = this.#frames.filter((other) => !other.hidden);
    const index = frames.indexOf(frame);
    const next = { ArrowDown: frames[index + 1], ArrowUp: frames[index - 1], Home: frames[0], End: frames.at(-1) }[event.key];
    if (next) {
      this.#reach(next);
      event.preventDefault();
    } else if (event.key === "Enter" || event.key === " ") {
      unfold(frame);
      event.preventDefault();
    }
  }

  // One frame at a time stands in the order of tabs
  #reach(frame) {
    this.table.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    frame.rows[0].setAttribute("tabindex", "0");
    frame.rows[0].focus();
  }
}

function entry(frame) {
  const verdict = frame.verdict ?? "none";
  const from = frame.origin === "peer" ? { inbound: "client", outbound: "upstream" }[frame.direction] : frame.origin;
  const details = [
    frame.fin === false && "not the last fragment",
    frame.policy && `${verdict} by ${frame.policy}`,
    frame.maskKey && `mask ${frame.maskKey}`,
    frame.encoding === "base64" && "payload in Base64",
    frame.truncated && "payload cut short",
  ].filter(Boolean).join(", ");
  const payload = frame.payload ?? "";
  const texts = [
    format.time(frame.time, 3), `${ARROWS[frame.direction] ?? ""} ${from ?? ""}`,
    frame.fin === false ? `${frame.type} …` : frame.type, format.number(frame.length),
    frame.policyNanos ? format.micros(frame.policyNanos) : "–", verdict, frame.truncated ? `${payload}…` : payload,
  ];
  const names = [, `direction ${frame.direction}`, , , , `verdict ${PLAIN.has(verdict) ? "plain" : "marked"}`, "payload code"];
  return el("tbody", { "data-direction": frame.direction },
    el("tr", { tabindex: "-1", "aria-expanded": "false" },
      ...texts.map((text, index) => el("td", { class: names[index] ?? COLUMNS[index][1], text }))),
    el("tr", { class: "whole", hidden: "" }, el("td", { colspan: COLUMNS.length },
      el("pre", { class: "code", text: payload || "no payload" }), el("p", { class: "note", text: details }))));
}

function unfold(frame) {
  const [row, whole] = frame.rows;
  show(whole, whole.hidden);
  row.setAttribute("aria-expanded", String(!whole.hidden));
}

function refusal(error) {
  switch (error.status) {
    case undefined:
    case 0:
      return "The connection to the gateway broke off.";
    case 400:
      return error.message || "The tap does not allow this much. Try a shorter time.";
    case 401:
      return "You are not signed in.";
    case 403:
      return "You are not allowed to tap frames.";
    case 404:
    case 405:
      return "The tap is not exposed. Expose the endpoint websockettap, and allow access to it.";
    case 429:
      return "Too many taps are running.";
    default:
      return error.message || `The gateway answered with ${error.status}.`;
  }
}

// Server-sent events. EventSource would hide the status of a refusal, and connect again by itself.
export async function* events(body) {
  let event = "message";
  let data = [];
  for await (const line of lines(body)) {
    if (line === "") {
      if (data.length > 0) {
        yield { event, data: data.join("\n") };
      }
      event = "message";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") {
      event = value;
    } else if (field === "data") {
      data.push(value);
    }
  }
}

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      const parts = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = parts.pop();
      yield* parts;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
