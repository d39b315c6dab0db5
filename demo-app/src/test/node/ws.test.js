// Drives the demo with Node's ws. GATEWAY is the address of the gateway, ws://localhost:8080, and
// ORIGIN the one origin whose pages may connect.

import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, test } from "node:test";
import WebSocket from "ws";

const { GATEWAY, ORIGIN } = process.env;
const timeout = 90_000;
const clients = [];

afterEach(() => clients.splice(0).forEach((client) => client.terminate()));

class Client {
  constructor(path, options) {
    this.socket = new WebSocket(GATEWAY + path, options);
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

  static async open(path, options) {
    const client = new Client(path, options);
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
      await once(this.socket, "arrived", { signal: AbortSignal.timeout(30_000) });
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
      await once(this.socket, "arrived", { signal: AbortSignal.timeout(30_000) });
    }
    return this.status;
  }

  // Returns the next message, skipping those about members who join and leave
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

test("relays pings and their pongs", { timeout }, async () => {
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

test("negotiates compression if the client offers it", { timeout }, async () => {
  for (const path of ["/chat?user=nora", "/orders?user=nora", "/echo"]) {
    const client = await Client.open(path);
    assert.match(client.socket.extensions, /^permessage-deflate/, path);
    const plain = await Client.open(path, { perMessageDeflate: false });
    assert.equal(plain.socket.extensions, "", path);
  }
});

test("compresses both ways, with policies that read and replace", { timeout }, async () => {
  const client = await Client.open("/echo", { perMessageDeflate: { threshold: 0 } });
  const text = "the same words again, ".repeat(2_000);
  const before = client.socket._socket.bytesRead;
  client.send(text);
  assert.equal(await client.next(), text);
  assert.ok(client.socket._socket.bytesRead - before < text.length / 10, "came back compressed");

  const nora = await Client.open("/chat?user=nora", { perMessageDeflate: { threshold: 0 } });
  await nora.awaits("[to nora] * nora joined");
  nora.send(`my card is 4111 1111 1111 1111${", and so on".repeat(100)}`);
  assert.equal(await nora.nextSaid(), `[to nora] nora: my card is •••• •••• •••• 1111${", and so on".repeat(100)}`);
});

test("accepts pages of one origin only", { timeout }, async () => {
  await Client.open("/chat?user=nora", { origin: ORIGIN });
  for (const origin of ["http://evil.test", `${ORIGIN}.evil.test`, `${ORIGIN}:81`, "null"]) {
    const stranger = new Client("/chat?user=nora", { origin });
    const [error] = await once(stranger.socket, "error");
    assert.match(error.message, /403/, origin);
  }
});

test("closes a chat session that sends a binary message", { timeout }, async () => {
  const nora = await Client.join("nora");
  nora.send(Buffer.from("bytes"));
  assert.match(await nora.closed(), /^1003 /);
});

test("replies to messages that are too long, and to scripts", { timeout }, async () => {
  const nora = await Client.join("nora");
  nora.send("long ".repeat(500));
  assert.equal(await nora.nextSaid(), "That was too long.");
  nora.send("<script>alert(1)</script>");
  assert.equal(await nora.nextSaid(), "No scripts, please.");
  nora.send("a\0b");
  assert.match(await nora.closed(), /^1007 /);
});

test("replies when the rate limit is exceeded", { timeout }, async () => {
  const gabby = await Client.join("gabby");
  // More than the allowance refills while this test runs
  for (let message = 0; message < 200; message++) {
    gabby.send(`message ${message}`);
  }
  const expected = new Set(["[to gabby] gabby: message 0", "Not so fast."]);
  while (expected.size > 0) {
    expected.delete(await gabby.next());
  }
});

test("validates orders, sets the customer, and redacts the card", { timeout }, async () => {
  const nora = await Client.open("/orders?user=nora");
  const order = async (text) => {
    nora.send(text);
    return JSON.parse(await nora.next());
  };
  assert.deepEqual(await order('{"item":"tea","quantity":2,"card":"4111111111111111"}'),
    { item: "tea", quantity: 2, card: "***", customer: "nora", trusted: false });
  assert.deepEqual(await order('{"item":"tea","quantity":200}'), { error: "/quantity: maximum" });
  assert.match((await order('{"item":"tea","quantity":2,"trusted":true}')).error, /additionalProperties/);
  assert.deepEqual(await order("tea, please"), { error: "not JSON" });
  nora.send(`{"item":"${"tea".repeat(1_000)}","quantity":2}`);
  assert.match(await nora.closed(), /^1009 /);
});
