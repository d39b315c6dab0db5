// The console: polls the gateway and shows the results.

import { Bars } from "./bars.js";
import { Chart } from "./charts.js";
import { CloseDialog } from "./close.js";
import { Detail } from "./detail.js";
import { DrainDialogs } from "./drain.js";
import { byId, el, setText, show } from "./dom.js";
import { Endings, RECENT } from "./endings.js";
import { EndingsView } from "./endings-view.js";
import { parse, withoutWord, withTerm } from "./filter.js";
import { count, Fleet, isComplete, outcome } from "./fleet.js";
import * as format from "./format.js";
import { Gateway } from "./gateway.js";
import { COLUMNS, SessionList } from "./list.js";
import { Matching } from "./matching.js";
import { PipelinesView } from "./pipelines.js";
import { Rates, SHORTEST, sum } from "./rates.js";
import { RoutesView } from "./routes.js";
import { SendDialog } from "./send.js";
import { Order, SortableHeaders } from "./sort.js";
import { VIEWS, Views } from "./views.js";
import { MOST, walk } from "./walk.js";
import { Watch } from "./watch.js";

const INTERVAL = 2000;
const SLOW = 15_000;
const TYPING = 250;
// The fleet's list costs more than that of one gateway: wait for this many times as long as it took
const PATIENCE = 4;
// The gateway's own order, for which a page is enough
const OLDEST_FIRST = "-age";

const gateway = new Gateway(document.body.dataset);
const rates = new Rates();
const list = new SessionList(byId("rows"), open);
const detail = new Detail(byId("detail"), gateway, {
  closeSession: (id) => closeDialog.open(id, sessionName(id), async ({ code, reason }) => {
    const closed = await gateway.close(id, { code, reason, fleet: fleetShown() });
    if (closed) {
      report(`Closed ${count(closed.closed, "session")}`, closed);
    } else {
      forget();
    }
  }),
  sendText: (id) => sendDialog.open(id, sessionName(id), async ({ side, text }) => {
    const sent = await gateway.send(id, side, text);
    report(`Sent to the ${side} of ${count(sent.sent, "session")}`, sent);
  }),
  hide,
  filter: (key, value) => setQuery(withTerm(query.value, key, value)),
  isReadOnly: () => readOnly,
});
const watch = new Watch(byId("watch"), gateway, { hide: hideWatch, known: (id) => known.get(id) });
const closeDialog = new CloseDialog();
const sendDialog = new SendDialog();
const drainDialogs = new DrainDialogs();
const fleet = new Fleet({
  drain: (name, sessions) => drainDialogs.begin(name, sessions, async (settings) => {
    const drained = await gateway.drain(name, true, settings);
    report(`Gateway ${name} drains ${count(drained.sessions, "session")}`, drained);
  }),
  endDrain: (name) => drainDialogs.end(name, async () => {
    report(`Gateway ${name} accepts new sessions`, await gateway.drain(name, false));
  }),
  isReadOnly: () => readOnly,
});
const matching = new Matching(gateway, {
  filter: understood,
  isFleet: fleetShown,
  isReadOnly: () => readOnly,
  report,
  failed: (error) => report(`The sessions could not be counted: ${error.message || `the gateway responded with ${error.status}`}`),
  tap: watchMatching,
  dialogs: {
    close: (which, act) => closeDialog.openMany(which, act),
    send: (which, act) => sendDialog.openMany(which, act),
    drain: (which, act) => drainDialogs.openMany(which, act),
  },
});
const endings = new Endings();
const endingsView = new EndingsView();
const routesView = new RoutesView({
  only: (route) => {
    setQuery(withTerm(query.value, "route", route));
    views.show("sessions");
  },
  tap: (route) => watchMatching({ parameters: { route }, terms: [] }),
});
const pipelinesView = new PipelinesView(gateway, {
  isFleet: fleetShown,
  report,
  failed: (error) => report(`The sessions could not be counted: ${error.message || `the gateway responded with ${error.status}`}`),
  again: restart,
});
const views = new Views(() => {
  remember();
  restart();
});
const headers = new SortableHeaders(byId("list").querySelector("thead"), sortBy);
const charts = {
  sessions: new Chart(byId("charts"), "Sessions", ["sessions"], format.number),
  frames: new Chart(byId("charts"), "Frames per second", ["in", "out"], format.rate),
  bytes: new Chart(byId("charts"), "Bytes per second", ["in", "out"], format.bytes),
};
const bars = new Bars(byId("charts"), "Closes and refusals");
const query = byId("query");
const size = byId("size");
const scope = byId("scope");

