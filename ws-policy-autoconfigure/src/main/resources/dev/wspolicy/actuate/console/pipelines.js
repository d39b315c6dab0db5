// The view of the pipelines: what serves the sessions of each route.

import { byId, el, setText } from "./dom.js";
import { count } from "./fleet.js";
import * as format from "./format.js";
import { stateOf, SwitchDialogs } from "./switch.js";

const MAX_AGE = 15_000;
const STAGES = [["upgrade", "Upgrade", ""], ["inbound", "→ From the client", "inbound"], ["outbound", "← From the upstream", "outbound"]];
const ORIGINS = { ANNOTATION: "bound by its annotation", BEAN: "bean", FACTORY: "factory" };
// Routes that are shown unfolded
const FEW = 4;

export class PipelinesView {
  #gateway;
  #context;
  #dialogs = new SwitchDialogs();
  #readAt = -Infinity;
  #shown;
  #canSwitch;

  // The context has: isFleet(), whether all gateways are meant; report(done, answer) and failed(error), for the outcome;
  // and again(), to read the pipelines at once
  constructor(gateway, context) {
    this.#gateway = gateway;
    this.#context = context;
  }

  // Reads the pipelines again if that was long ago
  async refresh(signal) {
    if (performance.now() - this.#readAt < MAX_AGE) {
      return;
    }
    this.#readAt = performance.now();
    try {
      this.#canSwitch ??= await this.#gateway.canSwitch();
      const { routes } = await this.#gateway.pipelines(signal);
      setText(byId("pipelines-note"), Object.keys(routes).length === 0 ? "There is no route." : "");
      this.#draw(routes);
    } catch (error) {
      if (signal.aborted) {
        this.#readAt = -Infinity;
      } else {
        setText(byId("pipelines-note"), refusal(error));
      }
    }
  }

  // Only if there is news, so that what has been unfolded stays so
  #draw(routes) {
    const news = JSON.stringify(routes, (key, value) => (key === "sessions" ? undefined : value));
    const names = Object.keys(routes).sort();
    const parent = byId("pipelines-routes");
    if (news !== this.#shown) {
      this.#shown = news;
      const unfolded = new Map([...parent.children].map((element) => [element.dataset.route, element.open]));
      const controls = (policy) => this.#controls(policy);
      parent.replaceChildren(...names.map((route) =>
        card(route, routes[route], unfolded.get(route) ?? names.length <= FEW, controls)));
    }
    names.forEach((route, index) =>
      setText(parent.children[index].querySelector(".sessions"), count(routes[route].sessions ?? 0, "open session")));
  }

  // The buttons for one policy
  #controls(policy) {
    if (!this.#canSwitch) {
      return [];
    }
    const button = (text, label, click) => el("button", { type: "button", text, "aria-label": `${label} ${policy.name}, ${policy.stage}, route ${policy.route}…`, on: { click } });
    return [el("div", { class: "controls" },
      button("Switch…", "Switch", () => this.#switch(policy)),
      ...(policy.overridden ? [button("Undo…", "Undo the switch of", () => this.#undo(policy))] : []))];
  }

  #switch(policy) {
    const fleet = this.#context.isFleet();
    return this.#ask(async () => {
      const [ofPipeline, ofRoute] = await Promise.all([this.#count(policy, undefined, fleet), this.#count(policy, policy.route, fleet)]);
      return () => this.#dialogs.open(policy, { ofPipeline, ofRoute }, fleet, async (settings) => {
        const answer = await this.#gateway.switchPolicy(policy.pipeline, policy.name, { ...settings, direction: policy.stage, fleet });
        this.#done(`${policy.name} is ${stateOf(answer.rollout)} now${concerned(policy, answer)}`, answer);
      });
    });
  }

  #undo(policy) {
    const fleet = this.#context.isFleet();
    const { list, route } = policy.overridden;
    return this.#ask(async () => {
      const sessions = await this.#count(policy, route, fleet);
      return () => this.#dialogs.undo(policy, sessions, fleet, async () => {
        const answer = await this.#gateway.undoSwitch(policy.pipeline, policy.name, { direction: list?.toLowerCase(), route, fleet });
        this.#done(`${policy.name} is as configured again${concerned(policy, answer)}`, answer);
      });
    });
  }

  async #count({ pipeline }, route, fleet) {
    const { total } = await this.#gateway.sessions({ pipeline, route, state: "open", limit: 1, fleet });
    return total;
  }

  // Asks with the count that the gateway gives
  async #ask(prepare) {
    try {
      const open = await prepare();
      if (!document.querySelector("dialog[open]")) {
        open();
      }
    } catch (error) {
      this.#context.failed(error);
    }
  }

  #done(text, answer) {
    this.#context.report(text, answer);
    this.#readAt = -Infinity;
    this.#context.again();
  }
}

