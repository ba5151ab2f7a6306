// Decides when a medium is completed, and when the server hears what.

import { isComplete } from "./coverage.js";

const EVERY = 10; // percent between two statements of progress

export function createTracker({ config, reporter, kept, show }) {
  let bookmark = kept;
  let told = Math.floor(((kept.progress ?? 0) * 100) / EVERY);
  let done = kept.done === true;
  let saved = JSON.stringify({ ...kept, done });

  function look(progress, atEnd, about) {
    show(progress, done);
    if (!done && isComplete(config, { seen: progress, atEnd })) {
      done = true;
      reporter.state("completed", { ...about, progress, completion: true });
      show(progress, done);
      save();
      return;
    }
    const step = Math.floor((progress * 100) / EVERY);
    if (step > told) {
      told = step;
      reporter.state("progressed", { ...about, progress });
    }
  }

  function save() {
    const now = JSON.stringify({ ...bookmark, done });
    if (now === saved) return;
    saved = now;
    reporter.keep({ ...bookmark, done });
  }

  return {
    /** The learner is at `about`, has seen that share, and `place` is what to come back to. */
    moved({ progress, atEnd = false, about = {}, place }) {
      bookmark = { ...place, progress };
      look(progress, atEnd, about);
    },
    say: (verb, about) => reporter.state(verb, about),
    save,
    finish(about = {}) {
      if (done) return;
      done = true;
      reporter.state("completed", { ...about, completion: true });
      show(1, true);
      save();
    },
    get done() {
      return done;
    },
  };
}
