// A server in front of the gateway. It answers the requests that a test configures, and passes on the others.

import http from "node:http";
import { once } from "node:events";

export class Front {
  answers = new Map();
  taps = [];
  #gateway;
  #server = http.createServer((request, response) => this.#serve(request, response));

  static async start(gateway) {
    const front = new Front();
    front.#gateway = new URL(gateway);
    front.#server.listen(0, "localhost");
    await once(front.#server, "listening");
    return front;
  }

  get address() {
    return `http://localhost:${this.#server.address().port}`;
  }

  // Answers requests for paths with this prefix
  answer(path, listener) {
    this.answers.set(path, listener);
  }

  // Passes everything on to the gateway again
  clear() {
    this.answers.clear();
    this.taps.splice(0).forEach((tap) => tap.response.destroy());
  }

  // Simulates the endpoint of the tap
  answerTap() {
    this.answer("/actuator/websockettap", (request, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.flushHeaders();
      this.taps.push(new TapStream(new URL(request.url, this.address).searchParams, response));
    });
  }

  async tap() {
    for (let attempt = 0; attempt < 1_500 && this.taps.length === 0; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this.taps[0];
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #serve(request, response) {
    for (const [path, listener] of this.answers) {
      if (request.url.startsWith(path)) {
        listener(request, response);
        return;
      }
    }
    const { hostname, port } = this.#gateway;
    const onward = http.request({ hostname, port, path: request.url, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode, answer.rawHeaders);
        answer.pipe(response);
      });
    onward.on("error", () => response.destroy());
    // A disconnect here is a disconnect there: the tap runs until then
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }
}

class TapStream {
  constructor(parameters, response) {
    this.parameters = parameters;
    this.response = response;
    this.closed = once(response, "close");
  }

  send(event, data) {
    this.response.write(`event:${event}\ndata:${JSON.stringify(data)}\n\n`);
  }

  frame(changes) {
    this.send("frame", {
      session: this.parameters.get("session"), direction: "inbound", origin: "peer", type: "text", fin: true,
      time: new Date().toISOString(), policyNanos: 0, length: changes.payload?.length ?? 0, maskKey: null,
      verdict: "forward", policy: null, payload: "", truncated: false, ...changes,
    });
  }

  end(reason) {
    this.send("end", { reason });
    this.response.end();
  }
}
