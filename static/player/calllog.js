// The debug log on its way to the server: batches of API calls, sent every few seconds and at the end.

import { byteLength } from "./commits.js";
import { isTemporary, keepReports, replay } from "./queue.js";

const MOST_KEPT = 5000;
const BATCH = 400;
const SURVIVES = 12 * 1024; // a batch this small may outlive the page; the rest of the 64 KiB is for reports

/** `post` as in commits.js; what a closing page cannot send waits in the durable queue beside the reports. */
export function createCallLog({ queue, key, logUrl, storage, post }) {
  const place = { queue: `log-${queue}`, key, reportUrl: logUrl };
  let number = 0;
  let entries = [];
  let dropped = 0;
  let sending = null; // the batch on its way, kept for another try
  let busy = false;

  function cut(count) {
    number += 1;
    return { number, entries: entries.splice(0, count) };
  }

  async function send() {
    if (busy) return;
    if (!sending && entries.length) sending = cut(BATCH);
    if (!sending) return;
    busy = true;
    const { status } = await post(logUrl, sending, byteLength(sending) <= SURVIVES);
    busy = false;
    if (isTemporary(status)) return;
    sending = null;
    if (status === 200 && entries.length >= BATCH) await send();
  }

  return {
    begin(stored) {
      number = Math.max(number, stored);
    },

    add(entry) {
      entries.push(entry);
      if (entries.length <= MOST_KEPT) return;
      entries.shift();
      dropped += 1;
      entries[0] = { ...entries[0], warning: `${dropped} earlier calls could not be kept` };
    },

    send,

    /** Sends what earlier pages could not. */
    replay: () => replay({ storage, queue: place.queue, post }),

    /** Everything that waits, at the end of a session. */
    async drain() {
      for (let rounds = 0; rounds < 20 && (sending || entries.length); rounds += 1) {
        await send();
        if (sending && !busy) return;
      }
    },

    /** The page goes away: sends what it still may, and leaves all of it to the next start as well. */
    leave() {
      const waiting = sending ? [sending] : [];
      while (entries.length) waiting.push(cut(BATCH));
      keepReports(storage, place, waiting);
      let room = SURVIVES;
      for (const batch of busy ? waiting.slice(1) : waiting) {
        room -= byteLength(batch);
        if (room < 0) return;
        post(logUrl, batch, true);
      }
    },
  };
}
