// Drives the console with Chromium. GATEWAY is the demo's address, CHROMIUM the browser, SCREENSHOTS a folder.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, test } from "node:test";
import { chromium } from "playwright-core";
import WebSocket from "ws";
import { Front } from "./front.js";

const { GATEWAY, CHROMIUM, SCREENSHOTS } = process.env;
const timeout = 120_000;
const clients = [];
const pages = [];
let browser;
let front;

before(async () => {
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  front = await Front.start(GATEWAY);
}, { timeout });

after(async () => {
  await browser?.close();
  front?.stop();
});

afterEach(async () => {
  await Promise.all(pages.splice(0).map((page) => page.context().close()));
  front.clear();
  const gone = clients.splice(0).map((client) => {
    const closed = client.readyState === WebSocket.CLOSED ? undefined : once(client, "close");
    client.terminate();
    return closed;
  });
  await Promise.all(gone);
  // The next test begins with an empty list
  for (;;) {
    const { total } = await (await fetch(`${GATEWAY}/actuator/websockets`)).json();
    if (total === 0) {
      break;
    }
  }
});

async function join(name, path = "/chat") {
  const client = new WebSocket(`${GATEWAY.replace("http", "ws")}${path}?user=${encodeURIComponent(name)}`);
  clients.push(client);
  client.on("error", () => {});
  await once(client, "open");
  return client;
}

class Console {
  static async open() {
    const console = new Console();
    await console.start();
    await console.load();
    return console;
  }

  async start() {
    const context = await browser.newContext({ viewport: { width: 1440, height: 860 } });
    this.page = await context.newPage();
    pages.push(this.page);
    this.page.setDefaultTimeout(30_000);
    this.errors = [];
    this.page.on("pageerror", (error) => this.errors.push(error.message));
    this.page.on("console", (message) => {
      // That a meter or the tap answers 404 is what some tests are about
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        this.errors.push(message.text());
      }
    });
  }

  async load() {
    await this.page.goto(`${front.address}/actuator/websocketconsole`);
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  get rows() {
    return this.page.locator("#rows tr");
  }

  row(text) {
    return this.rows.filter({ hasText: text });
  }

  get detail() {
    return this.page.getByRole("complementary");
  }

  get frames() {
    return this.detail.locator(".frames tbody tr:not(.whole):visible");
  }

  async filter(text, rows) {
    await this.page.getByRole("searchbox", { name: "Filter", exact: true }).fill(text);
    await this.counts(rows);
  }

  async counts(rows) {
    await this.page.waitForFunction((expected) => document.querySelectorAll("#rows tr").length === expected, rows);
  }

  async openSession(text) {
    await this.row(text).getByRole("button").click();
    await this.detail.locator("dl").first().waitFor();
    await this.shows(this.detail.locator(".head .state").first(), /open|closing/);
  }

  shows(locator, text) {
    return locator.filter({ hasText: text }).first().waitFor();
  }

  async screenshots(name) {
    for (const colorScheme of ["light", "dark"]) {
      await this.page.emulateMedia({ colorScheme });
      await this.page.screenshot({ path: `${SCREENSHOTS}/console-${name}-${colorScheme}.png` });
    }
    await this.page.emulateMedia({ colorScheme: "light" });
  }
}

// As the endpoint tells of them
function sessions(count) {
  const names = ["ann", "ben", "cleo", "dan", "eve", "frank", undefined];
  const started = Date.now();
  return Array.from({ length: count }, (_, index) => ({
    id: (index + 1).toString(16).padStart(6, "0").split("").reverse().join("").padEnd(32, "9c3f5ab7e1d4"),
    route: ["chat", "feed", "orders"][index % 3],
    pipeline: "default",
    path: `/${["chat/lobby", "feed/prices/EURUSD", "orders"][index % 3]}`,
    principal: names[index % names.length],
    remoteAddress: `203.0.113.${index % 250}:${40_000 + index % 20_000}`,
    openedAt: new Date(started - (count - index) * 997 - 5_000).toISOString(),
    lastActivityAt: new Date(started - index * 377 % 90_000).toISOString(),
    open: index % 31 !== 5,
    inbound: { frames: index * 7 % 900, messages: 1, bytes: index * 311 % 90_000 },
    outbound: { frames: index * 13 % 40_000, messages: 1, bytes: index * 7919 % 9_000_000 },
  }));
}

