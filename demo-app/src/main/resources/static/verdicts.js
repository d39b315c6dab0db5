// Tells what the gateway's policies did with the frames of this page's session. It reads the gateway's own tap, which
// the demo opens to everybody.

const RETRY = 100;
const ATTEMPTS = 50;
const PATIENCE = 5_000;

export class Verdicts {
  #events;
  #stopped = false;

  // told(frame) is called for each frame of the session, found(id) once the session is known, and state(text, isOn)
  // with every change
  constructor({ told, found, state }) {
    this.told = told;
    this.found = found;
    this.state = state;
  }

  // Resolves when the tap runs, or when it is clear that it does not. The page is a parameter of the upgrade request
  async start(user, page) {
    this.state("Looking for this session at the gateway…", false);
    try {
      const id = await this.#find(user, page);
      if (this.#stopped) {
        return;
      }
      if (id === undefined) {
        this.state("The gateway does not list this session, so that verdicts are not shown.", false);
        return;
      }
      this.found(id);
      await this.#tap(id);
    } catch (error) {
      this.state(`Verdicts are not shown: ${error.message}`, false);
    }
  }

  stop() {
    this.#stopped = true;
    this.#events?.close();
    this.state("The gateway’s tap is not running.", false);
  }

  async #find(user, page) {
    for (let attempt = 0; attempt < ATTEMPTS && !this.#stopped; attempt++) {
      const { sessions } = await read(`actuator/websockets?${new URLSearchParams({ path: "/chat", principal: user, limit: 1000 })}`);
      // The newest is the most likely
      for (const { id } of sessions.reverse()) {
        const session = await read(`actuator/websockets/${id}`, 404);
        if (session && new URL(session.upgrade.uri).searchParams.get("page") === page) {
          return id;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
    return undefined;
  }

  #tap(id) {
    return new Promise((resolve) => {
      this.#events = new EventSource(`actuator/websockettap?${new URLSearchParams({ session: id, duration: "10m" })}`);
      this.#events.onopen = () => {
        this.state("The gateway’s tap shows what the policies do with your messages.", true);
        resolve();
      };
      this.#events.addEventListener("frame", ({ data }) => this.told(JSON.parse(data)));
      // After its time, the browser starts another one by itself
      this.#events.addEventListener("end", ({ data }) => {
        if (JSON.parse(data).reason !== "duration") {
          this.#events.close();
        }
      });
      this.#events.onerror = () => {
        if (this.#events.readyState === EventSource.CLOSED && !this.#stopped) {
          this.state("The gateway does not allow a tap, so that verdicts are not shown.", false);
          resolve();
        }
      };
    });
  }
}

async function read(address, absent) {
  const response = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE) });
  if (response.status === absent) {
    return undefined;
  }
  if (!response.ok) {
    throw new Error(`the gateway responded with ${response.status}`);
  }
  return response.json();
}
