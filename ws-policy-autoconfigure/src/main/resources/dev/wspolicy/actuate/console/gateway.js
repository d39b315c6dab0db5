// The gateway's endpoints. All addresses are relative to the page.

const PATIENCE = 10_000;
const METERS_RETRY = 30_000;

export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Gateway {
  #sessions;
  #tap;
  #metrics;
  #metersAt = 0;

  constructor({ sessions, tap, metrics }) {
    this.#sessions = sessions;
    this.#tap = tap;
    this.#metrics = metrics;
  }

  sessions(parameters, signal) {
    return read(`${this.#sessions}?${query(parameters)}`, signal);
  }

  session(id, signal) {
    return read(`${this.#sessions}/${encodeURIComponent(id)}`, signal);
  }

  async close(id, code, reason) {
    const address = `${this.#sessions}/${encodeURIComponent(id)}?${query({ code, reason: reason || undefined })}`;
    await request(address, { method: "DELETE", headers: csrfHeader() });
  }

  // Whether sessions may be closed, as far as the gateway tells. Who may not learns it from the answer to a close.
  async isReadOnly() {
    try {
      const response = await request(`${this.#sessions}/none`, { method: "OPTIONS" });
      const allowed = response.headers.get("Allow");
      return allowed !== null && !allowed.includes("DELETE");
    } catch {
      return false;
    }
  }

  // Counters of the whole gateway, or undefined if they cannot be had
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

  // The stream of what is tapped; it may be silent for long
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
    throw new Refusal(0, "The gateway does not answer.");
  }
  const type = response.headers.get("Content-Type") ?? "";
  if (response.redirected || (response.ok && type.includes("text/html"))) {
    // A page to sign in at, instead of an answer
    throw new Refusal(401, "You are not signed in.");
  }
  if (!response.ok) {
    throw new Refusal(response.status, await reason(response, type));
  }
  return response;
}

async function reason(response, type) {
  if (type.includes("json")) {
    try {
      const { message, detail } = await response.json();
      return String(message ?? detail ?? "");
    } catch {
      // Then there is none
    }
  }
  return "";
}

// What Spring Security asks of scripts where it guards against forged requests
function csrfHeader() {
  const cookie = document.cookie.split("; ").find((entry) => entry.startsWith("XSRF-TOKEN="));
  return cookie ? { "X-XSRF-TOKEN": decodeURIComponent(cookie.slice("XSRF-TOKEN=".length)) } : {};
}
