// The time limit of a course: tells the learner before it is over, and when it is.

import { ngettext } from "../js/words.js";

const WARN_AT = [300, 60]; // seconds before the end
const TICK = 1000;

export function createClock({ warn, onOver, clock }) {
  const now = clock?.now ?? (() => performance.now());
  let timer = null;
  let until = 0;
  let warnings = [];

  function tick() {
    const left = (until - now()) / 1000;
    if (left <= 0) {
      stop();
      onOver();
    } else if (left <= warnings[0]) {
      const minutes = Math.round(warnings.shift() / 60);
      warn(ngettext("The time for this course is over in a minute.", "The time for this course is over in {count} minutes.", minutes));
    }
  }

  function stop() {
    clearInterval(timer);
    timer = null;
  }

  return {
    /** `seconds` are left; null when there is no limit. */
    begin(seconds) {
      stop();
      if (seconds === null || seconds === undefined) return;
      until = now() + seconds * 1000;
      warnings = WARN_AT.filter((mark) => mark < seconds);
      timer = setInterval(tick, TICK);
    },
    tick,
    stop,
  };
}
