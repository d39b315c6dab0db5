// Parses the filter box: terms such as route:chat, and terms without a key whose meaning follows from their format.

const KEYS = { route: "route", pipeline: "pipeline", path: "path", principal: "principal", address: "address", state: "state",
  age: "minAge", idle: "minIdle" };
const LABELS = { ...KEYS, minAge: "older than", minIdle: "idle for" };
const DURATIONS = new Set(["minAge", "minIdle"]);
const DURATION = /^(\d+(ns|us|ms|s|m|h|d)|[+-]?P.+)$/i;
const STATE = /^(open|closing)$/i;
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*)$/i;
const ID = /^[0-9a-f]{32}$/;

export function parse(text) {
  const filter = { parameters: {}, terms: [], id: undefined, error: "" };
  for (const word of words(text)) {
    const [parameter, value] = meaning(word);
    if (parameter === undefined) {
      filter.error = `“${value}” is not a filter. Use ${Object.keys(KEYS).join(", ")}, and quotes around a name with a colon.`;
    } else if (parameter === "id") {
      filter.id = value;
    } else if (value === "") {
      // The term is still being typed
    } else if (DURATIONS.has(parameter) && !DURATION.test(value)) {
      filter.error = `${word} is not a duration (30s, 10m, 2h, 1d)`;
    } else if (parameter === "state" && !STATE.test(value)) {
      filter.error = `${word} is not a state (open, closing)`;
    } else if (parameter in filter.parameters) {
      filter.error = `“${LABELS[parameter]}” is given twice`;
    } else {
      filter.parameters[parameter] = value;
      filter.terms.push({ word, label: LABELS[parameter], value });
    }
  }
  return filter;
}

// Adds a term, or replaces the one with the same key
export function withTerm(text, key, value) {
  const word = `${key}:${/[\s"]/.test(value) ? `"${value.replaceAll('"', "")}"` : value}`;
  return [...words(text).filter((other) => meaning(other)[0] !== KEYS[key]), word].join(" ");
}

export function withoutWord(text, word) {
  return words(text).filter((other) => other !== word).join(" ");
}

// Whether the parameters select less than all sessions. Nearly all sessions are open, so a state is not enough
export function isSelective(parameters) {
  return Object.keys(parameters).some((parameter) => parameter !== "state");
}

function words(text) {
  return text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}

// The parameter and the value of a word. An unknown key is never taken as part of a name
function meaning(word) {
  const bare = word.replaceAll('"', "");
  const colon = bare.indexOf(":");
  const key = bare.slice(0, Math.max(colon, 0)).toLowerCase();
  if (word.startsWith('"')) {
    return ["principal", bare];
  }
  if (Object.hasOwn(KEYS, key)) {
    return [KEYS[key], bare.slice(colon + 1)];
  }
  if (ID.test(bare)) {
    return ["id", bare];
  }
  if (ADDRESS.test(bare)) {
    return ["address", bare];
  }
  return colon < 0 ? ["principal", bare] : [undefined, bare.slice(0, colon)];
}
