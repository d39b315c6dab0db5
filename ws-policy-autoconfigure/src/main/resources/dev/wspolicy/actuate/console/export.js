// Exports the records of a tap to files.

import { download } from "./download.js";
import { har } from "./har.js";

// Sessions whose upgrade request is read for an export. There may be thousands
const LOOKED_UP = 100;

// A recording, which can be replayed: the records exactly as the tap reported them, one per line, and each session
// opened before its first frame
export function exportLines(name, { begin, lost, opened, records }) {
  const seen = new Set();
  const lines = [begin, ...(lost > 0 ? [{ record: "dropped", count: lost }] : [])];
  for (const record of records) {
    if (opened.has(record.session) && !seen.has(record.session)) {
      seen.add(record.session);
      lines.push(opened.get(record.session));
    }
    lines.push(record);
  }
  download(`${name}.jsonl`, "application/jsonl", lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

// read(id) reads what the endpoint tells about a session, and fails if it is over
export async function exportArchive(name, records, read, known) {
  const ids = [...new Set(records.map(({ session }) => session))].slice(0, LOOKED_UP);
  const found = new Map(await Promise.all(ids.map(async (id) => [id, await read(id).catch(() => undefined)])));
  const archive = har(records, (id) => found.get(id) ?? known(id), location.origin);
  download(`${name}.har`, "application/json", JSON.stringify(archive, undefined, 2));
}
