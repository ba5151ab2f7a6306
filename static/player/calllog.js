// The debug log on its way to the server: batches of API calls, sent every few seconds and at the end.

import { isTemporary } from "./queue.js";
import { byteLength } from "./commits.js";

const MOST_KEPT = 5000;
const BATCH = 400;

/** `post` as in commits.js. */
export function createCallLog({ logUrl, post }) {
  let number = 0;
  let entries = [];
  let dropped = 0;
  let sending = null; // the batch on its way, kept for another try
  let busy = false;

  function nextBatch() {
    if (!sending && entries.length) {
      number += 1;
      sending = { number, entries: entries.splice(0, BATCH) };
    }
    return sending;
  }

  async function send() {
    if (busy || !nextBatch()) return;
    busy = true;
    const { status } = await post(logUrl, sending, false);
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
      if (entries.length > MOST_KEPT) {
        entries.shift();
        dropped += 1;
        entries[0] = { ...entries[0], warning: `${dropped} earlier calls could not be kept` };
      }
    },

    send,

    /** Everything that waits, at the end of a session. */
    async drain() {
      for (let rounds = 0; rounds < 20 && (sending || entries.length); rounds += 1) {
        await send();
        if (sending) return;
      }
    },

    /** The page goes away: sends as much as a closing page may still send, the newest calls first to be given up. */
    leave(room) {
      const batches = [sending, entries.length ? { number: number + 1, entries } : null];
      for (const batch of batches.filter(Boolean)) {
        while (batch.entries.length && byteLength(batch) > room) batch.entries.length = Math.floor(batch.entries.length / 2);
        if (!batch.entries.length) return;
        room -= byteLength(batch);
        post(logUrl, batch, true);
      }
      sending = null;
      entries = [];
    },
  };
}
