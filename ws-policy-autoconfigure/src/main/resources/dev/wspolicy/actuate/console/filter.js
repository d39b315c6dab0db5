// What stands in the filter box: words like route:chat, and words that say by their looks what they are.

const KEYS = { route: "route", principal: "principal", address: "address", age: "minAge", idle: "minIdle" };
const LABELS = { route: "route", principal: "principal", address: "address", minAge: "older than", minIdle: "idle for" };
const DURATIONS = new Set(["minAge", "minIdle"]);
const DURATION = /^(\d+(ns|us|ms|s|m|h|d)|[+-]?P.+)$/i;
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*)$/i;
const ID = /^[0-9a-f]{32}$/;

export function parse(text) {
  const filter = { parameters: {}, terms: [], id: undefined, error: "" };
  for (const word of words(text)) {
    const [parameter, value] = meaning(word);
    if (parameter === "id") {
      filter.id = value;
    } else if (value === "") {
      // Still being typed
    } else if (DURATIONS.has(parameter) && !DURATION.test(value)) {
      filter.error = `${word} is no duration (30s, 10m, 2h, 1d)`;
    } else if (parameter in filter.parameters) {
      filter.error = `“${LABELS[parameter]}” stands here twice`;
    } else {
      filter.parameters[parameter] = value;
      filter.terms.push({ word, label: LABELS[parameter], value });
    }
  }
  return filter;
}

// Adds a word, or puts it in the place of the one with the same key
export function withTerm(text, key, value) {
  const word = `${key}:${/[\s"]/.test(value) ? `"${value.replaceAll('"', "")}"` : value}`;
  return [...words(text).filter((other) => meaning(other)[0] !== KEYS[key]), word].join(" ");
}

export function withoutWord(text, word) {
  return words(text).filter((other) => other !== word).join(" ");
}

function words(text) {
  return text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}

function meaning(word) {
  const bare = word.replaceAll('"', "");
  const colon = bare.indexOf(":");
  const key = bare.slice(0, Math.max(colon, 0)).toLowerCase();
  if (Object.hasOwn(KEYS, key)) {
    return [KEYS[key], bare.slice(colon + 1)];
  }
  if (ID.test(bare)) {
    return ["id", bare];
  }
  return [ADDRESS.test(bare) ? "address" : "principal", bare];
}
