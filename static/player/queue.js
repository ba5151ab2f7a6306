// The browser's durable queue: what is not yet known to be stored, one localStorage entry a launch and queue: reports of
// the player, batches of its log, statements and places of media.

const PREFIX = "player:";

/** The browser's storage, or one that keeps nothing where it is switched off. */
export function openStorage() {
  try {
    return window.localStorage;
  } catch {
    return { length: 0, key: () => null, getItem: () => null, removeItem() {}, setItem() { throw new Error("storage is switched off"); } };
  }
}

function entryName(queue, key) {
  return `${PREFIX}${queue}:${key}`;
}

/**
 * Keeps `reports` synchronously; false where the browser does not let us (quota, storage switched off). `auth`: what is
 * sent as Authorization where the address needs one.
 */
export function keepReports(storage, { queue, key, reportUrl, auth }, reports) {
  try {
    if (reports.length) storage.setItem(entryName(queue, key), JSON.stringify({ at: Date.now(), reportUrl, auth, reports }));
    else storage.removeItem(entryName(queue, key));
    return true;
  } catch {
    return false;
  }
}

/** What earlier launches of this queue left behind, oldest first: [{name, key, reportUrl, auth, reports}]. */
export function keptReports(storage, queue) {
  const kept = [];
  try {
    for (let index = 0; index < storage.length; index += 1) {
      const name = storage.key(index);
      if (!name.startsWith(entryName(queue, ""))) continue;
      const entry = parse(storage.getItem(name));
      if (entry) kept.push({ ...entry, name, key: name.slice(entryName(queue, "").length) });
    }
  } catch {
    return [];
  }
  return kept.sort((one, other) => one.at - other.at);
}

function parse(text) {
  try {
    const entry = JSON.parse(text);
    return Array.isArray(entry.reports) && typeof entry.reportUrl === "string" ? entry : null;
  } catch {
    return null;
  }
}

/** Lets go of all that is kept in the queue. */
export function dropReports(storage, queue) {
  for (const { name } of keptReports(storage, queue)) storage.removeItem(name);
}

/**
 * Sends what earlier launches left behind, in their order, before a new session starts, by `post(url, report)`, or
 * `post(url, report, auth)` where the queue keeps one.
 *
 * Answers {sent, offline, dropped}: `dropped` says of each report that the server will never take (another window
 * took over, the session is over) which one it was; when the line is down the rest stays for the next start.
 */
export async function replay({ storage, queue, post }) {
  const result = { sent: 0, offline: false, dropped: [] };
  for (const entry of keptReports(storage, queue)) {
    const left = [...entry.reports];
    while (left.length) {
      const answer = await post(entry.reportUrl, left[0], ...(entry.auth ? [entry.auth] : []));
      if (isTemporary(answer.status)) {
        keepReports(storage, { queue, ...entry }, left);
        return { ...result, offline: true };
      }
      if (answer.body?.bound) break; // to another network or browser: it may be taken when the learner is back there
      if (answer.status === 200) result.sent += 1;
      else result.dropped.push({ key: entry.key, number: left[0].number, status: answer.status });
      left.shift();
    }
    keepReports(storage, { queue, ...entry }, left);
  }
  return result;
}

/** Whether the same request may succeed later; 0 stands for a line that is down. */
export function isTemporary(status) {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500;
}
