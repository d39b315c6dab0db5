// Computes rates from successive values of counters.

import { milliseconds } from "./format.js";

// The gateway updates its counters once per second, so shorter intervals are meaningless
export const SHORTEST = 1_000;

const ZERO = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 };

export class Rates {
  #last = new Map();
  #rates = new Map();
  #gateways = new Map();
  #lastTotals;
  #at = -Infinity;
  #totalsAt;

  // Rates per second of each session that was present last time. Those of other gateways are as of its last report
  ofSessions(sessions, now) {
    if (now - this.#at < SHORTEST) {
      return this.#rates;
    }
    const samples = new Map(sessions.map((session) => [session.id, sample(this.#last.get(session.id), countsOf(session),
      this.#gateways.get(session.gateway)?.at ?? now)]));
    this.#last = samples;
    this.#rates = ratesOf(samples);
    this.#at = now;
    return this.#rates;
  }

  // Rates per second of each gateway. The others only report their counters now and then
  ofGateways(gateways, now) {
    this.#gateways = new Map(gateways.filter(({ reachable }) => reachable).map((gateway) => [gateway.name,
      sample(this.#gateways.get(gateway.name), countsOf(gateway), now - milliseconds(gateway.lag))]));
    return ratesOf(this.#gateways);
  }

  // Rates per second of the whole gateway; undefined the first time
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
    this.#gateways = new Map();
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

// A sample with its rate, or the previous one if there has been no new report since
function sample(before, count, at) {
  if (!before) {
    return { count, at };
  }
  const elapsed = at - before.at;
  return elapsed < SHORTEST ? before : { count, at, rate: difference(before.count, count, elapsed / 1000) };
}

function ratesOf(samples) {
  return new Map([...samples].filter(([, { rate }]) => rate).map(([key, { rate }]) => [key, rate]));
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
