// Reads a list page by page, up to a limit, for what needs more than one page of it.

const PAGE = 1_000;

export const MOST = 10_000;

// read({ limit, after }) reads a page. The result is the first page, with the sessions of all that were read
export async function walk(read) {
  const first = await read({ limit: PAGE });
  const sessions = [...first.sessions];
  let { next } = first;
  while (next && sessions.length < MOST) {
    const page = await read({ limit: PAGE, after: next });
    sessions.push(...page.sessions);
    next = page.next;
  }
  return { ...first, sessions, next: undefined };
}
