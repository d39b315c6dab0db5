// Drives the console with Chromium. GATEWAY is the demo's address, CHROMIUM the browser, SCREENSHOTS a folder.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, test } from "node:test";
import WebSocket from "ws";
import { Console } from "./console-page.js";
import { Front } from "./front.js";

const { GATEWAY, CHROMIUM, SCREENSHOTS } = process.env;
const timeout = 120_000;
const clients = [];
let front;

before(async () => {
  front = await Front.start(GATEWAY);
  await Console.launch(CHROMIUM, front.address, SCREENSHOTS);
}, { timeout });

after(async () => {
  await Console.quit();
  front?.stop();
});

afterEach(async () => {
  await Console.closePages();
  front.clear();
  const gone = clients.splice(0).map((client) => {
    const closed = client.readyState === WebSocket.CLOSED ? undefined : once(client, "close");
    client.terminate();
    return closed;
  });
  await Promise.all(gone);
  // The next test starts with an empty list
  for (;;) {
    const { total } = await (await fetch(`${GATEWAY}/actuator/websockets`)).json();
    if (total === 0) {
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

async function join(name, path = "/chat") {
  const client = new WebSocket(`${GATEWAY.replace("http", "ws")}${path}?user=${encodeURIComponent(name)}`);
  clients.push(client);
  client.on("error", () => {});
  await once(client, "open");
  return client;
}

// In the endpoint's format
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

// Serves pages like the endpoint, while traffic continues
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
  await console.shows(console.row("ann").locator("td:nth-child(11)"), /^2$/);

  ann.terminate();
  await console.counts(1);
  assert.deepEqual(console.errors, []);
});

test("filters by the typed words, shows how it interprets them, and clears the filter", { timeout }, async () => {
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
  await console.shows(console.page.locator("#filter-error"), "age:old is not a duration");
  // An unknown key is never taken as part of a name
  await console.filter("rout:chat", 0);
  await console.shows(console.page.locator("#filter-error"), "“rout” is not a filter. Use route, pipeline, path,");
  await console.filter("state:shut", 0);
  await console.shows(console.page.locator("#filter-error"), "state:shut is not a state");
  await console.filter("route:chat", 2);
  await console.filter('"rout:chat"', 0);
  assert.deepEqual(await console.page.locator("#chips li").allTextContents(), ["principal rout:chat×"]);
  await console.filter("path:/ec*", 1);
  await console.filter("pipeline:chat state:open", 2);
  await console.filter("state:closing", 0);

  // The gateway filters by idle time
  const asked = console.page.waitForRequest(/[?&]minIdle=5m/);
  await console.page.getByRole("searchbox", { name: "Filter", exact: true }).fill("route:chat idle:5m");
  await asked;
  await console.filter("route:chat", 2);

  // The filter is part of the address, a moment after it has been typed
  await console.page.waitForFunction(() => new URLSearchParams(location.hash.slice(1)).get("filter") === "route:chat");
  await console.page.reload();
  await console.counts(2);
  assert.deepEqual(console.errors, []);
});

test("shows a session and its upgrade request", { timeout }, async () => {
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
  await console.button("Cancel").click();
  assert.equal(ann.readyState, WebSocket.OPEN);

  await console.button("Close session…").click();
  const dialog = console.page.getByRole("dialog");
  await dialog.getByLabel("Code").fill("1005");
  await console.button("Close session").click();
  assert.ok(await dialog.isVisible());

  await dialog.getByLabel("Code").fill("4003");
  await dialog.getByLabel("Reason").fill("see you");
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
  await console.shows(console.detail, "1,200 not shown because they arrived too fast");

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
  await console.shows(console.detail, "20,000 frames seen, the last 500 shown, the last 10,000 kept for an export");
  assert.equal(await console.frames.count(), 500);
  await console.shows(console.frames.last(), "frame 19999");
  await console.button("Hide").click();
  await tap.closed;
});

test("shows why the tap is refused", { timeout }, async () => {
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

test("never interprets what peers send as markup", { timeout }, async () => {
  const hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>";
  await join(hostile);
  front.answerTap();
  const console = await Console.open();
  await console.openSession("<img");
  await console.button("Tap frames").click();
  (await front.tap()).frame({ payload: hostile, type: hostile, policy: hostile, verdict: hostile });
  await console.shows(console.frames, hostile);
  assert.equal(await console.page.locator("main img, main script, main [onerror]").count(), 0);
  // The Content-Security-Policy prevents it, even if the page's own scripts tried
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

test("shows frames by type, and the verdicts of each policy", { timeout }, async () => {
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
    forwarded: "0", replaced: "1", dropped: "0", replied: "0", closed: "0", failed: "0", waits: "0" });
});

test("shows what an observed policy would have done, apart from what was enforced", { timeout }, async () => {
  const ann = await join("ann");
  const console = await Console.open();
  await console.openSession("ann");
  await console.shows(console.detail.locator("details.observed.none summary"), "Observed, not enforced 0");
  await console.button("Tap frames").click();
  await console.shows(console.detail, "Tapping.");
  ann.send("just shut up");
  const row = console.frames.filter({ hasText: "just shut up" }).filter({ hasText: "→ client" });
  await row.waitFor();
  assert.equal(await row.locator(".verdict .plain").textContent(), "forward");
  assert.equal(await row.locator(".verdict .would").textContent(), "would close 1008 (be polite), text-pattern");
  await row.click();
  await console.shows(console.detail.locator(".whole .note"), "not enforced: would close 1008 (be polite), text-pattern");

  await console.detail.getByText("Observed, not enforced").click();
  const counts = console.detail.locator(".observed tbody tr");
  await console.shows(counts, "would close 1008 (be polite)");
  assert.deepEqual(await counts.locator("th, td").allTextContents(),
    ["→ text-pattern", "0", "0", "0", "1", "0", "would close 1008 (be polite)"]);
  await console.screenshots("observed");
  // The session goes on
  assert.equal(ann.readyState, WebSocket.OPEN);
  ann.send("please");
  await console.shows(console.frames, /→ client.*please/);
  assert.deepEqual(console.errors, []);
});

test("lists verdicts that were observed after their frame had passed", { timeout }, async () => {
  await join("ann");
  front.answerTap();
  const console = await Console.open();
  await console.openSession("ann");
  await console.button("Tap frames").click();
  const tap = await front.tap();
  tap.frame({ payload: "first" });
  const time = new Date().toISOString();
  tap.send("observed", { session: "x", direction: "inbound", time, policy: "slow", verdict: "drop", code: null, reason: null });
  tap.send("observed", { session: "x", direction: null, time, policy: "timer", verdict: "close", code: 4001, reason: null });
  tap.send("observed", { session: "x", direction: "outbound", time, policy: "broken", verdict: "failed", code: null, reason: null });
  await console.shows(console.frames, "would fail, broken");
  assert.deepEqual(await console.frames.locator(".verdict").allTextContents(),
    ["forward", "would drop, slow", "would close 4001, timer", "would fail, broken"]);
  // They are no frames
  await console.shows(console.detail, "1 frame seen");
  await console.frames.nth(2).click();
  await console.shows(console.detail.locator(".whole .note"), "not enforced: would close 4001, timer, without a frame");
  await console.detail.getByLabel("Direction").selectOption("outbound");
  assert.equal(await console.frames.count(), 1);
  assert.deepEqual(console.errors, []);
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
  // From the filter to the first session, then to the second
  await keyboard.press("ArrowDown");
  assert.equal(await console.page.evaluate(() => document.activeElement.closest("tr").cells[4].textContent), "ann");
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
  assert.equal(await console.page.evaluate(() => document.activeElement.closest("tr").cells[4].textContent), "ben");
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

  // The console leaves pages that have become empty
  await console.button("Next").click();
  await console.shows(console.page.locator("#range"), "501–1,000");
  all.splice(400);
  await console.shows(console.page.locator("#range"), "1–400 of 400");
  assert.deepEqual(console.errors, []);
});

test("reports that the gateway is gone, keeps the last data, and continues when it is back", { timeout }, async () => {
  await join("ann");
  const console = await Console.open();
  await console.counts(1);
  front.answer("/actuator/", (request, response) => response.destroy());
  const problem = console.page.getByRole("alert").filter({ hasText: "The gateway does not respond" });
  await problem.waitFor();
  assert.equal(await console.rows.count(), 1);
  await console.button("Try again").click({ trial: true });
  front.clear();
  // By then the console may have tried again by itself
  await console.page.locator("#retry").dispatchEvent("click");
  await problem.waitFor({ state: "hidden" });
  await console.shows(console.page.locator("#status"), "live");
});

test("reports what it is not allowed to see", { timeout }, async () => {
  const console = new Console();
  await console.start();
  for (const [status, text] of [[401, "You are not signed in"], [403, "You are not allowed"],
    [404, "websockets is not exposed"], [503, "responded with 503"]]) {
    front.answer("/actuator/websockets?", (request, response) => response.writeHead(status).end());
    await console.load();
    await console.shows(console.page.getByRole("alert"), text);
  }
  // A login page
  front.answer("/actuator/websockets?", (request, response) => response.writeHead(302, { Location: "/" }).end());
  await console.load();
  await console.shows(console.page.getByRole("alert"), "You are not signed in");
});

test("cannot close sessions if the endpoint is read-only", { timeout }, async () => {
  await join("ann");
  front.answer("/actuator/websockets/none", (request, response) => response.writeHead(200, { Allow: "GET,HEAD" }).end());
  const console = await Console.open();
  await console.shows(console.page.locator("header"), "read-only");
  await console.openSession("ann");
  assert.equal(await console.button("Close session…").count(), 0);
});

test("sorts by any column, and shows the noisiest first", { timeout }, async () => {
  await join("ben", "/echo");
  const ann = await join("ann", "/echo");
  const names = () => console.rows.locator("td:nth-child(5)").allTextContents();
  const sortedAs = (expected) => console.page.waitForFunction((wanted) =>
    [...document.querySelectorAll("#rows tr")].map((row) => row.cells[4].textContent).join() === wanted, expected);
  const console = await Console.open();
  await console.counts(2);
  assert.deepEqual(await names(), ["ben", "ann"]);
  await console.button("Principal").click();
  await sortedAs("ann,ben");
  await console.button("Principal").click();
  await sortedAs("ben,ann");
  const noise = setInterval(() => ann.send("noise"), 20);
  try {
    await console.page.getByLabel("Sort").selectOption("most frames/s");
    await sortedAs("ann,ben");
    await console.shows(console.rows.first().locator(".rate.busy"), /[1-9]/);
    await console.button("Out/s").click();
    await console.button("Out/s").click();
    await sortedAs("ben,ann");
    assert.equal(await console.page.getByLabel("Sort").locator(":checked").textContent(), "by column");
    // The order is part of the address
    await console.page.reload();
    await console.page.getByRole("columnheader", { name: "Out/s" }).and(console.page.locator("[aria-sort=ascending]")).first().waitFor();
    await sortedAs("ben,ann");
  } finally {
    clearInterval(noise);
  }
  assert.deepEqual(console.errors, []);
});

test("sorts among the oldest of too many sessions, and says so", { timeout }, async () => {
  const all = sessions(12_000);
  answerSessions(all);
  const console = await Console.open();
  await console.counts(100);
  await console.button("Client").click();
  await console.shows(console.page.locator("#range"), "1–100 of 12,000, sorted among the 10,000 oldest");
  await console.shows(console.rows.first().locator(".client"), "203.0.113.0:40000");
  await console.button("Next").click();
  await console.shows(console.page.locator("#range"), "101–200 of 12,000");
  assert.deepEqual(console.errors, []);
});

test("closes, sends to and drains what matches, after it has shown how many that are", { timeout }, async () => {
  const ann = await join("ann");
  const ben = await join("ben");
  const cleo = await join("cleo", "/echo");
  const console = await Console.open();
  await console.counts(3);
  await console.filter("route:chat", 2);
  const dialog = console.page.getByRole("dialog");
  const confirm = (name) => dialog.getByRole("button", { name, exact: true }).click();
  const outcome = (text) => console.shows(console.page.locator("#outcome"), text);

  await console.button("Send text to matching sessions…").click();
  await console.shows(dialog, "2 open sessions: route chat.");
  await dialog.getByLabel("Text").fill("to the chat");
  const heard = [ann, ben].map((client) => new Promise((resolve) => {
    client.on("message", (data) => String(data) === "to the chat" && resolve());
  }));
  await confirm("Send to 2 sessions");
  await Promise.all(heard);
  await outcome("Sent to 2 sessions.");

  await console.filter("route:chat principal:ann", 1);
  await console.button("Drain matching sessions…").click();
  await dialog.getByLabel("Window").fill("0s");
  const drained = once(ann, "close");
  await confirm("Drain 1 session");
  assert.equal((await drained)[0], 1012);
  await outcome("1 session will be closed within the window.");

  // What happens in between is told afterwards
  await console.filter("route:chat", 1);
  await console.button("Close matching sessions…").click();
  await console.shows(dialog, "1 open session: route chat.");
  const dan = await join("dan");
  await dialog.getByLabel("Code").fill("4003");
  const closed = [ben, dan].map((client) => once(client, "close"));
  await confirm("Close 1 session");
  assert.deepEqual((await Promise.all(closed)).map(([code]) => code), [4003, 4003]);
  await outcome("Closed 2 sessions; 1 session had been counted.");
  await console.counts(0);
  await console.button("Close matching sessions…").click();
  await outcome("No open session matches.");
  assert.equal(cleo.readyState, WebSocket.OPEN);

  // All sessions take a second confirmation, and a state does not make a filter
  await console.filter("state:open", 1);
  await console.button("Close matching sessions…").click();
  await confirm("Close 1 session");
  assert.ok(await dialog.isVisible());
  await dialog.getByLabel("I want to close all of them").check();
  const last = once(cleo, "close");
  await confirm("Close 1 session");
  assert.equal((await last)[0], 1001);
  assert.deepEqual(console.errors, []);
});

test("shows how sessions ended and why upgrades were refused", { timeout }, async () => {
  const zoe = await join("zoe");
  const closed = once(zoe, "close");
  zoe.close(4007, "bye");
  await closed;
  const stranger = new WebSocket(`${GATEWAY.replace("http", "ws")}/chat?user=zoe`, { origin: "http://elsewhere.test" });
  const [error] = await once(stranger, "error");
  assert.match(error.message, /403/);
  const console = await Console.open();
  await console.filter("zoe", 0);
  await console.page.getByRole("img", { name: /^Closes and refusals: (4007 1, 403 1|403 1, 4007 1)$/ }).waitFor();
  await console.button("Endings").click();
  await console.shows(console.page.locator("#ended tr"), /4007chatzoe.*close frame by client/);
  await console.shows(console.page.locator("#refused tr"), /403chatzoe.*allowed-origins/);
  await console.screenshots("endings");
  // The view is part of the address
  await console.page.reload();
  await console.shows(console.page.locator("#ended tr"), "4007");
  await console.button("Routes").click();
  await console.shows(console.page.locator("#routes-rows tr"), /^chat0.*11Tap…$/);
  assert.deepEqual(console.errors, []);
});

test("adds up routes, taps all sessions of one, and exports the frames", { timeout }, async () => {
  const ann = await join("ann", "/echo");
  const ben = await join("ben", "/echo");
  await join("cleo");
  const console = await Console.open({ ownContext: true });
  await console.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await console.button("Routes").click();
  const echo = console.page.locator("#routes-rows tr").filter({ hasText: "echo" });
  await console.shows(echo.locator("td").first(), /^2$/);
  await console.button("Tap route echo…").click();
  await console.button("Tap frames").click();
  await console.shows(console.detail, "Tapping.");
  ann.send("from ann");
  ben.send(Buffer.from([0xff, 0xfe]));
  await console.shows(console.frames, /← upstream.*text.*from ann/);
  await console.shows(console.frames, /← upstream.*binary/);
  await console.screenshots("routes");

  await console.frames.filter({ hasText: /→ client.*from ann/ }).click();
  await console.button("Copy payload").click();
  await console.button("Copied").waitFor();
  assert.equal(await console.page.evaluate(() => navigator.clipboard.readText()), "from ann");
  await console.button("Stop").click();

  const exported = async (name) => {
    const [download] = await Promise.all([console.page.waitForEvent("download"), console.button(name).click()]);
    return [download.suggestedFilename(), await readFile(await download.path(), "utf8")];
  };
  const [linesName, lines] = await exported("Export as JSON Lines");
  assert.match(linesName, /^tap-echo-.*\.jsonl$/);
  const recording = lines.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(recording.slice(0, 2).map(({ record, version }) => [record, version]), [["recording", 1], ["open", undefined]]);
  assert.equal(recording.filter(({ record }) => record === "open").length, 2);
  assert.ok(!lines.includes("user=ann"));
  // There may be pings of the gateway, too
  const records = recording.filter(({ origin }) => origin === "peer");
  assert.equal(records.length, 4);
  assert.deepEqual(records.filter(({ direction }) => direction === "inbound").map(({ payload }) => payload).sort(), ["//4=", "from ann"]);

  const [archiveName, archive] = await exported("Export as HAR");
  assert.match(archiveName, /\.har$/);
  const { entries } = JSON.parse(archive).log;
  assert.deepEqual(entries.map(({ request }) => new URL(request.url).search).sort(), ["?user=ann", "?user=ben"]);
  const [ofAnn] = entries.filter(({ request }) => request.url.endsWith("=ann"));
  assert.match(ofAnn.request.url, /^ws:/);
  assert.equal(ofAnn.response.status, 101);
  assert.ok(ofAnn.request.headers.some(({ name }) => name.toLowerCase() === "sec-websocket-version"));
  assert.deepEqual(ofAnn._webSocketMessages.filter(({ _origin }) => _origin === "peer").map(({ type, opcode, data }) => ({ type, opcode, data })), [
    { type: "send", opcode: 1, data: "from ann" }, { type: "receive", opcode: 1, data: "from ann" }]);
  assert.ok(Math.abs(ofAnn._webSocketMessages[0].time * 1000 - Date.now()) < 600_000);
  await console.page.keyboard.press("Escape");
  await console.detail.waitFor({ state: "hidden" });
  await console.page.getByRole("button", { name: "echo", exact: true }).click();
  await console.counts(2);
  assert.deepEqual(console.errors, []);
});

test("shows the pipelines, or that it may not see them", { timeout }, async () => {
  const console = await Console.open();
  await console.button("Pipelines").click();
  const chat = console.page.locator("#pipelines details").filter({ hasText: "chat pipeline chat" });
  await chat.waitFor();
  assert.deepEqual((await chat.locator(".stages > div").nth(1).locator("li b").allTextContents()).slice(0, 3),
    ["maskCardNumbers", "dropRudeWords", "allowed-types"]);
  await console.shows(chat, "ws-policy.pipelines.chat.inbound[4].rate-limit");
  await console.screenshots("pipelines");
  for (const [status, text] of [[404, "websocketpipelines is not exposed"], [403, "not allowed to see the pipelines"]]) {
    front.answer("/actuator/websocketpipelines", (request, response) => response.writeHead(status).end());
    await console.page.reload();
    await console.shows(console.page.locator("#pipelines-note"), text);
  }
  assert.deepEqual(console.errors, []);
});

test("switches a policy, and undoes that", { timeout }, async () => {
  const ann = await join("ann");
  const [ben, answers] = [await join("ben"), []];
  ben.on("message", (data) => answers.push(String(data)));
  const hears = async (text) => {
    ann.send(text);
    while (!answers.some((answer) => answer.includes(text))) {
      await once(ben, "message");
    }
  };
  const console = await Console.open();
  await console.counts(2);
  await console.button("Pipelines").click();
  const chat = console.page.locator("#pipelines details").filter({ hasText: "chat pipeline chat" });
  await console.shows(chat.locator("summary"), "2 open sessions");
  const policy = chat.locator("li").filter({ hasText: "dropRudeWords" });
  await policy.getByRole("button", { name: /^Switch/ }).click();
  const dialog = console.page.getByRole("dialog");
  await console.shows(dialog, "Switch dropRudeWords?");
  await console.shows(dialog, "It concerns 2 open sessions, at once, and new ones.");
  await dialog.getByLabel("Mode").selectOption("off");
  assert.equal(await dialog.getByLabel("Share").isDisabled(), true);
  await dialog.getByLabel("Mode").selectOption("observe");
  await dialog.getByLabel("For", { exact: true }).fill("15m");
  await console.screenshots("switch");
  await dialog.getByRole("button", { name: "Switch policy" }).click();
  await console.shows(policy.locator(".badge"), "observed");
  await console.shows(policy, /switched.* at \d\d:\d\d.*; until \d\d:\d\d.*; only inbound; configured: enforced/);
  await console.shows(console.page.locator("#outcome"), "dropRudeWords is observed now, 2 sessions.");
  await hears("you twit, says ann");
  await policy.getByRole("button", { name: /^Undo/ }).click();
  await console.shows(dialog, "Undo the switch of dropRudeWords?");
  await console.shows(dialog, "Configured: enforced.");
  await dialog.getByRole("button", { name: "Undo switch" }).click();
  await policy.locator(".badge").waitFor({ state: "detached" });
  ann.send("you dunce");
  await hears("goodbye");
  assert.equal(answers.some((answer) => answer.includes("dunce")), false);
  const { routes } = await (await fetch(`${GATEWAY}/actuator/websocketpipelines`)).json();
  assert.equal(JSON.stringify(routes).includes("overridden"), false);
  assert.deepEqual(console.errors, []);
});

test("fits a phone", { timeout }, async () => {
  await join("ann");
  await join("a-very-long-name-of-a-principal@example.com");
  front.answerTap();
  const console = await Console.open();
  await console.page.setViewportSize({ width: 390, height: 844 });
  await console.counts(2);
  const fits = async (name) => {
    const [width, visible] = await console.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    await console.page.screenshot({ path: `${SCREENSHOTS}/console-phone-${name}.png` });
    assert.equal(visible, 390, name);
    assert.ok(width <= 390, `${name}: ${width} pixels`);
  };
  await console.filter("state:open route:chat", 2);
  await fits("list");
  for (const [view, shown] of [["Routes", "Tap…"], ["Endings", "Ended sessions"], ["Pipelines", "maskCardNumbers"]]) {
    await console.button(view).click();
    await console.shows(console.page.locator(`#${view.toLowerCase()}`), shown);
    await fits(view.toLowerCase());
  }
  await console.button("Sessions").click();
  for (const action of ["Close", "Send text to", "Drain"]) {
    await console.button(`${action} matching sessions…`).click();
    await console.page.getByRole("dialog").waitFor();
    await fits(action.split(" ")[0].toLowerCase());
    await console.page.keyboard.press("Escape");
  }
  await console.openSession("ann");
  await console.button("Tap frames").click();
  const tap = await front.tap();
  tap.frame({ payload: "x".repeat(2_000) });
  await console.shows(console.detail, "1 frame seen");
  await console.frames.first().click();
  await fits("detail");
  await console.button("Copy payload").scrollIntoViewIfNeeded();
  await fits("frame");
  assert.deepEqual(console.errors, []);
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
  await console.shows(console.detail, "show-values of the endpoint controls who can see them");
});

// Counters of a gateway under varying load
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

// Simulates passing time for the page, request by request
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
  await console.start({ ownContext: true });
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
  await console.page.getByRole("alert").filter({ hasText: "does not respond" }).waitFor();
  await console.page.screenshot({ path: `${SCREENSHOTS}/console-lost.png` });
});