// Pages as the endpoint does, and lets traffic go on
function answerSessions(all) {
  front.answer("/actuator/websockets?", (request, response) => {
    const url = new URL(request.url, front.address);
    const limit = Number(url.searchParams.get("limit"));
    const first = Number(url.searchParams.get("after") ?? 0);
    const page = all.slice(first, first + limit);
    page.forEach((session, index) => {
      if (session.open && index % 3 > 0) {
        session.inbound.frames += index % 4;
        session.outbound.frames += 3 + index % 40;
        session.outbound.bytes += 1_000 + index * 31;
      }
    });
    const next = first + limit < all.length ? String(first + limit) : undefined;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ sessions: page, total: all.length, next, draining: false }));
  });
}

test("lists sessions as they come and go, and counts their frames", { timeout }, async () => {
  const console = await Console.open();
  await console.shows(console.page.locator("#empty"), "No sessions");
  const ann = await join("ann");
  await join("ben", "/echo");
  await console.counts(2);
  await console.shows(console.row("ann"), "chat");
  await console.shows(console.row("ben"), "/echo");
  await console.shows(console.page.locator("#range"), "1–2 of 2");
  await console.page.getByRole("img", { name: "Sessions: 2" }).waitFor();

  ann.send("one");
  ann.send("two");
  await console.shows(console.row("ann").locator("td:nth-child(9)"), /^2$/);

  ann.terminate();
  await console.counts(1);
  assert.deepEqual(console.errors, []);
});

test("filters by what is typed, shows what it understood, and takes it back", { timeout }, async () => {
  await join("ann");
  await join("ben");
  await join("ben", "/echo");
  const console = await Console.open();
  await console.counts(3);
  await console.filter("ben", 2);
  await console.filter("ben route:echo", 1);
  assert.deepEqual(await console.page.locator("#chips li").allTextContents(), ["principal ben×", "route echo×"]);
  await console.button("Remove filter principal ben").click();
  await console.counts(1);
  await console.filter("127.0.0.1", 3);
  await console.filter("age:2h", 0);
  await console.shows(console.page.locator("#empty"), "No session matches the filter.");

  await console.filter("age:old", 0);
  await console.shows(console.page.locator("#filter-error"), "age:old is no duration");
  await console.filter("route:chat", 2);

  // The gateway is asked for what has been idle
  const asked = console.page.waitForRequest(/[?&]minIdle=5m/);
  await console.page.getByRole("searchbox", { name: "Filter", exact: true }).fill("route:chat idle:5m");
  await asked;
  await console.filter("route:chat", 2);

  // The address keeps it
  await console.page.reload();
  await console.counts(2);
  assert.deepEqual(console.errors, []);
});

test("shows a session with what its policies have been told", { timeout }, async () => {
  await join("ann");
  const console = await Console.open();
  await console.openSession("ann");
  await console.shows(console.detail.locator("dl > div"), /^Upstreamws:\/\/localhost:\d+\/chat\?user=ann$/);
  await console.detail.getByText("Request headers").click();
  await console.shows(console.detail.locator("dl > div"), /^Sec-WebSocket-Version13$/i);
  await console.detail.getByRole("button", { name: "List only sessions with this principal" }).click();
  await console.shows(console.page.locator("#chips"), "principal ann");
  assert.deepEqual(console.errors, []);
});

test("closes a session with code and reason, once confirmed", { timeout }, async () => {
  const ann = await join("ann");
  const closed = once(ann, "close");
  const console = await Console.open();
  await console.openSession("ann");

  await console.button("Close session…").click();
  await console.button("Keep it").click();
  assert.equal(ann.readyState, WebSocket.OPEN);

  await console.button("Close session…").click();
  await console.page.getByLabel("Code").fill("1005");
  await console.button("Close session").click();
  assert.ok(await console.page.getByRole("dialog").isVisible());

  await console.page.getByLabel("Code").fill("4003");
  await console.page.getByLabel("Reason").fill("see you");
  await console.screenshots("close");
  await console.button("Close session").click();
  const [code, reason] = await closed;
  assert.equal(`${code} ${reason}`, "4003 see you");
  await console.shows(console.detail, "This session is over");
  await console.counts(0);
  assert.deepEqual(console.errors, []);
});

