// Drives the demo with Node's ws. GATEWAY is the address of the gateway, ws://localhost:8080.

import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, test } from "node:test";
import WebSocket from "ws";

const { GATEWAY } = process.env;
const timeout = 20_000;
const clients = [];

afterEach(() => clients.splice(0).forEach((client) => client.terminate()));

class Client {
  constructor(path) {
    this.socket = new WebSocket(GATEWAY + path);
    this.messages = [];
    this.socket.on("message", (data, isBinary) => {
      this.messages.push(isBinary ? data : data.toString());
      this.socket.emit("arrived");
    });
    this.socket.on("close", (code, reason) => {
      this.status = `${code} ${reason}`;
      this.socket.emit("arrived");
    });
    clients.push(this.socket);
  }

  static async open(path) {
    const client = new Client(path);
    await once(client.socket, "open");
    return client;
  }

  static async join(name) {
    const client = await Client.open(`/chat?user=${name}`);
    await client.awaits(`[to ${name}] * ${name} joined`);
    return client;
  }

  send(data, options) {
    this.socket.send(data, options);
  }

  async next() {
    while (this.messages.length === 0) {
      assert.equal(this.status, undefined, "closed while a message was awaited");
      await once(this.socket, "arrived", { signal: AbortSignal.timeout(10_000) });
    }
    return this.messages.shift();
  }

  async awaits(expected) {
    const others = [];
    try {
      for (let message = await this.next(); message !== expected; message = await this.next()) {
        others.push(message);
      }
    } catch (error) {
      assert.fail(`no "${expected}" among ${JSON.stringify(others)}: ${error.message}`);
    }
  }

  async closed() {
    while (this.status === undefined) {
      await once(this.socket, "arrived", { signal: AbortSignal.timeout(10_000) });
    }
    return this.status;
  }

  // The next message that is not about who comes and goes
  async nextSaid() {
    let message;
    do {
      message = await this.next();
    } while (/^\[to [^\]]*\] \*/.test(message));
    return message;
  }
}

test("echoes text, untouched by the chat's policies", { timeout }, async () => {
  const client = await Client.open("/echo");
  client.send("my card is 4111 1111 1111 1111, you twit ☕");
  assert.equal(await client.next(), "my card is 4111 1111 1111 1111, you twit ☕");
});

test("echoes binary messages of any size", { timeout }, async () => {
  const client = await Client.open("/echo");
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 300_000]) {
    const data = Buffer.alloc(size, "frames");
    client.send(data);
    assert.deepEqual(await client.next(), data, `${size} bytes`);
  }
});

test("echoes a fragmented message", { timeout }, async () => {
  const client = await Client.open("/echo");
  client.send("one, ", { fin: false });
  client.send("two, ", { fin: false });
  client.send("three", { fin: true });
  assert.equal(await client.next(), "one, two, three");
});

test("echoes many messages in order", { timeout }, async () => {
  const client = await Client.open("/echo");
  const numbers = Array.from({ length: 2_000 }, (_, index) => String(index));
  numbers.forEach((number) => client.send(number));
  for (const number of numbers) {
    assert.equal(await client.next(), number);
  }
});

test("has pings answered", { timeout }, async () => {
  const client = await Client.open("/echo");
  client.socket.ping("anyone there?");
  const [data] = await once(client.socket, "pong");
  assert.equal(data.toString(), "anyone there?");
});

test("masks card numbers", { timeout }, async () => {
  const client = await Client.join("nora");
  client.send("my card is 4111 1111 1111 1111");
  assert.equal(await client.nextSaid(), "[to nora] nora: my card is •••• •••• •••• 1111");
});

test("drops rude words", { timeout }, async () => {
  const client = await Client.join("nora");
  client.send("you are a nincompoop");
  client.send("sorry");
  assert.equal(await client.nextSaid(), "[to nora] nora: sorry");
});

test("stamps a message with the name of its reader", { timeout }, async () => {
  const nora = await Client.join("nora");
  const olaf = await Client.join("olaf");
  olaf.send("hello");
  assert.equal(await nora.nextSaid(), "[to nora] olaf: hello");
  assert.equal(await olaf.nextSaid(), "[to olaf] olaf: hello");
});

test("relays a close from the client", { timeout }, async () => {
  const nora = await Client.join("nora");
  const olaf = await Client.join("olaf");
  olaf.socket.close(4001, "gone home");
  assert.equal(await olaf.closed(), "4001 gone home");
  await nora.awaits("[to nora] * olaf left with 4001 gone home");
});

test("relays a close without a status from the client", { timeout }, async () => {
  const nora = await Client.join("nora");
  const olaf = await Client.join("olaf");
  olaf.socket.close();
  assert.equal(await olaf.closed(), "1005 ");
  await nora.awaits("[to nora] * olaf left with no status");
});

test("relays a close from the upstream", { timeout }, async () => {
  for (const status of ["1000 done", "1012 restarting", "3000 ", "4999 see you"]) {
    const nora = await Client.join("nora");
    nora.send(`/close ${status}`);
    assert.equal(await nora.closed(), status);
  }
});
