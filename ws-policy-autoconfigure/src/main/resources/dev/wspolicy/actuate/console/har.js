// Converts the records of a tap to an HTTP Archive, with the messages where the developer tools of Chrome keep them.

const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

// find(id) returns what is known about a session, as the endpoint tells it to this user, or undefined
export function har(records, find, origin) {
  const sessions = Map.groupBy(records, ({ session }) => session);
  return {
    log: {
      version: "1.2",
      creator: { name: "ws-policy console", version: "1" },
      pages: [],
      entries: [...sessions].map(([id, frames]) => entry(id, frames, find(id), origin)),
    },
  };
}

function entry(id, frames, session, origin) {
  const { upgrade } = session ?? {};
  const url = new URL(upgrade?.uri ?? session?.path ?? "/", origin);
  url.protocol = url.protocol.replace("http", "ws");
  const started = upgrade?.time ?? session?.openedAt ?? frames[0].time;
  return {
    startedDateTime: started,
    time: Date.parse(frames.at(-1).time) - Date.parse(started),
    request: {
      method: "GET",
      url: url.href,
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: headers(upgrade?.headers),
      queryString: [...url.searchParams].map(([name, value]) => ({ name, value })),
      headersSize: -1,
      bodySize: 0,
    },
    response: {
      status: 101,
      statusText: "Switching Protocols",
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: headers(upgrade?.upstreamHeaders),
      content: { size: 0, mimeType: "x-unknown" },
      redirectURL: "",
      headersSize: -1,
      bodySize: 0,
    },
    cache: {},
    timings: { send: 0, wait: 0, receive: 0 },
    comment: `session ${id}${session ? `, route ${session.route}` : ""}`,
    _resourceType: "websocket",
    _webSocketMessages: frames.map(message),
  };
}

// What the client sends is sent, and what goes to it is received. The rest tells what the gateway made of it
function message({ direction, time, type, payload, encoding, origin, verdict, policy, length, fin, truncated }) {
  return {
    type: direction === "inbound" ? "send" : "receive",
    time: Date.parse(time) / 1000,
    opcode: OPCODES[type] ?? 1,
    data: payload,
    _encoding: encoding,
    _origin: origin,
    _verdict: verdict,
    _policy: policy,
    _length: length,
    _fin: fin,
    _truncated: truncated,
  };
}

function headers(values = {}) {
  return Object.entries(values).flatMap(([name, all]) => all.map((value) => ({ name, value: String(value) })));
}