let filter = parse("");
// The cursors of the previous pages, and the number of sessions on them
let pages = [];
let page;
let order = Order.parse(OLDEST_FIRST, COLUMNS);
// The sessions that have been read last, by id
let known = new Map();
// Whether other gateways can act with this one. Only the first answer tells
let shared;
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
  const began = performance.now();
  try {
    await refresh(signal);
    failures = 0;
    show(byId("problem"), false);
    status(paused ? "paused" : "live", paused ? "paused" : `live, ${format.time(Date.now())}`);
    schedule(fleetShown() || readsAll() ? Math.max(INTERVAL, PATIENCE * (performance.now() - began)) : INTERVAL);
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
  const all = shared === undefined || fleetShown();
  const [answer, totals, session] = await Promise.all([
    readsAll() ? walk((part) => readPart(all, part, signal)) : readPart(all, { limit: size.value, after: pages.at(-1)?.after }, signal),
    fleetShown() ? undefined : gateway.totals(signal),
    id === undefined ? undefined : sessionNow(id, signal),
    views.current === "pipelines" ? pipelinesView.refresh(signal) : undefined,
  ]);
  signal.throwIfAborted();
  const before = readsAll() ? previous() : 0;
  if (answer.sessions.length <= before && pages.length > 0) {
    pages.pop();
    return refresh(signal);
  }
  if (all) {
    const isNews = shared === undefined;
    shared = answer.shared === true;
    if (shared && (!fleetShown() || (isNews && session === null))) {
      return refresh(signal);
    }
  }
  const now = Date.now();
  const ofGateways = fleetShown() ? rates.ofGateways(answer.gateways, performance.now()) : undefined;
  const read = session?.id ? [...answer.sessions.filter((other) => other.id !== session.id), session] : answer.sessions;
  const each = rates.ofSessions(read, performance.now());
  known = new Map(read.map((one) => [one.id, one]));
  page = readsAll() ? sorted(answer, each, before) : answer;
  list.update(page.sessions, each, now);
  if (session !== undefined && detail.id === id) {
    if (session?.missing) {
      detail.lost(session.missing);
    } else {
      detail.update(session, each.get(id), now);
    }
  }
  show(byId("fleet"), shared);
  document.body.classList.toggle("fleet", fleetShown());
  fleet.update(fleetShown() ? answer : undefined, ofGateways, now);
  draw(totals, each, ofGateways);
  drawEndings(answer, each, now);
  pager();
}

// One part of the list, with what ended lately
function readPart(all, part, signal) {
  return gateway.sessions({ ...filter.parameters, ...part, recent: part.after === undefined || !readsAll() ? RECENT : undefined,
    fleet: all }, signal);
}

// Whether a page of the list is not enough: to find the noisiest, or to add up
function readsAll() {
  return views.current === "routes" || (views.current === "sessions" && String(order) !== OLDEST_FIRST);
}

function sorted(answer, each, first) {
  const rows = order.apply(answer.sessions.map((session) => ({ session, rate: each.get(session.id) })), COLUMNS);
  const last = first + Number(size.value);
  return { ...answer, sessions: rows.slice(first, last).map(({ session }) => session), next: last < rows.length, read: rows.length };
}

function drawEndings(answer, each, now) {
  endings.add(answer, now);
  const from = fleetShown() && answer.gateway ? `gateway ${answer.gateway}` : "";
  const { events } = endings;
  bars.update(events, now, [from, endings.incomplete && "at least"].filter(Boolean).join(", "));
  const others = ["pipeline", "state", "minAge", "minIdle"].filter((name) => name in filter.parameters);
  if (views.current === "endings") {
    endingsView.update(answer, [
      `The last ${RECENT} of each kind${from && ` of ${from}`}.`,
      others.length > 0 && "Pipeline, state, age and idle time do not filter them.",
    ].filter(Boolean).join(" "));
  } else if (views.current === "routes") {
    routesView.update(answer.sessions, each, events, [
      "Live sessions that match the filter.",
      answer.sessions.length < answer.total && `Only the ${format.number(answer.sessions.length)} oldest of `
        + `${format.number(answer.total)} are added up.`,
      from && `Ended and refused are those of ${from}.`,
    ].filter(Boolean).join(" "));
  }
}

