// Client for the gateway's endpoints. All URLs are relative to the page.

import { isSelective } from "./filter.js";

const PATIENCE = 10_000;
const METERS_RETRY = 30_000;

export class Refusal extends Error {
  // The fleet tells which gateways answered, if the request was for all of them
  constructor(status, message, fleet) {
    super(message);
    this.status = status;
    this.fleet = fleet;
  }
}

export class Gateway {
  #sessions;
  #tap;
  #metrics;
  #pipelines;
  #metersAt = 0;

  constructor({ sessions, tap, metrics, pipelines }) {
    this.#pipelines = pipelines;
    this.#sessions = sessions;
    this.#tap = tap;
    this.#metrics = metrics;
  }

  sessions(parameters, signal) {
    return read(`${this.#sessions}?${query(parameters)}`, signal);
  }

  // With fleet, from whichever gateway relays it, with fewer details
  session(id, fleet, signal) {
    return read(`${this.#sessions}/${encodeURIComponent(id)}?${query({ fleet })}`, signal);
  }

  // Closes one session. With fleet, returns what became of it
  async close(id, { code, reason, fleet }) {
    const response = await request(`${this.#sessions}/${encodeURIComponent(id)}?${query({ code, reason, fleet })}`,
      { method: "DELETE", headers: csrfHeader() });
    return response.status === 204 ? undefined : response.json();
  }

  // Closes all sessions that match, or simply all. With a window, each at a random moment within it
  async closeMatching(parameters, { window, code, reason, fleet }) {
    const all = isSelective(parameters) ? undefined : true;
    const response = await request(`${this.#sessions}?${query({ ...parameters, all, window, code, reason, fleet })}`,
      { method: "DELETE", headers: csrfHeader() });
    return response.json();
  }

  // Sends a text to all sessions that match, or simply to all
  sendMatching(parameters, { side, text, fleet }) {
    return this.#post(this.#sessions, { ...parameters, ...(isSelective(parameters) ? {} : { all: true }), side, text, fleet });
  }

  // What serves the sessions of each route
  pipelines(signal) {
    return read(this.#pipelines, signal);
  }

  // Switches the mode or the share of a policy, and returns what became of it
  switchPolicy(pipeline, policy, settings) {
    return this.#post(this.#policy(pipeline, policy), settings);
  }

  async undoSwitch(pipeline, policy, { direction, route, fleet }) {
    const response = await request(`${this.#policy(pipeline, policy)}?${query({ direction, route, fleet })}`,
      { method: "DELETE", headers: csrfHeader() });
    return response.json();
  }

  #policy(pipeline, policy) {
    return `${this.#pipelines}/${encodeURIComponent(pipeline)}/${encodeURIComponent(policy)}`;
  }

  // Whether policies can be switched. Whether the user is authorized is only known from the response
  async canSwitch() {
    try {
      const response = await request(this.#policy("none", "none"), { method: "OPTIONS" });
      return response.headers.get("Allow")?.includes("POST") === true;
    } catch {
      return false;
    }
  }

  send(id, side, text) {
    return this.#post(`${this.#sessions}/${encodeURIComponent(id)}`, { side, text, fleet: true });
  }

  // Begins or ends the drain of one gateway
  drain(gateway, draining, settings = {}) {
    return this.#post(this.#sessions, { gateway, draining, ...settings });
  }

  async #post(address, body) {
    const response = await request(address, { method: "POST", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", ...csrfHeader() } });
    return response.json();
  }

  // Whether the endpoint supports closing sessions. Whether the user is authorized is only known from the response.
  async isReadOnly() {
    try {
      const response = await request(`${this.#sessions}/none`, { method: "OPTIONS" });
      const allowed = response.headers.get("Allow");
      return allowed !== null && !allowed.includes("DELETE");
    } catch {
      return false;
    }
  }

  // Counters of the whole gateway, or undefined if they are not available
  async totals(signal) {
    if (performance.now() < this.#metersAt) {
      return undefined;
    }
    try {
      const [sessions, ...counts] = await Promise.all([
        this.#meter("wspolicy.sessions.active", "", signal),
        ...["frames", "bytes"].flatMap((meter) => ["inbound", "outbound"].map((direction) =>
          this.#meter(`wspolicy.${meter}`, `direction:${direction}`, signal))),
      ]);
      return { sessions, framesIn: counts[0], framesOut: counts[1], bytesIn: counts[2], bytesOut: counts[3] };
    } catch (refusal) {
      if (!refusal.status) {
        throw refusal;
      }
      if (refusal.status < 500) {
        this.#metersAt = performance.now() + METERS_RETRY;
      }
      return undefined;
    }
  }

  async #meter(name, tag, signal) {
    const meter = await read(`${this.#metrics}/${name}${tag && `?tag=${tag}`}`, signal);
    return meter.measurements[0].value;
  }

  // The event stream of a tap, which may be silent for a long time
  async tap(parameters, signal) {
    const response = await request(`${this.#tap}?${query(parameters)}`, { signal },
      { accept: "text/event-stream", patience: Infinity });
    return response.body;
  }
}

function query(parameters) {
  return new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined)).toString();
}

async function read(address, signal) {
  const response = await request(address, { signal });
  return response.json();
}

async function request(address, init = {}, { accept = "application/json", patience = PATIENCE } = {}) {
  const signals = [init.signal, patience < Infinity && AbortSignal.timeout(patience)].filter(Boolean);
  let response;
  try {
    response = await fetch(address, {
      cache: "no-store",
      ...init,
      headers: { Accept: accept, ...init.headers },
      signal: AbortSignal.any(signals),
    });
  } catch (error) {
    if (init.signal?.aborted) {
      throw error;
    }
    throw new Refusal(0, "The gateway does not respond.");
  }
  const type = response.headers.get("Content-Type") ?? "";
  if (response.redirected || (response.ok && type.includes("text/html"))) {
    // A login page instead of a response
    throw new Refusal(401, "You are not signed in.");
  }
  if (!response.ok) {
    const { message, detail, fleet } = await problem(response, type);
    throw new Refusal(response.status, String(message ?? detail ?? ""), fleet);
  }
  return response;
}

async function problem(response, type) {
  if (type.includes("json")) {
    try {
      return await response.json() ?? {};
    } catch {
      // There is no message then
    }
  }
  return {};
}

// The CSRF header that Spring Security requires of scripts
function csrfHeader() {
  const cookie = document.cookie.split("; ").find((entry) => entry.startsWith("XSRF-TOKEN="));
  return cookie ? { "X-XSRF-TOKEN": decodeURIComponent(cookie.slice("XSRF-TOKEN=".length)) } : {};
}
