// The dialogs that switch the mode or the share of a policy, and that undo that.

import { byId, setText } from "./dom.js";
import { Dialog } from "./dialog.js";
import { count } from "./fleet.js";

const DEED = "switch policies";
const GONE = "There is no such policy any more.";

export class SwitchDialogs {
  #switch = new Dialog("switch");
  #undo = new Dialog("undo-switch");
  #mode = byId("switch-mode");
  #share = byId("switch-share");
  #rest = byId("switch-rest");
  #for = byId("switch-for");
  #scope = byId("switch-scope");

  constructor() {
    this.#mode.addEventListener("change", () => this.#check());
    this.#share.addEventListener("input", () => this.#check());
  }

  // policy: { name, pipeline, route, stage, same, rollout }; sessions: { ofPipeline, ofRoute }; act(settings) switches it
  open(policy, sessions, fleet, act) {
    const { mode, share } = policy.rollout;
    this.#mode.value = mode.toLowerCase();
    this.#share.value = share < 100 ? String(share) : "";
    this.#rest.value = "";
    this.#for.value = "";
    setText(this.#scope.options[0], `all routes of the pipeline ${policy.pipeline}, ${count(sessions.ofPipeline, "session")}`);
    setText(this.#scope.options[1], `only the route ${policy.route}, ${count(sessions.ofRoute, "session")}`);
    this.#scope.value = "pipeline";
    this.#check();
    this.#switch.ask({
      title: `Switch ${policy.name}?`,
      what: concerns(policy, sessions.ofPipeline, fleet),
      confirm: "Switch policy",
      deed: DEED,
      gone: GONE,
      act: () => act(this.#settings(policy)),
    });
    this.#mode.focus();
  }

  #settings({ route }) {
    const share = this.#share.disabled ? "" : this.#share.value.trim();
    return {
      mode: this.#mode.value,
      share: share ? `${share}%` : undefined,
      rest: (share && this.#rest.value) || undefined,
      for: this.#for.value.trim() || undefined,
      route: this.#scope.value === "route" ? route : undefined,
    };
  }

  // What the server would refuse cannot be entered
  #check() {
    const mode = this.#mode.value;
    this.#share.disabled = mode === "off";
    this.#rest.disabled = mode === "off" || this.#share.value.trim() === "";
    this.#rest.options[1].disabled = mode === "observe";
    if (mode === "observe" && this.#rest.value === "observe") {
      this.#rest.value = "";
    }
  }

  undo(policy, sessions, fleet, act) {
    const { mode, share } = policy.overridden.configured;
    this.#undo.ask({
      title: `Undo the switch of ${policy.name}?`,
      what: `${concerns(policy, sessions, fleet)} Configured: ${stateOf({ mode, share })}.`,
      confirm: "Undo switch",
      deed: DEED,
      gone: "This switch has been undone already, or has ended.",
      act,
    });
  }
}

function concerns({ stage, same }, sessions, fleet) {
  const which = stage === "upgrade" ? `It concerns new sessions only${fleet ? ", of all gateways" : ""}.`
    : `It concerns ${count(sessions, "open session")}${fleet ? " of all gateways" : ""}, at once, and new ones.`;
  return same > 1 ? `${which} The list has ${same} policies of this name, and all are meant.` : which;
}

// In words: enforced, enforced for 5 %, observed, off
export function stateOf({ mode, share, rest }) {
  const words = { ENFORCE: "enforced", OBSERVE: "observed", OFF: "off" };
  return share < 100 ? `${words[mode]} for ${share} %${rest ? `, otherwise ${words[rest]}` : ""}` : words[mode];
}
