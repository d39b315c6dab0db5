// The console: asks the gateway again and again, and shows what it says.

import { Chart } from "./charts.js";
import { CloseDialog } from "./close.js";
import { Detail } from "./detail.js";
import { byId, el, setText, show } from "./dom.js";
import { parse, withoutWord, withTerm } from "./filter.js";
import * as format from "./format.js";
import { Gateway } from "./gateway.js";
import { Rates, SHORTEST, sum } from "./rates.js";
import { SessionList } from "./list.js";

const INTERVAL = 2000;
const SLOW = 15_000;
const TYPING = 250;

const gateway = new Gateway(document.body.dataset);
const rates = new Rates();
const list = new SessionList(byId("rows"), open);
const detail = new Detail(byId("detail"), gateway, {
  closeSession: (id) => dialog.open(id, sessionName(id)),
  hide,
  filter: (key, value) => setQuery(withTerm(query.value, key, value)),
  isReadOnly: () => readOnly,
});
const dialog = new CloseDialog(async (id, code, reason) => {
  await gateway.close(id, code, reason);
  tick();
});
const charts = {
  sessions: new Chart(byId("charts"), "Sessions", ["sessions"], format.number),
  frames: new Chart(byId("charts"), "Frames per second", ["in", "out"], format.rate),
  bytes: new Chart(byId("charts"), "Payload per second", ["in", "out"], format.bytes),
};
const query = byId("query");
const size = byId("size");

let filter = parse("");
// Where the pages before this one begin, and how many sessions they had
let pages = [];
let page;
let readOnly = false;
let paused = false;
let failures = 0;
let source;
let drawnAt = -Infinity;
let polling;
let timer;

async function tick() {
  clearTimeout(timer);
  polling?.abort();
  polling = new AbortController();
  const { signal } = polling;
  try {
    await refresh(signal);
    failures = 0;
    show(byId("problem"), false);
    status(paused ? "paused" : "live", paused ? "paused" : `live, ${format.time(Date.now())}`);
    schedule(INTERVAL);
  } catch (error) {
    if (!signal.aborted) {
      failed(error);
    }
  }
}

function schedule(delay) {
  clearTimeout(timer);
  if (!paused && !document.hidden) {
    timer = setTimeout(tick, delay);
  }
}

async function refresh(signal) {
  const id = detail.id;
  const [answer, totals, session] = await Promise.all([
    gateway.sessions({ ...filter.parameters, limit: size.value, after: pages.at(-1)?.after }, signal),
    gateway.totals(signal),
    id === undefined ? undefined : gateway.session(id, signal).catch(nullIfOver),
  ]);
  signal.throwIfAborted();
  if (answer.sessions.length === 0 && pages.length > 0) {
    pages.pop();
    return refresh(signal);
  }
  page = answer;
  const now = Date.now();
  const known = session ? [...answer.sessions.filter((other) => other.id !== session.id), session] : answer.sessions;
  const each = rates.ofSessions(known, performance.now());
  list.update(answer.sessions, each, now);
  if (session !== undefined && detail.id === id) {
    detail.update(session, each.get(id), now);
  }
  draw(totals, each);
  pager();
}

function nullIfOver(error) {
  if (error.status === 404) {
    return null;
  }
  throw error;
}

// Counters of the whole gateway if it has them, else those of the sessions of this page
function draw(totals, each) {
  const now = performance.now();
  if (now - drawnAt < SHORTEST) {
    return;
  }
  drawnAt = now;
  const from = totals ? "" : "this page";
  if (source !== undefined && source !== from) {
    clearCharts();
  }
  source = from;
  const rate = totals ? rates.ofTotals(totals, now)
    : each.size > 0 ? sum(page.sessions.filter(({ id }) => each.has(id)).map(({ id }) => each.get(id))) : undefined;
  charts.sessions.push([totals ? totals.sessions : page.total]);
  charts.frames.push([rate?.framesIn, rate?.framesOut]);
  charts.bytes.push([rate?.bytesIn, rate?.bytesOut]);
  charts.frames.scope(from);
  charts.bytes.scope(from);
}

function clearCharts() {
  Object.values(charts).forEach((chart) => chart.clear());
  drawnAt = -Infinity;
}

function pager() {
  const before = pages.reduce((total, { count }) => total + count, 0);
  const count = page.sessions.length;
  const filtered = Object.keys(filter.parameters).length > 0;
  setText(byId("range"), count > 0
    ? `${format.number(before + 1)}–${format.number(before + count)} of ${format.number(page.total)}`
    : "");
  setText(byId("empty"), filtered ? "No session matches the filter." : "No sessions. They appear here as clients connect.");
  show(byId("empty"), count === 0);
  show(byId("draining"), page.draining === true);
  byId("first").disabled = byId("previous").disabled = pages.length === 0;
  byId("next").disabled = !page.next;
}

