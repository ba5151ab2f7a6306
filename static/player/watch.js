// Content that talks to the server itself (AICC HACP, cmi5, Tin Can): the page learns of what it did by asking.

const EVERY = 3000;

/**
 * `get(url)` -> promise of {status, body}; `onState(answer)` hears what the server shows now. An answer to a question
 * of before the last `begin` or `stop` is dropped: it tells of an activity that is left.
 */
export function createWatch({ url, get, onState, every = EVERY, clock = globalThis }) {
  let watched = 0; // which watch it is; 0 while there is none
  let last = 0;
  let timer = null;
  let asking = null; // the watch that is asking

  async function look() {
    const mine = watched;
    if (!mine || asking === mine) return;
    clock.clearTimeout(timer);
    asking = mine;
    const answer = await get(url);
    if (asking === mine) asking = null;
    if (mine !== watched) return;
    timer = clock.setTimeout(look, every);
    onState(answer);
  }

  return {
    begin() {
      clock.clearTimeout(timer);
      last += 1;
      watched = last;
      timer = clock.setTimeout(look, every);
    },

    stop() {
      clock.clearTimeout(timer);
      watched = 0;
    },

    look,
  };
}
