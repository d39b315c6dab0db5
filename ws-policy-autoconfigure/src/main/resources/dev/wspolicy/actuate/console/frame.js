// The rows that show one frame of a tap: what is known at a glance, and all of it. A verdict that was observed after its
// frame had passed has rows of its own.

import { el, show } from "./dom.js";
import * as format from "./format.js";

const COLUMNS = [["Time", "number"], ["From", ""], ["Type", "type"], ["Length", "number"], ["Policies µs", "number micros"],
  ["Verdict", ""], ["Payload", ""]];
const PLAIN = new Set(["forward", "none"]);
const ARROWS = { inbound: "→", outbound: "←" };

// With the session where the frames of many are shown
export function columns(ofMany) {
  return ofMany ? [COLUMNS[0], ["Session", "of"], ...COLUMNS.slice(1)] : COLUMNS;
}

export function entry(record, ofMany) {
  // Only frames have a type
  return record.type === undefined ? observedEntry(record, ofMany) : frameEntry(record, ofMany);
}

function frameEntry(frame, ofMany) {
  const verdict = frame.verdict ?? "none";
  const observed = frame.observed ?? [];
  const from = frame.origin === "peer" ? { inbound: "client", outbound: "upstream" }[frame.direction] : frame.origin;
  const details = [
    ofMany && `session ${frame.session}`,
    frame.fin === false && "not the last fragment",
    frame.policy && `${verdict} by ${frame.policy}`,
    observed.length > 0 && `not enforced: ${observed.map(wouldBy).join(", ")}`,
    frame.maskKey && `mask ${frame.maskKey}`,
    frame.encoding === "base64" && "payload in Base64",
    frame.truncated && "payload truncated",
  ].filter(Boolean).join(", ");
  const payload = frame.payload ?? "";
  return rows(frame, ofMany, {
    from: from ?? "",
    type: frame.fin === false ? `${frame.type} …` : frame.type,
    length: format.number(frame.length),
    micros: frame.policyNanos ? format.micros(frame.policyNanos) : "–",
    verdict: [el("span", { class: PLAIN.has(verdict) ? "plain" : "marked", text: verdict }), ...observed.map(wouldLine)],
    payload, shown: frame.truncated ? `${payload}…` : payload, details,
  });
}

function observedEntry(observed, ofMany) {
  return rows(observed, ofMany, {
    from: "", type: "–", length: "–", micros: "–", verdict: [wouldLine(observed)], payload: "", shown: "",
    details: [ofMany && `session ${observed.session}`, `not enforced: ${wouldBy(observed)}`,
      observed.direction ? "on an earlier frame" : "without a frame"].filter(Boolean).join(", "),
  });
}

function wouldBy(observed) {
  return `${format.would(observed)}, ${observed.policy}`;
}

// Apart from what was enforced
function wouldLine(observed) {
  return el("span", { class: "would", title: "Observed, not enforced", text: wouldBy(observed) });
}

function rows(record, ofMany, { from, type, length, micros, verdict, payload, shown, details }) {
  const cells = [
    ["number", format.time(record.time, 3)], ...(ofMany ? [["of code", format.shortId(record.session)]] : []),
    [`direction ${record.direction}`, `${ARROWS[record.direction] ?? ""} ${from}`], ["type", type], ["number", length],
    ["number micros", micros], ["verdict", ...verdict], ["payload code", shown],
  ];
  return el("tbody", { "data-direction": record.direction },
    el("tr", { tabindex: "-1", "aria-expanded": "false" },
      ...cells.map(([name, ...content]) => el("td", { class: name }, ...content))),
    el("tr", { class: "whole", hidden: "" }, el("td", { colspan: cells.length },
      el("pre", { class: "code", text: payload || "no payload" }),
      el("div", { class: "head" }, el("p", { class: "note", text: details }), el("span", { class: "space" }),
        ...(payload ? [el("button", { type: "button", class: "copy small", text: "Copy payload" })] : [])))));
}

// Shows or hides the second row
export function unfold(frame) {
  const [row, whole] = frame.rows;
  show(whole, whole.hidden);
  row.setAttribute("aria-expanded", String(!whole.hidden));
}
