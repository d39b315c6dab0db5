// Gives a text to the browser as a file.

import { el } from "./dom.js";

export function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  el("a", { href: address, download: name }).click();
  // Not before the browser has begun to read it
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
