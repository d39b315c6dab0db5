// Drives the console of two gateways that act as one. ONE and TWO are their addresses, REDIS and SECOND the processes of
// Redis and of the second gateway, CHROMIUM the browser, SCREENSHOTS a folder.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, test } from "node:test";
import WebSocket from "ws";
import { Console } from "./console-page.js";
import { Front } from "./front.js";

const { ONE, TWO, REDIS, SECOND, CHROMIUM, SCREENSHOTS } = process.env;
const timeout = 180_000;
const clients = [];
let front;

before(async () => {
  front = await Front.start(ONE);
  await Console.launch(CHROMIUM, front.address, SCREENSHOTS);
  // The second gateway joins the fleet before it listens
  await listening(TWO);
  await fleet(({ fleet: { answered } }) => answered === 2);
}, { timeout });

after(async () => {
  await Console.quit();
  front?.stop();
});

afterEach(async () => {
  process.kill(REDIS, "SIGCONT");
  process.kill(SECOND, "SIGCONT");
  await Console.closePages();
  front.clear();
  clients.splice(0).forEach((client) => client.terminate());
  // The next test starts with an empty list
  await fleet(({ total, fleet: { answered } }) => total === 0 && answered === 2);
});

async function listening(gateway) {
  while (!(await fetch(`${gateway}/actuator/websockets`).catch(() => undefined))?.ok) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// Asks until the fleet is as expected
async function fleet(isExpected) {
  for (;;) {
    const answer = await (await fetch(`${ONE}/actuator/websockets?fleet=true`)).json();
    if (isExpected(answer)) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function join(gateway, name, path = "/chat") {
  const client = new WebSocket(`${gateway.replace("http", "ws")}${path}?user=${name}`);
  clients.push(client);
  client.on("error", () => {});
  await once(client, "open");
  return client;
}

class FleetConsole extends Console {
  static async open(sessions) {
    const console = new FleetConsole();
    await console.start();
    await console.load();
    await console.gateway("two").waitFor();
    await console.counts(sessions);
    return console;
  }

  gateway(name) {
    return this.page.locator("#gateways tr").filter({ has: this.page.getByRole("rowheader", { name: new RegExp(`^${name}`) }) });
  }

  get dialog() {
    return this.page.getByRole("dialog");
  }

  async confirm(name) {
    await this.dialog.getByRole("button", { name, exact: true }).click();
  }

  async reports(text) {
    await this.shows(this.page.locator("#outcome"), text);
  }
}

test("shows the gateways, and the sessions of all", { timeout }, async () => {
  await join(ONE, "ann");
  await join(TWO, "ben");
  await join(TWO, "cleo", "/echo");
  const console = await FleetConsole.open(3);
  await console.shows(console.gateway("one"), /^live.*one serves this page/);
  await console.shows(console.gateway("two"), /^livetwo/);
  await console.shows(console.gateway("two").locator("td:nth-child(3)"), /^2$/);
  await console.shows(console.page.locator("#fleet-total"), "2 gateways, 3 sessions");
  assert.equal(await console.row("ann").locator(".gateway").textContent(), "one");
  assert.equal(await console.row("ben").locator(".gateway").textContent(), "two");
  await console.page.getByRole("img", { name: "Sessions: 3" }).waitFor();
  assert.ok(await console.gateway("two").getByText("serves this page").isHidden());
  await console.screenshots("fleet");
  await console.page.setViewportSize({ width: 390, height: 844 });
  await console.page.screenshot({ path: `${SCREENSHOTS}/console-phone-fleet.png` });
  assert.ok(await console.page.evaluate(() => document.documentElement.scrollWidth) <= 390);
  await console.page.setViewportSize({ width: 1440, height: 860 });

  // As without a fleet
  await console.page.getByLabel("Show").selectOption("this gateway");
  await console.counts(1);
  assert.ok(await console.gateway("one").isHidden());
  await console.page.reload();
  await console.counts(1);
  await console.page.getByLabel("Show").selectOption("all gateways");
  await console.counts(3);
  assert.deepEqual(console.errors, []);
});

test("acts on a session of the other gateway", { timeout }, async () => {
  const ben = await join(TWO, "ben", "/echo");
  const console = await FleetConsole.open(1);
  await console.openSession("ben");
  await console.shows(console.detail.locator("dl > div"), /^Gatewaytwo$/);
  await console.shows(console.detail, "Gateway two relays this session.");
  assert.ok(await console.button("Tap frames").isDisabled());
  // The open session is part of the address
  await console.page.reload();
  await console.shows(console.detail, "Gateway two relays this session.");

  await console.button("Send text…").click();
  await console.dialog.getByLabel("Text").fill("<b>hello</b>");
  const received = once(ben, "message");
  await console.confirm("Send text");
  assert.equal(String((await received)[0]), "<b>hello</b>");
  await console.reports("Sent to the client of 1 session; 2 of 2 gateways answered.");

  await console.button("Close session…").click();
  await console.dialog.getByLabel("Code").fill("4003");
  const closed = once(ben, "close");
  await console.confirm("Close session");
  assert.equal((await closed)[0], 4003);
  await console.reports("Closed 1 session; 2 of 2 gateways answered.");
  await console.shows(console.detail, "This session is over");
  await console.button("Dismiss").click();
  assert.equal(await console.page.locator("#outcome").textContent(), "");
  assert.deepEqual(console.errors, []);
});

test("closes what the filter says on all gateways", { timeout }, async () => {
  const anns = [await join(ONE, "ann"), await join(TWO, "ann")];
  const ben = await join(TWO, "ben");
  const console = await FleetConsole.open(3);
  await console.filter("ann", 2);
  await console.button("Close matching sessions…").click();
  await console.shows(console.dialog, "2 open sessions: principal ann.");
  const closed = anns.map((ann) => once(ann, "close"));
  await console.confirm("Close 2 sessions");
  assert.deepEqual((await Promise.all(closed)).map(([code]) => code), [1001, 1001]);
  await console.reports("Closed 2 sessions; 2 of 2 gateways answered.");

  // A filter that is not understood never stands for all sessions
  for (const text of ["principal:", "age:old", "0123456789abcdef0123456789abcdef"]) {
    await console.page.getByRole("searchbox", { name: "Filter", exact: true }).fill(text);
    await console.button("Close matching sessions…").or(console.button("Close all sessions…")).click();
    assert.equal(await console.dialog.count(), 0);
  }

  await console.filter("", 1);
  await console.button("Close all sessions…").click();
  await console.confirm("Close 1 session");
  assert.ok(await console.dialog.isVisible());
  await console.dialog.getByLabel("I want to close all of them").check();
  const last = once(ben, "close");
  await console.confirm("Close 1 session");
  assert.equal((await last)[0], 1001);
  await console.counts(0);
  assert.deepEqual(console.errors, []);
});

test("drains one gateway, and ends its drain", { timeout }, async () => {
  const ann = await join(ONE, "ann");
  const ben = await join(TWO, "ben");
  const console = await FleetConsole.open(2);
  await console.button("Drain gateway two…").click();
  await console.dialog.getByLabel("Window").fill("0s");
  await console.dialog.getByLabel("Code").fill("1012");
  const closed = once(ben, "close");
  await console.confirm("Drain gateway");
  assert.equal((await closed)[0], 1012);
  await console.reports("Gateway two drains 1 session.");
  await console.shows(console.gateway("two"), "draining, 0 of 1 left");
  assert.equal(ann.readyState, WebSocket.OPEN);

  await console.button("End drain of gateway two…").click();
  await console.confirm("End drain");
  await console.reports("Gateway two accepts new sessions.");
  await join(TWO, "ben");
  await console.shows(console.gateway("two"), /^live/);
  assert.deepEqual(console.errors, []);
});

test("says which gateway did not answer", { timeout }, async () => {
  await join(ONE, "ann");
  const ben = await join(TWO, "ben");
  const console = await FleetConsole.open(2);
  await console.button("Close all sessions…").click();
  await console.dialog.getByLabel("I want to close all of them").check();
  // Only now, so that its lease has not ended when the command is sent
  process.kill(SECOND, "SIGSTOP");
  await console.confirm("Close 2 sessions");
  await console.reports("Closed 1 session; 2 sessions had been counted; 1 of 2 gateways answered; two did not, and may still carry it out.");
  const closed = once(ben, "close");
  process.kill(SECOND, "SIGCONT");
  assert.equal((await closed)[0], 1001);
  await console.counts(0);
});

test("says what is missing while Redis does not answer", { timeout }, async () => {
  await join(ONE, "ann");
  await join(TWO, "ben");
  const console = await FleetConsole.open(2);
  process.kill(REDIS, "SIGSTOP");
  await console.shows(console.gateway("two"), "not reachable");
  await console.shows(console.page.locator("#missing"), "Sessions of two are missing: 1 of 2 gateways could be read.");
  await console.counts(1);
  process.kill(REDIS, "SIGCONT");
  await console.shows(console.gateway("two"), /^live/);
  await console.counts(2);
  assert.equal(await console.page.locator("#missing").textContent(), "");
  assert.deepEqual(console.errors, []);
});

test("offers no actions if the endpoint is read-only", { timeout }, async () => {
  front.answer("/actuator/websockets/none", (request, response) => response.writeHead(200, { Allow: "GET,HEAD" }).end());
  await join(TWO, "ben");
  const console = await FleetConsole.open(1);
  await console.shows(console.page.locator("header"), "read-only");
  await console.openSession("ben");
  for (const name of ["Close all sessions…", "Drain gateway two…", "Send text…", "Close session…"]) {
    assert.ok(await console.button(name).isHidden(), name);
  }
});

// Three gateways, the last of which reports every five seconds, as the others of a fleet do
function answerFleet(gateways) {
  const count = (frames) => ({ frames, messages: frames, bytes: 100 * frames });
  front.answer("/actuator/websockets?", (request, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ sessions: [], total: 0, gateway: "gw-1", shared: true, draining: false,
      gateways: gateways.map(({ name, frames, lag }) => ({ name, startedAt: new Date(0).toISOString(), sessions: 7,
        draining: false, inbound: count(frames), outbound: count(3 * frames), lag: `PT${lag}S`, reachable: true })),
      fleet: { live: gateways.length, answered: gateways.length, gateways: [], missing: [], problems: {} } }));
  });
}

