// Copies text to the clipboard, also where the page is not served over HTTPS and browsers offer no clipboard to it.

import { el } from "./dom.js";

// Returns whether the text was copied
export async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed: try the old way
    }
  }
  const focused = document.activeElement;
  const area = el("textarea", { class: "hidden", readonly: "" });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return copied;
}
