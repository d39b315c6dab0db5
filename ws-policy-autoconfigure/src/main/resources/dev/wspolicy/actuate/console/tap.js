// The frames of one session, or of all that match, as they are relayed.

import { copy } from "./clipboard.js";
import { el, setText, show } from "./dom.js";
import { events } from "./events.js";
import { exportArchive, exportLines } from "./export.js";
import * as format from "./format.js";
import { columns, entry, unfold } from "./frame.js";

// How many frames are shown, and how many are kept for an export
const SHOWN = 500;
const KEPT = 10_000;
const DURATIONS = [["30s", "30 s"], ["1m", "1 min"], ["5m", "5 min"]];
const IDLE = "No tap is running. Taps are recorded in the audit log with the name of the user.";
const ENDS = { duration: "The time is up.", "session-closed": "The session is over.", shutdown: "The gateway is shutting down." };

export class Tap {
  #gateway;
  #parameters;
  #name;
  #known;
  #running;
  // What has been read since the first frame that is kept, with what precedes it in a recording
  #records = [];
  #begin;
  #opened = new Map();
  #lost = 0;
  #waiting = [];
  #frames = [];
  #seen = 0;
  #dropped = 0;
  #forgotten = 0;
  #over = false;
  #elsewhere;
  #frame;

  // The parameters select one session or many, and name is for files. known(id) returns what is known about a session
  // that is over
  constructor(gateway, parameters, { name, known }) {
    this.#gateway = gateway;
    this.#parameters = parameters;
    this.#name = name;
    this.#known = known;
    this.start = el("button", { type: "button", text: "Tap frames", on: { click: () => this.#toggle() } });
    this.duration = el("select", { "aria-label": "Duration" },
      ...DURATIONS.map(([value, text]) => el("option", { value, text })));
    this.duration.value = "1m";
    this.find = el("input", { type: "search", placeholder: "Find in frames", "aria-label": "Find in frames",
      autocomplete: "off", spellcheck: "false", on: { input: () => this.#filter() } });
    this.direction = el("select", { "aria-label": "Direction", on: { change: () => this.#filter() } },
      el("option", { value: "", text: "both ways" }),
      el("option", { value: "inbound", text: "→ from client" }),
      el("option", { value: "outbound", text: "← from upstream" }));
    this.status = el("p", { class: "note", role: "status", text: IDLE });
    this.lines = el("button", { type: "button", text: "JSON Lines", title: "Export the frames, one JSON object per line",
      "aria-label": "Export as JSON Lines", on: { click: () => exportLines(this.#fileName(), { begin: this.#begin, lost: this.#lost, opened: this.#opened,
        records: this.#records }) } });
    this.archive = el("button", { type: "button", text: "HAR", title: "Export the frames for the developer tools of a browser",
      "aria-label": "Export as HAR", on: { click: () => exportArchive(this.#fileName(),
        this.#records.filter(({ record }) => record === "frame"),
        (id) => this.#gateway.session(id, false), this.#known) } });
    this.exports = el("span", { class: "exports" }, "Export", this.lines, this.archive);
    show(this.exports, false);
    // One tbody per frame, because a frame may have a second row
    this.table = el("table", { on: { keydown: (event) => this.#move(event), click: (event) => this.#click(event) } },
      el("thead", {}, el("tr", {}, ...columns(this.#ofMany).map(([text, name]) => el("th", { scope: "col", class: name, text })))));
    this.scroll = el("div", { class: "frames" }, this.table);
    show(this.scroll, false);
    this.element = el("section", { class: "tap", "aria-label": "Frames" },
      el("div", { class: "head" }, el("h3", { text: "Frames" }), this.start, this.duration,
        el("span", { class: "space" }), this.direction, this.find),
      el("div", { class: "head" }, this.status, el("span", { class: "space" }), this.exports), this.scroll);
  }

  get #ofMany() {
    return this.#parameters.session === undefined;
  }

  #fileName() {
    return `tap-${this.#name}-${new Date().toISOString().replace(/\..*/, "").replaceAll(":", "-")}`;
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

  // A tap only sees the frames of the gateway that it runs on: undefined if that relays the session
  relayedBy(gateway) {
    if (this.#running || gateway === this.#elsewhere) {
      return;
    }
    this.#elsewhere = gateway;
    this.start.disabled = gateway !== undefined || this.#over;
    setText(this.status, gateway === undefined ? IDLE
      : `Frames can only be tapped at gateway ${gateway}, which relays this session.`);
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
    this.#records = [];
    this.#opened.clear();
    this.#lost = 0;
    this.#frames.splice(0).forEach((frame) => frame.remove());
    setText(this.start, "Stop");
    this.duration.disabled = true;
    setText(this.status, "Waiting for the tap…");
    let end = "The connection was lost.";
    try {
      const body = await this.#gateway.tap({ ...this.#parameters, duration: this.duration.value }, running.signal);
      setText(this.status, "Tapping. No frame has passed yet.");
      for await (const { event, data } of events(body)) {
        const record = JSON.parse(data);
        if (event === "recording") {
          this.#begin = record;
        } else if (event === "open") {
          this.#opened.set(record.session, record);
        } else {
          this.#keep(record);
        }
        if (event === "frame") {
          this.#add(record);
        } else if (event === "observed") {
          this.#list(record);
        } else if (event === "dropped") {
          this.#dropped += record.count;
          this.#later();
        } else if (event === "end") {
          const { reason } = record;
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
      ...(this.#forgotten > 0 ? [`the last ${SHOWN} shown`] : []),
      ...(this.#seen > KEPT ? [`the last ${format.number(KEPT)} kept for an export`] : []),
      ...(this.#dropped > 0 ? [`${format.number(this.#dropped)} not shown because they arrived too fast`] : []),
    ].join(", ") + ".";
  }

  #add(frame) {
    this.#seen++;
    this.#list(frame);
  }

  // A frame, or a verdict that was observed after its frame had passed
  #list(record) {
    this.#waiting.push(record);
    if (this.#waiting.length > SHOWN) {
      this.#waiting.shift();
      this.#forgotten++;
    }
    this.#later();
  }

  #keep(record) {
    this.#records.push(record);
    if (this.#records.length > KEPT) {
      this.#forget(this.#records.shift());
    }
  }

  #forget({ record, session, count }) {
    if (record === "frame") {
      this.#lost++;
    } else if (record === "dropped") {
      this.#lost += count;
    } else if (record === "close") {
      this.#opened.delete(session);
    }
  }

  #later() {
    this.#frame ??= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    const atEnd = this.scroll.scrollTop + this.scroll.clientHeight >= this.scroll.scrollHeight - 8;
    const added = this.#waiting.splice(0).map((frame) => entry(frame, this.#ofMany));
    this.table.append(...added);
    this.#frames.push(...added);
    const old = this.#frames.splice(0, Math.max(0, this.#frames.length - SHOWN));
    old.forEach((frame) => frame.remove());
    this.#forgotten += old.length;
    if (!this.table.querySelector("[tabindex='0']")) {
      this.#frames[0]?.rows[0].setAttribute("tabindex", "0");
    }
    show(this.scroll, this.#frames.length > 0);
    show(this.exports, this.#frames.length > 0);
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
    if (event.target.matches(".copy")) {
      this.#copy(event.target, frame.querySelector("pre").textContent);
      return;
    }
    if (frame && getSelection().isCollapsed) {
      this.#reach(frame);
      unfold(frame);
    }
  }

  async #copy(button, payload) {
    setText(button, (await copy(payload)) ? "Copied" : "The browser does not allow it");
  }

  #move(event) {
    if (event.target.matches("button")) {
      return;
    }
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

  // Only one frame at a time is in the tab order
  #reach(frame) {
    this.table.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    frame.rows[0].setAttribute("tabindex", "0");
    frame.rows[0].focus();
  }
}

function refusal(error) {
  switch (error.status) {
    case undefined:
    case 0:
      return "The connection to the gateway was lost.";
    case 400:
      return error.message || "This exceeds the limits of the tap. Try a shorter duration.";
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
      return error.message || `The gateway responded with ${error.status}.`;
  }
}
