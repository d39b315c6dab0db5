// The console's page in Chromium, as tests use it.

import { chromium } from "playwright-core";

export class Console {
  static #browser;
  static #context;
  static #pages = [];
  static #address;
  static #screenshots;

  static async launch(executablePath, address, screenshots) {
    Console.#address = address;
    Console.#screenshots = screenshots;
    Console.#browser = await chromium.launch({
      executablePath,
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"],
    });
    Console.#context = await Console.#newContext();
    // The pages of a site and a context share a process as long as one of them is open. To start a process for each
    // page takes more time than most tests.
    await (await Console.#context.newPage()).goto(`${address}/actuator/websocketconsole/icon.svg`);
  }

  static #newContext() {
    return Console.#browser.newContext({ viewport: { width: 1440, height: 860 } });
  }

  static async closePages() {
    await Promise.all(Console.#pages.splice(0).map((page) =>
      page.context() === Console.#context ? page.close() : page.context().close()));
  }

  static async quit() {
    await Console.#browser?.close();
  }

  static async open(options) {
    const console = new Console();
    await console.start(options);
    await console.load();
    return console;
  }

  // What is set for a whole context, as its clock and permissions are, needs one that no other test uses
  async start({ ownContext = false } = {}) {
    const context = ownContext ? await Console.#newContext() : Console.#context;
    this.page = await context.newPage();
    Console.#pages.push(this.page);
    this.page.setDefaultTimeout(30_000);
    this.errors = [];
    this.page.on("pageerror", (error) => this.errors.push(error.message));
    this.page.on("console", (message) => {
      // Some tests expect a meter or the tap to answer 404
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        this.errors.push(message.text());
      }
    });
  }

  async load() {
    await this.page.goto(`${Console.#address}/actuator/websocketconsole`);
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
      await this.page.screenshot({ path: `${Console.#screenshots}/console-${name}-${colorScheme}.png` });
    }
    await this.page.emulateMedia({ colorScheme: "light" });
  }
}
