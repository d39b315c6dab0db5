// Talks to the chat through the gateway that served this page.

const log = document.getElementById("log");
const status = document.getElementById("status");
const name = document.getElementById("name");
const message = document.getElementById("message");
const connectButton = document.getElementById("connect");
const disconnectButton = document.getElementById("disconnect");
const compose = document.getElementById("compose");

// How long to wait before calling a message lost
const PATIENCE = 1500;

// What the policies have left in a message: the stamp, the masked card number
const TRACES = /(^\[to [^\]]*\]|(?:•••• ){3}\d{4})/;

let socket = null;
let received = 0;

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/chat?user=${encodeURIComponent(name.value.trim())}`);
  show("connecting", "connecting…");
  socket.onopen = () => {
    show("open", "connected");
    note("connected");
    message.focus();
  };
  socket.onmessage = (event) => {
    received++;
    append("received", event.data);
  };
  socket.onclose = (event) => {
    socket = null;
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
  append("sent", text);
  const before = received;
  setTimeout(() => {
    if (socket && received === before) {
      note("nothing came back: the message was dropped", "warning");
    }
  }, PATIENCE);
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
