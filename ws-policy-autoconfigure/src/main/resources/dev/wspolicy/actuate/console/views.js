// Switches between the views of the page.

import { byId, show } from "./dom.js";

export const VIEWS = ["sessions", "routes", "endings", "pipelines"];

export class Views {
  current = VIEWS[0];
  #changed;

  constructor(changed) {
    this.#changed = changed;
    for (const view of VIEWS) {
      byId(`show-${view}`).addEventListener("click", () => this.show(view));
    }
  }

  show(view) {
    if (view !== this.current && VIEWS.includes(view)) {
      this.current = view;
      this.draw();
      this.#changed(view);
    }
  }

  draw() {
    for (const view of VIEWS) {
      byId(`show-${view}`).setAttribute("aria-pressed", String(view === this.current));
      show(byId(view === "sessions" ? "list" : view), view === this.current);
    }
  }
}
