// Talks to the chat through the gateway that served this page.

import { Verdicts } from "./verdicts.js";

const log = document.getElementById("log");
const status = document.getElementById("status");
const name = document.getElementById("name");
const message = document.getElementById("message");
const connectButton = document.getElementById("connect");
const disconnectButton = document.getElementById("disconnect");
const compose = document.getElementById("compose");
const watching = document.getElementById("watching");
const consoleLink = document.getElementById("console");

const CONSOLE = consoleLink.getAttribute("href");

// What policies did with a message, other than to forward it
const DEEDS = { drop: "dropped", replace: "changed", reply: "answered", close: "the session was closed" };

// The traces of policies in a message: the stamp, the masked card number
const TRACES = /(^\[to [^\]]*\]|(?:•••• ){3}\d{4})/;

let socket = null;
let verdicts = null;
// The messages of which the gateway has not told yet what became of them
let untold = [];

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const user = name.value.trim();
  // Tells this page's session from others of the same name
  const page = crypto.getRandomValues(new Uint32Array(4)).join("-");
  socket = new WebSocket(`${scheme}//${location.host}/chat?${new URLSearchParams({ user, page })}`);
  show("connecting", "connecting…");
  socket.onopen = async () => {
    note("connected");
    const mine = socket;
    verdicts = new Verdicts({ told, found, state: watched });
    await verdicts.start(user, page);
    if (socket === mine) {
      show("open", "connected");
      message.focus();
    }
  };
  socket.onmessage = (event) => append("received", event.data);
  socket.onclose = (event) => {
    socket = null;
    verdicts?.stop();
    untold = [];
    consoleLink.href = CONSOLE;
    show("closed", "not connected");
    connectButton.focus();
    note(describe(event), event.wasClean ? "" : "warning");
  };
}

function describe(event) {
  if (event.wasClean) {
    const code = event.code === 1005 ? "without a code" : `with code ${event.code}`;
    return `closed ${code}${event.reason ? `: ${event.reason}` : ""}`;
  }
  return `connection failed or lost (code ${event.code})`;
}

function send(text) {
  socket.send(text);
  untold.push({ text, entry: append("sent", text) });
}

// Says below a message what a policy did with it
function told({ direction, origin, type, payload, truncated, verdict, policy }) {
  if (direction !== "inbound" || origin !== "peer" || type !== "text") {
    return;
  }
  const index = untold.findIndex(({ text }) => (truncated ? text.startsWith(payload) : text === payload));
  const [{ entry } = {}] = index < 0 ? [] : untold.splice(0, index + 1).slice(-1);
  if (entry && Object.hasOwn(DEEDS, verdict)) {
    const deed = document.createElement("span");
    deed.className = "verdict";
    deed.textContent = `${DEEDS[verdict]} by the policy ${policy}`;
    entry.append(deed);
    log.scrollTop = log.scrollHeight;
  }
}

function found(id) {
  consoleLink.href = `${CONSOLE}#${new URLSearchParams({ session: id })}`;
}

function watched(text, isOn) {
  watching.textContent = text;
  watching.dataset.state = isOn ? "on" : "off";
}

function show(state, text) {
  status.dataset.state = state;
  status.textContent = text;
  name.disabled = connectButton.disabled = state !== "closed";
  disconnectButton.disabled = compose.disabled = state !== "open";
}

function append(kind, text) {
  const entry = add(kind);
  const label = document.createElement("span");
  label.className = "kind";
  label.textContent = kind;
  entry.append(label);
  text.split(TRACES).forEach((part, index) => {
    if (kind === "received" && index % 2 === 1) {
      const mark = document.createElement("mark");
      mark.textContent = part;
      entry.append(mark);
    } else {
      entry.append(part);
    }
  });
  log.scrollTop = log.scrollHeight;
  return entry;
}

function note(text, more = "") {
  add(`note ${more}`).textContent = text;
  log.scrollTop = log.scrollHeight;
}

function add(className) {
  const entry = document.createElement("li");
  entry.className = className;
  log.append(entry);
  return entry;
}

document.getElementById("connection").addEventListener("submit", (event) => {
  event.preventDefault();
  connect();
});

disconnectButton.addEventListener("click", () => socket.close(4000, "gone home"));

document.getElementById("say").addEventListener("submit", (event) => {
  event.preventDefault();
  send(message.value);
  message.value = "";
});

for (const button of document.querySelectorAll("[data-message]")) {
  button.addEventListener("click", () => send(button.dataset.message));
}

name.value = new URLSearchParams(location.search).get("user") ?? name.value;
connect();
