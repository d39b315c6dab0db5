// Drives the demo's page with Chromium. PAGE is its address, which the browser finds at
// GATEWAY, a host and a port. CHROMIUM is the browser, SCREENSHOTS a folder.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const { PAGE, GATEWAY, CHROMIUM, SCREENSHOTS } = process.env;
const timeout = 60_000;
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
  static async open(options) {
    const page = new DemoPage();
    page.page = await (await browser.newContext({ viewport: { width: 900, height: 1000 }, ...options })).newPage();
    page.page.setDefaultTimeout(15_000);
    page.errors = [];
    page.page.on("pageerror", (error) => page.errors.push(error.message));
    page.page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
    await page.page.goto(PAGE);
    return page;
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  field(name) {
    return this.page.getByRole("textbox", { name, exact: true });
  }

  async join(name) {
    await this.field("Your name").fill(name);
    await this.button("Connect").click();
    await this.shows("received", `[to ${name}] * ${name} joined`);
  }

  // Waits until the log's last entry is this one
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

test("shows what the policies do", { timeout }, async () => {
  const page = await DemoPage.open();
  assert.equal(await page.status(), "not connected");
  assert.ok(await page.button("Card number").isDisabled());
  await page.join("ann");
  assert.equal(await page.status(), "connected");

  await page.button("Friendly message").click();
  await page.shows("received", "[to ann] ann: hello, everybody");

  await page.button("Card number").click();
  await page.shows("received", "[to ann] ann: my card is •••• •••• •••• 1111");

  await page.button("Rude word").click();
  await page.shows("note", "nothing came back: the message was dropped");

  assert.deepEqual(await page.entries(), [
    "connected",
    "received[to ann] * ann joined",
    "senthello, everybody",
    "received[to ann] ann: hello, everybody",
    "sentmy card is 4111 1111 1111 1111",
    "received[to ann] ann: my card is •••• •••• •••• 1111",
    "sentyou are a nincompoop",
    "nothing came back: the message was dropped",
  ]);

  await page.screenshot("page");
  await page.page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot("page-dark");
  assert.deepEqual(page.errors, []);
});

test("shows the codes of closes from both ends, and connects again", { timeout }, async () => {
  const page = await DemoPage.open();
  await page.join("ben");
  await page.button("Disconnect").click();
  await page.shows("note", "closed with code 4000: gone home");
  assert.equal(await page.status(), "not connected");
  assert.ok(await page.button("Card number").isDisabled());

  await page.join("ben");
  await page.button("Have the chat close").click();
  await page.shows("note", "closed with code 4001: see you");
  assert.deepEqual(page.errors, []);
});

test("stamps a message with the name of its reader", { timeout }, async () => {
  const cleo = await DemoPage.open();
  await cleo.join("cleo");
  const dan = await DemoPage.open();
  await dan.join("dan");
  await cleo.shows("received", "[to cleo] * dan joined");

  await dan.button("Friendly message").click();
  await cleo.shows("received", "[to cleo] dan: hello, everybody");
  await dan.shows("received", "[to dan] dan: hello, everybody");
});

test("says what policies answer", { timeout }, async () => {
  const page = await DemoPage.open();
  await page.join("fay");
  await page.field("Message").fill("<SCRIPT>alert(1)</SCRIPT>");
  await page.button("Send").click();
  await page.shows("received", "No scripts, please.");
});

test("can be used with the keyboard alone", { timeout }, async () => {
  const page = await DemoPage.open();
  await page.page.keyboard.press("Tab");
  await page.page.keyboard.type("eve");
  await page.page.keyboard.press("Enter");
  await page.shows("received", "[to eve] * eve joined");

  await page.page.keyboard.type("<b>typed</b>");
  await page.page.keyboard.press("Enter");
  await page.shows("received", "[to eve] eve: <b>typed</b>");
});
