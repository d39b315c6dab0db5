// Drives the demo's page with Chromium. PAGE is its address, which the browser finds at
// GATEWAY, a host and a port. CHROMIUM is the browser, SCREENSHOTS a folder.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const { PAGE, GATEWAY, CHROMIUM, SCREENSHOTS } = process.env;
const timeout = 120_000;
let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync",
      `--host-resolver-rules=MAP ${new URL(PAGE).host} ${GATEWAY}`],
  });
}, { timeout });

after(() => browser?.close());

class DemoPage {
  // The page connects by itself
  static async open(user, prepare = () => {}) {
    const page = new DemoPage();
    page.page = await (await browser.newContext({ viewport: { width: 900, height: 1000 } })).newPage();
    page.page.setDefaultTimeout(30_000);
    page.errors = [];
    page.page.on("pageerror", (error) => page.errors.push(error.message));
    page.page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
    await prepare(page.page);
    await page.page.goto(`${PAGE}?user=${user}`);
    await page.connected(user);
    return page;
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  field(name) {
    return this.page.getByRole("textbox", { name, exact: true });
  }

  async connected(user) {
    await this.shows("received", `[to ${user}] * ${user} joined`);
    await this.page.locator("#status", { hasText: /^connected$/ }).waitFor();
  }

  // Waits until this is the last entry of the log
  async shows(kind, text) {
    const entry = this.page.getByRole("log").locator(`li.${kind}:last-child`);
    const label = kind === "note" ? "" : kind;
    try {
      await entry.filter({ hasText: new RegExp(`^${escape(label + text)}$`) }).waitFor();
    } catch (error) {
      error.message += `\nThe log: ${JSON.stringify(await this.entries(), null, 2)}`;
      throw error;
    }
  }

  // Waits until the gateway has told what became of a message
  told(text, deed) {
    return this.page.getByRole("log").locator("li.sent").filter({ hasText: text }).filter({ hasText: deed }).waitFor();
  }

  entries() {
    return this.page.getByRole("log").locator("li").allTextContents();
  }

  status() {
    return this.page.locator("#status").textContent();
  }

  screenshot(name) {
    return this.page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
  }
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

test("connects by itself, and shows what the policies do", { timeout }, async () => {
  const page = await DemoPage.open("ann");
  await page.button("Friendly message").click();
  await page.shows("received", "[to ann] ann: hello, everybody");

  await page.button("Card number").click();
  await page.told("my card is 4111 1111 1111 1111", "changed by the policy maskCardNumbers");
  await page.shows("received", "[to ann] ann: my card is •••• •••• •••• 1111");

  await page.button("Rude word").click();
  await page.told("you are a nincompoop", "dropped by the policy dropRudeWords");

  await page.field("Message").fill("<SCRIPT>alert(1)</SCRIPT>");
  await page.button("Send").click();
  await page.shows("received", "No scripts, please.");
  await page.told("<SCRIPT>alert(1)</SCRIPT>", "answered by the policy text-pattern");

  assert.deepEqual(await page.entries(), [
    "connected",
    "received[to ann] * ann joined",
    "senthello, everybody",
    "received[to ann] ann: hello, everybody",
    "sentmy card is 4111 1111 1111 1111changed by the policy maskCardNumbers",
    "received[to ann] ann: my card is •••• •••• •••• 1111",
    "sentyou are a nincompoopdropped by the policy dropRudeWords",
    "sent<SCRIPT>alert(1)</SCRIPT>answered by the policy text-pattern",
    "receivedNo scripts, please.",
  ]);

  await page.screenshot("page");
  await page.page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot("page-dark");
  await page.page.emulateMedia({ colorScheme: "light" });
  await page.page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot("page-phone");
  assert.ok(await page.page.evaluate(() => document.documentElement.scrollWidth) <= 390);
  assert.deepEqual(page.errors, []);
});

test("links to its session in the console", { timeout }, async () => {
  const page = await DemoPage.open("gil");
  const [console] = await Promise.all([page.page.waitForEvent("popup"),
    page.page.getByRole("link", { name: "Console of the gateway" }).click()]);
  const session = console.getByRole("complementary");
  await session.locator("dl > div", { hasText: /^Principalgil/ }).waitFor();
  assert.deepEqual(page.errors, []);
});

test("can be used where the gateway allows no tap", { timeout }, async () => {
  const page = await DemoPage.open("hal", (opened) => opened.route("**/actuator/websockettap?*", (route) =>
    route.fulfill({ status: 404 })));
  await page.page.locator("#watching", { hasText: "does not allow a tap" }).waitFor();
  await page.button("Friendly message").click();
  await page.shows("received", "[to hal] hal: hello, everybody");
});

test("shows the codes of closes from both ends, and connects again", { timeout }, async () => {
  const page = await DemoPage.open("ben");
  await page.button("Disconnect").click();
  await page.shows("note", "closed with code 4000: gone home");
  assert.equal(await page.status(), "not connected");
  assert.ok(await page.button("Card number").isDisabled());

  await page.button("Connect").click();
  await page.connected("ben");
  await page.button("Ask the chat to close").click();
  await page.shows("note", "closed with code 4001: see you");
  assert.deepEqual(page.errors, []);
});

test("stamps a message with the name of its reader", { timeout }, async () => {
  const cleo = await DemoPage.open("cleo");
  const dan = await DemoPage.open("dan");
  await cleo.shows("received", "[to cleo] * dan joined");

  await dan.button("Friendly message").click();
  await cleo.shows("received", "[to cleo] dan: hello, everybody");
  await dan.shows("received", "[to dan] dan: hello, everybody");
});

test("can be used with the keyboard alone", { timeout }, async () => {
  const page = await DemoPage.open("eve");
  await page.page.keyboard.type("<b>typed</b>");
  await page.page.keyboard.press("Enter");
  await page.shows("received", "[to eve] eve: <b>typed</b>");
});