test("shows frames as they pass", { timeout }, async () => {
  await join("ann");
  front.answerTap();
  const console = await Console.open();
  await console.openSession("ann");
  await console.button("Tap frames").click();
  const tap = await front.tap();
  assert.match(tap.parameters.get("session"), /^[0-9a-f]{32}$/);
  assert.equal(tap.parameters.get("duration"), "1m");
  await console.shows(console.detail, "Tapping. No frame has passed yet.");

  tap.frame({ payload: "my card is 4111 1111 1111 1111", maskKey: "0a1b2c3d", verdict: "replace",
    policy: "mask-card-numbers", policyNanos: 12_345 });
  tap.frame({ direction: "outbound", payload: "[to ann] ann: hello\nsecond line" });
  tap.frame({ direction: "outbound", origin: "gateway", type: "ping", verdict: "none" });
  await console.shows(console.detail, "3 frames seen");
  assert.deepEqual((await console.frames.allTextContents()).map((text) => text.replace(/^[\d:.,]+/, "")), [
    "→ clienttext3012replacemy card is 4111 1111 1111 1111",
    "← upstreamtext31–forward[to ann] ann: hello\nsecond line",
    "← gatewayping0–none",
  ]);

  tap.send("dropped", { count: 1_200 });
  await console.shows(console.detail, "1,200 not shown, as they came too fast");

  await console.detail.getByRole("searchbox", { name: "Find in frames" }).fill("CARD");
  assert.equal(await console.frames.count(), 1);
  await console.frames.first().click();
  await console.shows(console.detail.locator(".whole:visible"), "replace by mask-card-numbers, mask 0a1b2c3d");
  await console.detail.getByRole("searchbox", { name: "Find in frames" }).fill("");

  tap.end("duration");
  await console.shows(console.detail, "The time is up. 3 frames seen");

  await console.button("Tap frames").click();
  front.taps.shift();
  const second = await front.tap();
  await console.button("Stop").click();
  await second.closed;
  assert.deepEqual(console.errors, []);
});

test("shows the frames of the gateway's own tap", { timeout }, async () => {
  const ann = await join("ann");
  const console = await Console.open();
  await console.openSession("ann");
  await console.button("Tap frames").click();
  await console.shows(console.detail, "Tapping.");
  ann.send("hello there");
  await console.shows(console.frames, /→ client.*text.*hello there/);
  await console.shows(console.frames, /← upstream.*text.*ann: hello there/);
  await console.button("Stop").click();
  await console.shows(console.detail, "Stopped.");
  assert.deepEqual(console.errors, []);
});

test("keeps the last frames of many, and stays usable", { timeout }, async () => {
  await join("ann");
  front.answerTap();
  const console = await Console.open();
  await console.openSession("ann");
  await console.button("Tap frames").click();
  const tap = await front.tap();
  for (let index = 0; index < 20_000; index++) {
    tap.frame({ direction: index % 2 ? "inbound" : "outbound", payload: `frame ${index}` });
  }
  await console.shows(console.detail, "20,000 frames seen, the last 500 kept");
  assert.equal(await console.frames.count(), 500);
  await console.shows(console.frames.last(), "frame 19999");
  await console.button("Hide").click();
  await tap.closed;
});

test("says what refuses the tap", { timeout }, async () => {
  await join("ann");
  const console = await Console.open();
  await console.openSession("ann");
  for (const [status, text] of [[404, "The tap is not exposed"], [403, "You are not allowed to tap frames"],
    [401, "You are not signed in"], [400, "sample: 7"]]) {
    front.answer("/actuator/websockettap", (request, response) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ message: "sample: 7 (expected: up to 1)" }));
    });
    await console.button("Tap frames").click();
    await console.shows(console.detail.locator(".tap .note"), text);
  }
});

test("takes nothing that peers send for markup", { timeout }, async () => {
  const hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>";
  await join(hostile);
  front.answerTap();
  const console = await Console.open();
  await console.openSession("<img");
  await console.button("Tap frames").click();
  (await front.tap()).frame({ payload: hostile, type: hostile, policy: hostile, verdict: hostile });
  await console.shows(console.frames, hostile);
  assert.equal(await console.page.locator("main img, main script, main [onerror]").count(), 0);
  // Nor could it, if the page's own scripts wanted to
  const refused = await console.page.evaluate((text) => {
    try {
      document.body.insertAdjacentHTML("beforeend", text);
      return false;
    } catch {
      return true;
    }
  }, hostile);
  assert.ok(refused);
});