test("computes rates from what the gateways report, and names a gateway that has left", { timeout }, async () => {
  const gateways = [{ name: "gw-1", frames: 0, lag: 0 }, { name: "gw-2", frames: 0, lag: 3 },
    { name: "<img src=x onerror=alert(1)>", frames: 0, lag: 1 }];
  answerFleet(gateways);
  const console = new FleetConsole();
  await console.start({ ownContext: true });
  await console.page.clock.install({ time: 0 });
  await console.page.clock.pauseAt(1_000);
  await console.load();
  await console.gateway("gw-2").waitFor();
  const pass = async (milliseconds) => {
    const answered = console.page.waitForResponse((response) => response.url().includes("/websockets?"));
    await console.page.clock.runFor(milliseconds);
    await answered;
  };
  const rates = (name) => console.gateway(name).locator("td").allTextContents();
  // gw-2 has not reported since
  Object.assign(gateways[0], { frames: 200 });
  Object.assign(gateways[1], { lag: 5 });
  await pass(2_000);
  await console.shows(console.gateway("gw-1").locator("td:nth-child(4)"), /^100$/);
  assert.deepEqual((await rates("gw-2")).slice(1, 5), ["7", "–", "–", "–"]);
  // It reported 500 frames for the five seconds between its reports
  Object.assign(gateways[0], { frames: 400 });
  Object.assign(gateways[1], { frames: 500, lag: 2 });
  gateways.pop();
  await pass(2_000);
  await console.shows(console.gateway("gw-2").locator("td:nth-child(4)"), /^100$/);
  assert.deepEqual((await rates("gw-2")).slice(1, 5), ["7", "100", "300", "40.0 kB"]);
  await console.shows(console.gateway("<img"), /^gone since/);
  assert.equal(await console.page.locator("main img, #fleet img").count(), 0);
  await console.page.getByRole("img", { name: "Frames per second: in 200, out 600" }).waitFor();
  assert.deepEqual(console.errors, []);
});