function fleetShown() {
  return shared === true && scope.value === "fleet";
}

// The open session: null once it is over, or the gateways that did not answer when it was looked for
async function sessionNow(id, signal) {
  const here = page?.gateway;
  if (!fleetShown() || detail.gateway === undefined || detail.gateway === here) {
    const session = await gateway.session(id, false, signal).catch(nullIfOver);
    if (session !== null || !fleetShown()) {
      return session && { ...session, gateway: fleetShown() ? here : undefined };
    }
  }
  try {
    return (await gateway.session(id, true, signal)).session;
  } catch (error) {
    return error.fleet?.missing.length > 0 ? { missing: error.fleet.missing } : nullIfOver(error);
  }
}

function nullIfOver(error) {
  if (error.status === 404) {
    return null;
  }
  throw error;
}

// Counters of all gateways or of the whole gateway if available, otherwise of the sessions on this page
function draw(totals, each, ofGateways) {
  const now = performance.now();
  if (now - drawnAt < SHORTEST) {
    return;
  }
  drawnAt = now;
  const from = ofGateways ? "all gateways" : totals ? "" : "this page";
  if (source !== undefined && source !== from) {
    clearCharts();
  }
  source = from;
  const rate = ofGateways ? sumOfGateways(ofGateways)
    : totals ? rates.ofTotals(totals, now)
    : each.size > 0 ? sum(page.sessions.filter(({ id }) => each.has(id)).map(({ id }) => each.get(id))) : undefined;
  charts.sessions.push([ofGateways ? page.gateways.reduce((total, { sessions }) => total + sessions, 0)
    : totals ? totals.sessions : page.total]);
  charts.frames.push([rate?.framesIn, rate?.framesOut]);
  charts.bytes.push([rate?.bytesIn, rate?.bytesOut]);
  const counted = page.fleet?.missing.length > 0 && ofGateways ? "gateways that can be reached" : from;
  charts.sessions.scope(ofGateways ? counted : "");
  charts.frames.scope(counted);
  charts.bytes.scope(counted);
}

// undefined until each gateway that can be reached has reported twice
function sumOfGateways(ofGateways) {
  const known = page.gateways.filter(({ reachable }) => reachable);
  return known.every(({ name }) => ofGateways.has(name)) ? sum(ofGateways.values()) : undefined;
}

function clearCharts() {
  Object.values(charts).forEach((chart) => chart.clear());
  drawnAt = -Infinity;
}

function pager() {
  const before = previous();
  const count = page.sessions.length;
  const some = page.read < page.total ? `, sorted among the ${format.number(MOST)} oldest` : "";
  const filtered = Object.keys(filter.parameters).length > 0;
  setText(byId("range"), count > 0
    ? `${format.number(before + 1)}–${format.number(before + count)} of ${format.number(page.total)}${some}`
    : "");
  setText(byId("empty"), filtered ? "No session matches the filter." : "No sessions. They appear here as clients connect.");
  show(byId("empty"), count === 0);
  show(byId("draining"), page.draining === true);
  byId("first").disabled = byId("previous").disabled = pages.length === 0;
  byId("next").disabled = !page.next;
}

