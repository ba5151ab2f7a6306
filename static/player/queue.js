// The browser's durable queue: reports that are not yet known to be stored, one localStorage entry a launch.

const PREFIX = "player:";

function entryName(queue, key) {
  return `${PREFIX}${queue}:${key}`;
}

/** Keeps `reports` synchronously; false where the browser does not let us (quota, storage switched off). */
export function keepReports(storage, { queue, key, reportUrl }, reports) {
  try {
    if (reports.length) storage.setItem(entryName(queue, key), JSON.stringify({ at: Date.now(), reportUrl, reports }));
    else storage.removeItem(entryName(queue, key));
    return true;
  } catch {
    return false;
  }
}

/** What earlier launches of this queue left behind, oldest first: [{name, key, reportUrl, reports}]. */
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

/**
 * Sends what earlier launches left behind, in their order, before a new session starts.
 *
 * Answers {sent, offline, dropped}: `dropped` says of each report that the server will never take (another window
 * took over, the session is over) which one it was; when the line is down the rest stays for the next start.
 */
export async function replay({ storage, queue, post }) {
  const result = { sent: 0, offline: false, dropped: [] };
  for (const entry of keptReports(storage, queue)) {
    const left = [...entry.reports];
    while (left.length) {
      const answer = await post(entry.reportUrl, left[0]);
      if (isTemporary(answer.status)) {
        keepReports(storage, { queue, ...entry }, left);
        return { ...result, offline: true };
      }
      if (answer.status === 200) result.sent += 1;
      else result.dropped.push({ key: entry.key, number: left[0].number, status: answer.status });
      left.shift();
    }
    storage.removeItem(entry.name);
  }
  return result;
}

/** Whether the same request may succeed later; 0 stands for a line that is down. */
export function isTemporary(status) {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500;
}