test("shows what has passed by type, and what each policy has answered", { timeout }, async () => {
  const ann = await join("ann");
  ann.send("my card is 4111 1111 1111 1111");
  ann.ping();
  await once(ann, "pong");
  const console = await Console.open();
  await console.counts(1);
  await console.openSession("ann");
  await console.shows(console.detail.locator(".counters .types"), "text 1 · ping 1");
  await console.detail.getByText("Verdicts").click();
  const row = console.detail.locator(".verdicts tbody tr").filter({ hasText: "→ maskCardNumbers" });
  await row.waitFor();
  const header = await console.detail.locator(".verdicts thead th").allTextContents();
  const cells = [await row.locator("th").textContent(), ...await row.locator("td").allTextContents()];
  assert.deepEqual(Object.fromEntries(header.map((name, index) => [name, cells[index]])), { Policy: "→ maskCardNumbers",
    forwarded: "0", replaced: "1", dropped: "0", replied: "0", closed: "0", failed: "0" });
});

test("can be used with the keyboard alone", { timeout }, async () => {
  await join("ann");
  await join("ben");
  const console = await Console.open();
  await console.counts(2);
  const { keyboard } = console.page;
  await keyboard.press("/");
  await keyboard.type("route:chat");
  await keyboard.press("Enter");
  // Out of the filter to the first session, and on to the second
  await keyboard.press("ArrowDown");
  assert.equal(await console.page.evaluate(() => document.activeElement.closest("tr").cells[3].textContent), "ann");
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await console.shows(console.detail.locator("dl > div"), /^Principalben/);

  await console.button("Close session…").focus();
  await keyboard.press("Enter");
  await console.page.getByRole("dialog").waitFor();
  await keyboard.press("Escape");
  await console.page.getByRole("dialog").waitFor({ state: "hidden" });
  assert.ok(await console.detail.isVisible());

  await keyboard.press("Escape");
  await console.detail.waitFor({ state: "hidden" });
  assert.equal(await console.page.evaluate(() => document.activeElement.closest("tr").cells[3].textContent), "ben");
});

test("pages through 20,000 sessions", { timeout }, async () => {
  const all = sessions(20_000);
  answerSessions(all);
  const console = await Console.open();
  await console.shows(console.page.locator("#range"), "1–100 of 20,000");
  await console.counts(100);
  await console.button("Next").click();
  await console.shows(console.page.locator("#range"), "101–200 of 20,000");
  await console.shows(console.rows.first(), all[100].id.slice(0, 8));
  await console.page.getByLabel("Per page").selectOption("500");
  await console.counts(500);
  for (let first = 501; first < 2_500; first += 500) {
    await console.button("Next").click();
    await console.shows(console.page.locator("#range"),
      new RegExp(`^${first.toLocaleString("en-US")}–${(first + 499).toLocaleString("en-US")} of`));
  }
  await console.button("Previous").click();
  await console.shows(console.page.locator("#range"), "1,501–2,000 of 20,000");
  await console.button("First").click();
  await console.shows(console.page.locator("#range"), "1–500 of 20,000");

  // Pages that have become empty are left
  await console.button("Next").click();
  await console.shows(console.page.locator("#range"), "501–1,000");
  all.splice(400);
  await console.shows(console.page.locator("#range"), "1–400 of 400");
  assert.deepEqual(console.errors, []);
});

test("says that the gateway is gone, keeps what it knew, and goes on when it is back", { timeout }, async () => {
  await join("ann");
  const console = await Console.open();
  await console.counts(1);
  front.answer("/actuator/", (request, response) => response.destroy());
  const problem = console.page.getByRole("alert").filter({ hasText: "The gateway does not answer" });
  await problem.waitFor();
  assert.equal(await console.rows.count(), 1);
  front.clear();
  await console.button("Try again").click();
  await problem.waitFor({ state: "hidden" });
  await console.shows(console.page.locator("#status"), "live");
});

test("says what it may not see", { timeout }, async () => {
  for (const [status, text] of [[401, "You are not signed in"], [403, "You are not allowed"],
    [404, "websockets is not exposed"], [503, "answered with 503"]]) {
    front.answer("/actuator/websockets?", (request, response) => response.writeHead(status).end());
    const console = await Console.open();
    await console.shows(console.page.getByRole("alert"), text);
  }
  // A page to sign in at
  front.answer("/actuator/websockets?", (request, response) => response.writeHead(302, { Location: "/" }).end());
  const console = await Console.open();
  await console.shows(console.page.getByRole("alert"), "You are not signed in");
});

