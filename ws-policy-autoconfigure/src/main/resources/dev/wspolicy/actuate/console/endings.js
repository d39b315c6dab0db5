// Remembers how sessions ended and which upgrades were refused, from what the gateway still knows at each request.

// What the gateway remembers of each kind
export const RECENT = 100;

export const SPAN = 600_000;

const MOST = 5_000;

export class Endings {
  #events = new Map();
  #newest = { ended: undefined, refused: undefined };
  // Whether more happened between two requests than the gateway remembers
  incomplete = false;

  add({ ended = [], refused = [] }, now) {
    this.#missed("ended", ended);
    this.#missed("refused", refused);
    for (const ending of ended) {
      this.#events.set(ending.id, { at: Date.parse(ending.time), route: ending.route, code: codeOf(ending), refused: false });
    }
    for (const refusal of refused) {
      const key = `${refusal.time} ${refusal.route} ${refusal.address} ${refusal.status}`;
      this.#events.set(key, { at: Date.parse(refusal.time), route: refusal.route, code: String(refusal.status), refused: true });
    }
    for (const [key, { at }] of this.#events) {
      if (now - at > SPAN || this.#events.size > MOST) {
        this.#events.delete(key);
      }
    }
  }

  #missed(kind, latest) {
    const before = this.#newest[kind];
    if (latest.length === RECENT && before !== undefined && latest.at(-1).time > before) {
      this.incomplete = true;
    }
    this.#newest[kind] = latest[0]?.time ?? before ?? "";
  }

  get events() {
    return [...this.#events.values()];
  }

  clear() {
    this.#events.clear();
    this.#newest = { ended: undefined, refused: undefined };
    this.incomplete = false;
  }
}

// The code of the side that began to close, as for the meter: what the gateway sent to the client if it was the gateway
export function codeOf({ initiator, fromClient, fromUpstream, toClient }) {
  const code = { client: fromClient, upstream: fromUpstream }[initiator] ?? (initiator === "gateway" ? toClient : undefined);
  return String(code ?? "no code");
}