function failed(error) {
  const problem = {
    0: "The gateway does not answer.",
    400: `The gateway does not accept this filter. ${error.message}`,
    401: "You are not signed in. Sign in, then load this page again.",
    403: "You are not allowed to see the sessions.",
    404: "The endpoint websockets is not exposed.",
  }[error.status] ?? (error.status ? `The gateway answered with ${error.status}. ${error.message}` : String(error));
  const waits = error.status === 0 || error.status >= 500;
  failures++;
  const delay = Math.min(INTERVAL * 2 ** (failures - 1), SLOW);
  setText(byId("problem-text"), waits ? `${problem} What you see is old. Asking again in ${delay / 1000} s.` : problem);
  show(byId("problem"), true);
  status("lost", waits ? "not answering" : "stopped");
  rates.forget();
  if (waits) {
    schedule(delay);
    Object.values(charts).forEach((chart) => chart.push([undefined, undefined]));
  }
}

function status(state, text) {
  byId("status").dataset.state = state;
  document.body.classList.toggle("stale", state === "lost");
  setText(byId("status"), text);
}

function open(id) {
  detail.open(id);
  list.select(id);
  remember();
  detail.focus();
  tick();
}

function hide() {
  const { id } = detail;
  detail.close();
  list.select(undefined);
  list.focus(id);
  remember();
}

function sessionName(id) {
  const session = page?.sessions.find((other) => other.id === id);
  return session && `${session.principal ?? "no principal"} on ${session.route}`;
}

function setQuery(text) {
  query.value = text;
  applyQuery();
}

function applyQuery() {
  const next = parse(query.value);
  setText(byId("filter-error"), next.error);
  query.setAttribute("aria-invalid", String(next.error !== ""));
  if (next.error) {
    return;
  }
  const changed = JSON.stringify(next.parameters) !== JSON.stringify(filter.parameters);
  filter = next;
  byId("chips").replaceChildren(...filter.terms.map(({ word, label, value }) => el("li", {},
    el("button", { type: "button", "aria-label": `Remove filter ${label} ${value}`, on: { click: () => {
      setQuery(withoutWord(query.value, word));
      query.focus();
    } } }, `${label} `, el("b", { text: value }), el("span", { class: "cross", text: "×", "aria-hidden": "true" })))));
  if (next.id !== undefined && next.id !== detail.id) {
    open(next.id);
  }
  if (changed) {
    restart();
  }
  remember();
}

// From the first page on
function restart() {
  pages = [];
  byId("scroll").scrollTop = 0;
  if (source) {
    clearCharts();
  }
  tick();
}

// In the address, so that it can be sent to somebody and survives a reload
function remember() {
  const words = new URLSearchParams();
  if (query.value.trim()) {
    words.set("filter", query.value.trim());
  }
  if (detail.isOpen) {
    words.set("session", detail.id);
  }
  history.replaceState(null, "", words.size > 0 ? `#${words}` : location.pathname + location.search);
}

function recall() {
  const words = new URLSearchParams(location.hash.slice(1));
  query.value = words.get("filter") ?? "";
  const id = words.get("session");
  filter = parse("");
  if (id) {
    detail.open(id);
    list.select(id);
  }
  applyQuery();
}

let typing;
query.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(applyQuery, TYPING);
});
byId("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  applyQuery();
});
byId("next").addEventListener("click", () => {
  pages.push({ after: page.next, count: page.sessions.length });
  byId("scroll").scrollTop = 0;
  tick();
});
byId("previous").addEventListener("click", () => {
  pages.pop();
  tick();
});
byId("first").addEventListener("click", restart);
size.addEventListener("change", restart);
byId("retry").addEventListener("click", () => {
  failures = 0;
  tick();
});
byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  setText(byId("pause"), paused ? "Go on" : "Pause");
  if (paused) {
    clearTimeout(timer);
    polling?.abort();
    status("paused", "paused");
  } else {
    rates.forget();
    tick();
  }
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !paused) {
    tick();
  }
});
document.addEventListener("keydown", (event) => {
  if (byId("close").open || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const typed = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typed) {
    query.focus();
    query.select();
    event.preventDefault();
  } else if (event.key === "ArrowDown" && (event.target === query || event.target === document.body)) {
    list.focus(detail.id);
    event.preventDefault();
  } else if (event.key === "Escape" && detail.isOpen && !(typed && event.target.value && event.target.type === "search")) {
    hide();
  }
});

setText(byId("host"), location.host);
recall();
tick();
gateway.isReadOnly().then((is) => {
  readOnly = is;
  show(byId("read-only"), readOnly);
  if (readOnly) {
    detail.readOnly();
  }
});
