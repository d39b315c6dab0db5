// Decodes streams with the receiver of ws. Each stream is preceded by a byte that tells
// whether a client sends it, and by its length. Answers each with a line of JSON.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const Receiver = require(join(dirname(require.resolve("ws")), "lib", "receiver.js"));

function decode(fromClient, bytes) {
  return new Promise((resolve) => {
    const reading = { items: [], close: 0, error: 0 };
    const receiver = new Receiver({ isServer: fromClient });
    const add = (type, data) => reading.items.push([type, data.toString("base64")]);
    receiver.on("message", (data, binary) => add(binary ? "binary" : "text", data));
    receiver.on("ping", (data) => add("ping", data));
    receiver.on("pong", (data) => add("pong", data));
    receiver.on("conclude", (code) => {
      reading.close = code;
      resolve(reading);
    });
    receiver.on("error", (error) => {
      const symbol = Object.getOwnPropertySymbols(error).find((key) => key.description === "status-code");
      reading.error = error[symbol];
      resolve(reading);
    });
    receiver.write(bytes, () => resolve(reading));
  });
}

const chunks = [];
for await (const chunk of process.stdin) {
  chunks.push(chunk);
}
const input = Buffer.concat(chunks);
for (let at = 0; at < input.length; ) {
  const length = input.readUInt32BE(at + 1);
  const reading = await decode(input[at] === 1, input.subarray(at + 5, at + 5 + length));
  process.stdout.write(JSON.stringify(reading) + "\n");
  at += 5 + length;
}