function concerned({ stage }, { sessions }) {
  return stage === "upgrade" ? "" : `, ${count(sessions, "session")}`;
}

function card(route, pipeline, open, controls) {
  const policies = STAGES.flatMap(([stage]) => pipeline[stage] ?? []).length;
  return el("details", { "data-route": route, ...(open ? { open: "" } : {}) },
    el("summary", {}, el("b", { text: route }), ` pipeline ${pipeline.pipeline}, ${policies} ${policies === 1 ? "policy" : "policies"}, `,
      el("span", { class: "sessions" }), " ",
      ...(pipeline.enabled === false ? [el("span", { class: "badge warning", text: "disabled" })] : [])),
    el("div", { class: "stages" }, ...STAGES.map(([stage, title, direction]) => column(title, direction,
      named(pipeline[stage] ?? []).map((policy) => ({ ...policy, pipeline: pipeline.pipeline, route, stage })), controls))),
    el("dl", { class: "facts" }, ...facts(pipeline).map(([name, text, wide = ""]) =>
      el("div", { class: wide }, el("dt", { text: name }), el("dd", { text })))));
}

// With the number of policies that have the same name
function named(policies) {
  return policies.map((policy) => ({ ...policy, same: policies.filter(({ name }) => name === policy.name).length }));
}

function column(title, direction, policies, controls) {
  return el("div", {}, el("h3", { class: `direction ${direction}`, text: title }),
    policies.length === 0 ? el("p", { class: "note", text: "no policy" })
      : el("ol", {}, ...policies.map((policy) => el("li", {}, el("b", { text: policy.name }), ...badges(policy),
        el("p", { class: "note", text: about(policy) }),
        ...(policy.property ? [el("p", { class: "note code", text: policy.property })] : []),
        ...(policy.overridden ? [el("p", { class: "note overridden", text: overridden(policy.overridden) })] : []),
        ...controls(policy)))));
}

// Shows what does not simply apply to everybody
function badges({ rollout, overridden: override }) {
  return rollout && (override || rollout.mode !== "ENFORCE" || rollout.share < 100)
    ? [" ", el("span", { class: rollout.mode === "OFF" || override ? "badge warning" : "badge", text: stateOf(rollout) })] : [];
}

function overridden({ by, since, until, list, route, configured }) {
  return [
    `switched${by ? ` by ${by}` : ""} at ${format.time(since)}`,
    until ? `until ${format.time(until)}` : "until it is undone",
    list && `only ${list.toLowerCase()}`,
    route && `only route ${route}`,
    `configured: ${stateOf(configured)}`,
  ].filter(Boolean).join("; ");
}

function about({ origin, types = [], granularity, onError, subprotocols = [] }) {
  return [
    ORIGINS[origin] ?? origin,
    types.map((type) => type.toLowerCase()).join(", "),
    granularity === "FRAME" && "frame by frame",
    onError && `on error: ${onError.toLowerCase()}`,
    subprotocols.length > 0 && `only ${subprotocols.join(", ")}`,
  ].filter(Boolean).join("; ");
}

function facts({ limits = {}, timeouts = {}, masking, validateUtf8, compression = {}, contentType, onLoss = {} }) {
  const words = (name) => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  const list = (values, show) => Object.entries(values).filter(([, value]) => value !== null)
    .map(([name, value]) => `${words(name)} ${show(name, value)}`).join(", ");
  return [
    ["Limits", list(limits, (name, value) => (name.endsWith("Fragments") ? format.number(value) : size(value))), "wide"],
    ["Timeouts", list(timeouts, (name, value) => (typeof value === "string" ? duration(value) : JSON.stringify(value))), "wide"],
    ["Compression", list(compression, (name, value) => (value ? "on" : "off"))],
    ["On loss", list(onLoss, (name, value) => String(value))],
    ["Masking", masking?.toLowerCase()],
    ["UTF-8", validateUtf8 && `validated: ${validateUtf8.toLowerCase().replaceAll("_", " ")}`],
    ["Content type", contentType],
  ].filter(([, text]) => text);
}

// As in the configuration: PT1M30S is 1m30s
function duration(value) {
  return value.replace(/^PT/, "").toLowerCase();
}

function size(value) {
  return value % 1_048_576 === 0 ? `${value / 1_048_576}MB` : value % 1024 === 0 ? `${value / 1024}KB` : `${format.number(value)}B`;
}

function refusal(error) {
  return {
    401: "You are not signed in.",
    403: "You are not allowed to see the pipelines.",
    404: "The endpoint websocketpipelines is not exposed.",
  }[error.status] ?? (error.message || `The gateway responded with ${error.status}.`);
}