function failed(error) {
  const problem = {
    0: "The gateway does not respond.",
    400: `The gateway rejects this filter. ${error.message}`,
    401: "You are not signed in. Sign in, then load this page again.",
    403: "You are not allowed to see the sessions.",
    404: "The endpoint websockets is not exposed.",
  }[error.status] ?? (error.status ? `The gateway responded with ${error.status}. ${error.message}` : String(error));
  const waits = error.status === 0 || error.status >= 500;
  failures++;
  const delay = Math.min(INTERVAL * 2 ** (failures - 1), SLOW);
  setText(byId("problem-text"), waits ? `${problem} The data shown is stale. Trying again in ${delay / 1000} s.` : problem);
  show(byId("problem"), true);
  status("lost", waits ? "not responding" : "stopped");
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

function forget() {
  byId("outcome").replaceChildren();
  tick();
}

// Shows what became of a command
function report(done, answer) {
  tick();
  const { fleet: reach } = answer ?? {};
  byId("outcome").classList.toggle("incomplete", !isComplete(reach));
  byId("outcome").replaceChildren(el("span", { text: outcome(done, reach) }),
    el("button", { type: "button", text: "Dismiss", on: { click: () => byId("outcome").replaceChildren() } }));
}

function open(id) {
  watch.close();
  detail.open(id, page?.sessions.find((session) => session.id === id)?.gateway);
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

function watchMatching(which) {
  if (detail.isOpen) {
    hide();
  }
  watch.open(which, fleetShown() ? page.gateway : undefined);
}

function hideWatch() {
  watch.close();
  byId("tap-all").focus();
}

function sortBy(next) {
  order = next;
  showOrder();
  remember();
  restart();
}

function showOrder() {
  headers.show(order);
  const select = byId("sort");
  select.value = String(order);
  if (select.selectedIndex < 0) {
    select.value = "other";
  }
}

function sessionName(id) {
  const session = known.get(id);
  return session && `${session.principal ?? "no principal"} on ${session.route}`;
}

function setQuery(text) {
  query.value = text;
  applyQuery();
}

function applyQuery() {
  const next = parse(query.value);
  matching.update(query.value.trim() !== "");
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
    endings.clear();
    restart();
  }
  remember();
}

// Starts over from the first page
function restart() {
  pages = [];
  byId("scroll").scrollTop = 0;
  if (source === "this page") {
    clearCharts();
  }
  tick();
}

// What the filter says, once all of it is understood
function understood() {
  clearTimeout(typing);
  applyQuery();
  const named = Object.keys(filter.parameters).length > 0;
  if (byId("filter-error").textContent || filter.id !== undefined || named !== (query.value.trim() !== "")) {
    query.focus();
    return undefined;
  }
  return filter;
}

// How many sessions are on the previous pages
function previous() {
  return pages.reduce((total, { count: number }) => total + number, 0);
}

// Stored in the URL, so that it can be shared and survives a reload
function remember() {
  const words = new URLSearchParams();
  if (query.value.trim()) {
    words.set("filter", query.value.trim());
  }
  if (detail.isOpen) {
    words.set("session", detail.id);
  }
  if (scope.value !== "fleet") {
    words.set("show", scope.value);
  }
  if (views.current !== VIEWS[0]) {
    words.set("view", views.current);
  }
  if (String(order) !== OLDEST_FIRST) {
    words.set("sort", String(order));
  }
  history.replaceState(null, "", words.size > 0 ? `#${words}` : location.pathname + location.search);
}

function recall() {
  const words = new URLSearchParams(location.hash.slice(1));
  query.value = words.get("filter") ?? "";
  const id = words.get("session");
  scope.value = words.get("show") === "gateway" ? "gateway" : "fleet";
  order = Order.parse(words.get("sort") ?? OLDEST_FIRST, COLUMNS) ?? order;
  showOrder();
  views.current = VIEWS.includes(words.get("view")) ? words.get("view") : VIEWS[0];
  views.draw();
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
scope.addEventListener("change", () => {
  endings.clear();
  rates.forget();
  fleet.forget();
  detail.gateway = undefined;
  remember();
  restart();
});
byId("sort").addEventListener("change", () => sortBy(Order.parse(byId("sort").value, COLUMNS)));
byId("retry").addEventListener("click", () => {
  failures = 0;
  tick();
});
byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  setText(byId("pause"), paused ? "Resume" : "Pause");
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
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) {
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
  } else if (event.key === "Escape" && (detail.isOpen || watch.isOpen) && !(typed && event.target.value && event.target.type === "search")) {
    if (watch.isOpen) {
      hideWatch();
    } else {
      hide();
    }
  }
});

setText(byId("host"), location.host);
recall();
tick();
gateway.isReadOnly().then((is) => {
  readOnly = is;
  show(byId("read-only"), readOnly);
  matching.update(query.value.trim() !== "");
  if (readOnly) {
    detail.readOnly();
  }
});
