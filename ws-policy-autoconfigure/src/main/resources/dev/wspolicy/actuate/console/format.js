// Formats numbers, sizes and times.

const NUMBER = new Intl.NumberFormat("en-US");
const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function number(value) {
  return NUMBER.format(value);
}

export function bytes(value) {
  let unit = 0;
  let scaled = value;
  while (scaled >= 999.5 && unit < UNITS.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${unit === 0 || scaled >= 99.95 ? Math.round(scaled) : scaled.toFixed(1)} ${UNITS[unit]}`;
}

export function rate(value) {
  if (value === undefined || Number.isNaN(value)) {
    return "–";
  }
  return value === 0 || value >= 9.95 ? number(Math.round(value)) : value.toFixed(1);
}

// At most two units: 42s, 4m 05s, 3h 12m, 2d 04h
export function age(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value) => String(value).padStart(2, "0");
  if (seconds < 60) {
    return `${seconds}s`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  }
  if (seconds < 86_400) {
    return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`;
  }
  return `${Math.floor(seconds / 86_400)}d ${two(Math.floor(seconds / 3600) % 24)}h`;
}

// One decimal below ten seconds: 0.3 s, 4.8 s, 12 s
export function seconds(milliseconds) {
  const value = milliseconds / 1000;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} s`;
}

// The length of a duration such as PT4.8S
export function milliseconds(duration) {
  const [, hours, minutes, seconds] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(duration) ?? [];
  return ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1000;
}

export function time(instant, fraction = 0) {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) {
    return "–";
  }
  return date.toLocaleTimeString("en-GB", fraction ? { fractionalSecondDigits: fraction, hour: "2-digit",
    minute: "2-digit", second: "2-digit" } : {});
}

export function dateAndTime(instant) {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? String(instant)
    : date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

export function micros(nanos) {
  return Number.isFinite(nanos) ? rate(nanos / 1000) : "–";
}

// What an observed policy would have done, such as: would close 1008 (too long)
export function would({ verdict, code, reason }) {
  return ["would", verdict === "failed" ? "fail" : verdict, code, reason && `(${reason})`].filter(Boolean).join(" ");
}

export function shortId(id) {
  return id.slice(0, 8);
}
