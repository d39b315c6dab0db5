// Rates, from counters that are read again and again.

// The gateway adds its counters up once a second; what is nearer together tells nothing
export const SHORTEST = 1_000;

const ZERO = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 };

export class Rates {
  #last = new Map();
  #rates = new Map();
  #lastTotals;
  #at = -Infinity;
  #totalsAt;

  // Per second, of each session that was there last time
  ofSessions(sessions, now) {
    if (now - this.#at < SHORTEST) {
      return this.#rates;
    }
    const seconds = (now - this.#at) / 1000;
    const rates = new Map();
    const counts = new Map();
    for (const session of sessions) {
      const count = countsOf(session);
      const before = this.#last.get(session.id);
      if (before) {
        rates.set(session.id, difference(before, count, seconds));
      }
      counts.set(session.id, count);
    }
    this.#last = counts;
    this.#rates = rates;
    this.#at = now;
    return rates;
  }

  // Per second, of the whole gateway; undefined the first time
  ofTotals(totals, now) {
    const before = this.#lastTotals;
    const seconds = (now - this.#totalsAt) / 1000;
    this.#lastTotals = totals;
    this.#totalsAt = now;
    return before && totals ? difference(before, totals, seconds) : undefined;
  }

  forget() {
    this.#last = new Map();
    this.#rates = new Map();
    this.#lastTotals = undefined;
    this.#at = -Infinity;
  }
}

export function sum(rates) {
  const total = { ...ZERO };
  for (const rate of rates) {
    for (const key of Object.keys(ZERO)) {
      total[key] += rate[key];
    }
  }
  return total;
}

function countsOf({ inbound, outbound }) {
  return { framesIn: inbound.frames, framesOut: outbound.frames, bytesIn: inbound.bytes, bytesOut: outbound.bytes };
}

function difference(before, after, seconds) {
  const rates = {};
  for (const key of Object.keys(ZERO)) {
    rates[key] = Math.max(0, (after[key] - before[key]) / seconds);
  }
  return rates;
}
