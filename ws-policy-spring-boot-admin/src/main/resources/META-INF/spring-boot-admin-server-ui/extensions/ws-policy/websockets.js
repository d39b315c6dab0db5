// An instance view for Spring Boot Admin: the WebSocket sessions of a gateway.
//
// Spring Boot Admin loads this file as it stands and provides Vue, so there is nothing to build. Every request goes to
// the gateway through the server. Vue inserts all values as text; sba-alert, which inserts HTML, is not used.

(() => {
  const { h, onBeforeUnmount, onMounted, reactive, resolveComponent, watch } = globalThis.Vue;

  const INTERVAL = 5_000;
  const PATIENCE = 10_000;
  const PAGE_SIZE = 50;
  // Totals are added up from pages of the largest size
  const TOTALS_PAGE_SIZE = 1_000;
  const TOTALS_PAGES = 10;
  const FILTERS = ["principal", "route", "pipeline", "path", "address"];
  const READ_ONLY = "The endpoint websockets of this instance is read-only. To close sessions and to drain the "
    + "gateway, set management.endpoint.websockets.access to unrestricted.";

  // ---- Requests

  class Refusal extends Error {
    constructor(status, message) {
      super(message);
      this.status = status;
    }
  }

  async function request(instance, { id, ...settings } = {}) {
    let response;
    try {
      response = await instance.axios.request({
        url: id === undefined ? "actuator/websockets" : `actuator/websockets/${encodeURIComponent(id)}`,
        timeout: PATIENCE,
        // Otherwise a 401 of the instance would lead to the login page of the server
        validateStatus: () => true,
        ...settings,
      });
    } catch {
      // There is no response. With toasts, Spring Boot Admin handles the error, and there is no response either.
    }
    if (!response) {
      throw new Refusal(0, "The Spring Boot Admin server does not respond.");
    }
    if (response.status >= 400) {
      throw new Refusal(response.status, explain(response, id));
    }
    return response;
  }

  function explain({ status, data }, id) {
    const message = typeof data?.message === "string" ? data.message : undefined;
    switch (status) {
      case 401:
      case 403:
        return `The instance refused the request (status ${status}). Check whether you are signed in, and which `
          + "credentials Spring Boot Admin uses for the instance.";
      case 404:
        return id !== undefined && message ? "The session has already ended."
          : "The instance does not expose the endpoint websockets. Add it to "
            + "management.endpoints.web.exposure.include.";
      case 405:
        return READ_ONLY;
      case 502:
      case 503:
      case 504:
        return `The Spring Boot Admin server could not reach the instance (status ${status}).`;
      default:
        return message ?? `The instance answered with status ${status}.`;
    }
  }

  async function list(instance, params) {
    const { data } = await request(instance, { params });
    if (!Array.isArray(data?.sessions)) {
      throw new Refusal(0, "The response is not a list of sessions. Check whether you are signed in.");
    }
    return data;
  }

  // Whether the endpoint has write operations. Whether the server may call them is only known from their response.
  async function isReadOnly(instance) {
    try {
      const { headers } = await request(instance, { method: "options" });
      return typeof headers.allow === "string" && !headers.allow.includes("POST");
    } catch {
      return false;
    }
  }

  // ---- Totals

  function addUp(sessions, pipelines = new Map()) {
    for (const { pipeline, inbound, outbound } of sessions) {
      const total = pipelines.get(pipeline) ?? { sessions: 0, framesIn: 0, framesOut: 0, bytes: 0 };
      total.sessions++;
      total.framesIn += inbound.frames;
      total.framesOut += outbound.frames;
      total.bytes += inbound.bytes + outbound.bytes;
      pipelines.set(pipeline, total);
    }
    return pipelines;
  }

  // Reads the whole list, or the oldest sessions if there are too many
  async function readTotals(instance) {
    const pipelines = new Map();
    let after;
    for (let pages = 0; pages < TOTALS_PAGES; pages++) {
      const page = await list(instance, { limit: TOTALS_PAGE_SIZE, after });
      addUp(page.sessions, pipelines);
      after = page.next;
      if (!after) {
        return { pipelines, complete: true };
      }
    }
    return { pipelines, complete: false };
  }

  // ---- Formats

  const number = (value) => value.toLocaleString("en-US");

  const sessions = (count) => count === 1 ? "1 session" : `${number(count)} sessions`;

  const shortId = (id) => id.slice(0, 8);

  function bytes(value) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1_000;
      unit++;
    }
    return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
  }

  function age(instant) {
    const seconds = Math.max(0, Math.floor((Date.now() - new Date(instant)) / 1_000));
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    if (hours >= 24) {
      return `${Math.floor(hours / 24)}d ${hours % 24}h`;
    }
    return hours > 0 ? `${hours}h ${minutes % 60}m` : minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`;
  }

  // ---- State

  const initial = () => ({
    page: undefined,
    totals: undefined,
    readOnly: false,
    // The cursors of this page and of the pages before it, except the first
    cursors: [],
    filter: { by: FILTERS[0], value: "" },
    // The filter as it is being typed
    draft: { by: FILTERS[0], value: "" },
    // Why the sessions cannot be shown
    problem: undefined,
    // What became of the last action
    outcome: undefined,
    window: "",
    busy: false,
  });

  function useSessions(props) {
    const state = reactive(initial());
    let timer;
    // Increases with each refresh, so that one that has been overtaken changes nothing
    let turn = 0;
    let totalsAt = 0;
    let left = false;

    async function refresh() {
      clearTimeout(timer);
      const mine = ++turn;
      if (left) {
        return;
      }
      const { instance } = props;
      const after = state.cursors.at(-1);
      const { by, value } = state.filter;
      try {
        const page = await list(instance,
          { limit: PAGE_SIZE, after, ...(value === "" ? {} : { [by]: value }) });
        if (mine !== turn) {
          return;
        }
        if (page.sessions.length === 0 && state.cursors.length > 0) {
          state.cursors.pop();
          refresh();
          return;
        }
        state.page = page;
        if (!after && !page.next && value === "") {
          state.totals = { pipelines: addUp(page.sessions), complete: true };
        } else if (Date.now() >= totalsAt) {
          const began = Date.now();
          const totals = await readTotals(instance);
          if (mine !== turn) {
            return;
          }
          state.totals = totals;
          totalsAt = Date.now() + 4 * (Date.now() - began);
        }
        state.problem = undefined;
      } catch (refusal) {
        if (mine !== turn) {
          return;
        }
        if (!(refusal instanceof Refusal)) {
          console.error(refusal);
        }
        state.problem = refusal.message;
      }
      timer = setTimeout(refresh, INTERVAL);
    }

    async function begin() {
      Object.assign(state, initial());
      totalsAt = 0;
      const { instance } = props;
      refresh();
      const readOnly = await isReadOnly(instance);
      if (instance.id === props.instance.id) {
        state.readOnly = readOnly;
      }
    }

    // Carries out an action of the user, tells what became of it, and shows the state after it
    async function act(action, done) {
      const { id } = props.instance;
      state.busy = true;
      let outcome;
      try {
        await action();
        outcome = { text: done };
      } catch (refusal) {
        outcome = { text: refusal.message, failed: true };
        state.readOnly ||= refusal.status === 405;
      }
      if (id === props.instance.id) {
        state.outcome = outcome;
        state.busy = false;
        await refresh();
      }
    }

    onMounted(begin);
    onBeforeUnmount(() => {
      left = true;
      refresh();
    });
    watch(() => props.instance.id, begin);

    return {
      state,
      filter(by, value) {
        state.draft = { by, value };
        state.filter = { by, value: value.trim() };
        state.cursors = [];
        refresh();
      },
      next() {
        state.cursors.push(state.page.next);
        refresh();
      },
      previous() {
        state.cursors.pop();
        refresh();
      },
      close({ id }) {
        act(() => request(props.instance, { method: "delete", id }), `Session ${shortId(id)} has been told to close.`);
      },
      drain(draining) {
        const window = state.window.trim() || undefined;
        act(() => request(props.instance, { method: "post", data: draining ? { draining, window } : { draining } }),
          draining ? "The drain has begun." : "The drain has ended.");
      },
    };
  }

  // ---- Elements

  const line = (role, classes, text) => h("p", { role, class: ["ws-policy-line", classes] }, text);

  function table(name, heads, rows, none) {
    const align = ({ numeric }) => ({ "ws-policy-number": numeric });
    return h("div", { class: "ws-policy-scroll" }, h("table", { class: "ws-policy-table", "aria-label": name }, [
      h("thead", h("tr", heads.map((head) => h("th", { scope: "col", class: align(head) }, head.text)))),
      h("tbody", rows.length === 0 ? h("tr", h("td", { colspan: heads.length, class: "ws-policy-muted" }, none))
        : rows.map(({ key, cells }) => h("tr", { key },
          cells.map((cell, index) => h("td", { class: align(heads[index]) }, cell))))),
    ]));
  }

  const text = (...names) => names.map((name) => ({ text: name }));

  const numeric = (...names) => names.map((name) => ({ text: name, numeric: true }));

  const WebSockets = {
    props: { instance: { type: Object, required: true } },

    setup(props) {
      const { state, filter, next, previous, close, drain } = useSessions(props);
      const [panel, button, confirmButton] = ["sba-panel", "sba-button", "sba-confirm-button"].map(resolveComponent);

      function drainState({ draining, drain: progress }) {
        if (!draining) {
          return "The gateway accepts sessions.";
        }
        return progress ? `The gateway drains: ${number(progress.left)} of ${sessions(progress.sessions)} are left.`
          : "The gateway drains.";
      }

      function drainControls({ draining }) {
        if (state.readOnly) {
          return [];
        }
        if (draining) {
          return [h(confirmButton, { key: "end", disabled: state.busy, onClick: () => drain(false) },
            () => "End drain")];
        }
        return [
          h("label", { for: "ws-policy-window" }, "Window"),
          h("input", { id: "ws-policy-window", type: "text", size: 12, placeholder: "as configured",
            title: "For example 30s or 5m", value: state.window,
            onInput: ({ target }) => { state.window = target.value; } }),
          h(confirmButton, { key: "begin", disabled: state.busy, onClick: () => drain(true) }, () => "Drain"),
        ];
      }

      const gatewayPanel = () => h(panel, { title: "Gateway" }, () =>
        h("div", { class: "ws-policy-controls" }, [
          h("span", { class: "ws-policy-grow", role: "status" }, drainState(state.page)),
          ...drainControls(state.page),
        ]));

      const totalsPanel = () => state.totals && h(panel, {
        title: "Pipelines",
        subtitle: state.totals.complete ? undefined
          : `Totals of the ${number(TOTALS_PAGES * TOTALS_PAGE_SIZE)} oldest sessions`,
        seamless: true,
      }, () => table("Pipelines", [...text("Pipeline"), ...numeric("Sessions", "Frames in", "Frames out", "Bytes")],
        [...state.totals.pipelines].map(([name, total]) => ({
          key: name,
          cells: [
            h("button", { type: "button", class: "ws-policy-link", title: "Show its sessions",
              onClick: () => filter("pipeline", name) }, name),
            number(total.sessions), number(total.framesIn), number(total.framesOut), bytes(total.bytes),
          ],
        })), "No session is open."));

      const filterForm = () => h("form", {
        role: "search",
        class: "ws-policy-controls ws-policy-inset",
        onSubmit(event) {
          event.preventDefault();
          filter(state.draft.by, state.draft.value);
        },
      }, [
        h("select", { "aria-label": "Filter by", value: state.draft.by,
          onChange: ({ target }) => { state.draft.by = target.value; } },
        FILTERS.map((by) => h("option", { value: by }, by))),
        h("input", { type: "text", class: "ws-policy-grow", "aria-label": "Value", autocomplete: "off",
          placeholder: "all sessions", value: state.draft.value,
          onInput: ({ target }) => { state.draft.value = target.value; } }),
        h(button, { type: "submit" }, () => "Filter"),
      ]);

      const pages = () => Math.max(1, Math.ceil(state.page.total / PAGE_SIZE));

      const pager = () => h("div", { class: "ws-policy-controls" }, [
        h("span", { class: "ws-policy-grow" }, `Page ${number(state.cursors.length + 1)} of ${number(pages())}`),
        h(button, { disabled: state.cursors.length === 0, onClick: previous }, () => "Previous"),
        h(button, { disabled: !state.page.next, onClick: next }, () => "Next"),
      ]);

      function row(session) {
        const { id, route, pipeline, path, principal, remoteAddress, openedAt, open, inbound, outbound } = session;
        return {
          key: id,
          cells: [
            h("code", { title: id }, shortId(id)), route, pipeline, principal ?? "–", remoteAddress ?? "–", path,
            h("span", { title: new Date(openedAt).toLocaleString() }, age(openedAt)),
            number(inbound.frames), number(outbound.frames), bytes(inbound.bytes + outbound.bytes),
            ...(state.readOnly ? [] : [open
              ? h(confirmButton, { title: `Close session ${shortId(id)}`, disabled: state.busy,
                onClick: () => close(session) }, () => "Close")
              : "closing"]),
          ],
        };
      }

      const sessionsPanel = () => h(panel, { title: "Sessions", subtitle: number(state.page.total), seamless: true }, {
        default: () => [
          filterForm(),
          table("Sessions", [...text("Session", "Route", "Pipeline", "Principal", "Client", "Path"),
            ...numeric("Age", "Frames in", "Frames out", "Bytes"), ...(state.readOnly ? [] : text(""))],
          state.page.sessions.map(row), state.filter.value ? "No session matches." : "No session is open."),
        ],
        footer: pager,
      });

      return () => h("section", { class: "ws-policy" }, [
        state.problem && line("alert", "ws-policy-failed", state.problem),
        state.readOnly && line("note", "ws-policy-note", READ_ONLY),
        state.outcome
          && line("status", state.outcome.failed ? "ws-policy-failed" : "ws-policy-done", state.outcome.text),
        ...(state.page ? [gatewayPanel(), totalsPanel(), sessionsPanel()]
          : state.problem ? [] : [line("status", "ws-policy-muted", "The sessions are being read.")]),
      ]);
    },
  };

  globalThis.SBA.use({
    install({ viewRegistry }) {
      viewRegistry.addView({
        name: "instances/websockets",
        parent: "instances",
        path: "websockets",
        component: WebSockets,
        label: "WebSockets",
        group: "web",
        // After Spring Cloud Gateway's own view
        order: 970,
        isEnabled: ({ instance }) => instance.hasEndpoint("websockets"),
      });
    },
  });
})();