test("offers no close where the endpoint is read-only", { timeout }, async () => {
  await join("ann");
  front.answer("/actuator/websockets/none", (request, response) => response.writeHead(200, { Allow: "GET,HEAD" }).end());
  const console = await Console.open();
  await console.shows(console.page.locator("header"), "read-only");
  await console.openSession("ann");
  assert.equal(await console.button("Close session…").count(), 0);
});

test("shows masked values as such", { timeout }, async () => {
  await join("ann");
  front.answer("/actuator/websockets/", async (request, response) => {
    const real = await (await fetch(GATEWAY + request.url)).json();
    if (real.upgrade) {
      real.upgrade.headers = { Authorization: ["******"] };
    }
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(real));
  });
  const console = await Console.open();
  await console.openSession("ann");
  await console.shows(console.detail, "the setting show-values of the endpoint says who sees them");
});

// Counters of a gateway that is busy, now more and now less
function answerMeters() {
  const values = new Map();
  let asked = 0;
  front.answer("/actuator/metrics/", (request, response) => {
    const size = request.url.includes("bytes") ? 240_000 : request.url.includes("inbound") ? 420 : 3_100;
    const share = request.url.includes("outbound") ? 3 : 1;
    const value = (values.get(request.url) ?? 1e9) + share * size * (2 + Math.sin(asked++ / 60) + Math.random() / 3);
    values.set(request.url, value);
    const shown = request.url.includes("active") ? 19_700 + asked : value;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ measurements: [{ statistic: "COUNT", value: shown }] }));
  });
}

// Lets the page believe that time passes, one request after the other
async function pass(console, polls) {
  for (let poll = 0; poll < polls; poll++) {
    const answered = console.page.waitForResponse((response) => response.url().includes("/websockets?"));
    await console.page.clock.runFor(2_000);
    await answered;
  }
}

test("looks as it should", { timeout }, async () => {
  answerSessions(sessions(20_000));
  answerMeters();
  const console = new Console();
  await console.start();
  await console.page.clock.install();
  await console.load();
  await console.counts(100);
  await pass(console, 40);
  await console.shows(console.page.locator(".rate.busy"), /[1-9]/);
  await console.screenshots("list");
  assert.deepEqual(console.errors, []);
  front.clear();

  const ann = await join("ann");
  await join("ben");
  await join("cleo", "/echo");
  ann.send("hello, everybody");
  front.answerTap();
  answerMeters();
  await console.load();
  await console.openSession("ann");
  await console.button("Tap frames").click();
  const tap = await front.tap();
  for (let index = 0; index < 3; index++) {
    tap.frame({ payload: `{"op":"subscribe","channel":"prices/EURUSD","id":${index},"depth":20}`, maskKey: "0a1b2c3d",
      policyNanos: 8_400 + index * 977 });
    tap.frame({ direction: "outbound", payload: `{"op":"ack","id":${index}}`, policyNanos: 2_100 });
  }
  tap.frame({ payload: "my card is 4111 1111 1111 1111", maskKey: "5be1d2c0", verdict: "replace",
    policy: "mask-card-numbers", policyNanos: 41_200 });
  tap.frame({ payload: "you are a nincompoop", maskKey: "77aa0f31", verdict: "drop", policy: "drop-rude-words",
    policyNanos: 9_300 });
  tap.frame({ direction: "outbound", origin: "gateway", type: "ping", verdict: "none" });
  tap.frame({ type: "pong", maskKey: "c01d3a4e" });
  await pass(console, 12);
  await console.shows(console.detail, "Tapping. 10 frames seen");
  await console.frames.nth(6).click();
  await console.screenshots("detail");
  await console.page.setViewportSize({ width: 420, height: 860 });
  await console.page.screenshot({ path: `${SCREENSHOTS}/console-narrow-detail.png` });
  await console.page.keyboard.press("Escape");
  await console.page.screenshot({ path: `${SCREENSHOTS}/console-narrow.png` });

  front.answer("/actuator/", (request, response) => response.destroy());
  await console.page.setViewportSize({ width: 1440, height: 860 });
  await console.page.clock.runFor(2_000);
  await console.page.getByRole("alert").filter({ hasText: "does not answer" }).waitFor();
  await console.page.screenshot({ path: `${SCREENSHOTS}/console-lost.png` });
});
