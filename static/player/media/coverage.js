// What of a recording or a document was really seen: intervals, joined where they touch.

const GAP = 0.25; // seconds between two reports of a player that count as none

/** `intervals` [[from, to], …] with `from` to `to` added, in order. */
export function add(intervals, from, to) {
  if (!(to > from)) return intervals;
  const joined = [];
  for (const [start, end] of [...intervals, [from, to]].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && start <= last[1] + GAP) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

/** The share of `length` that was seen, 0 to 1. */
export function share(intervals, length) {
  if (!(length > 0)) return 0;
  const seen = intervals.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, length) - Math.max(0, from)), 0);
  return Math.min(1, seen / length);
}

/** Whether the rule is met: "OPENED", "SEEN" with a percentage, or "END". */
export function isComplete({ rule, percent }, { seen, atEnd }) {
  if (rule === "OPENED") return true;
  if (rule === "END") return Boolean(atEnd);
  return Math.round(seen * 1000) / 10 >= percent - 0.5 && seen > 0;
}

/** What is kept of an earlier visit; anything else than numbers in their order is left out. */
export function readIntervals(kept) {
  const good = (pair) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite) && pair[1] > pair[0];
  return Array.isArray(kept) ? kept.filter(good).reduce((all, [from, to]) => add(all, from, to), []) : [];
}

/** Follows a player by its clock: what passes between two ticks was seen, where it passes as fast as it is played. */
export class Follower {
  constructor(intervals = []) {
    this.intervals = intervals;
    this.last = null;
  }

  /** The player plays and is at `position`; `now` in seconds. */
  tick(position, now, rate = 1) {
    if (this.last) {
      const played = position - this.last.position;
      const passed = (now - this.last.now) * Math.max(rate, 1);
      if (played > 0 && played <= passed + 1) this.intervals = add(this.intervals, this.last.position, position);
    }
    this.last = { position, now };
  }

  /** It stands still, or has leapt. */
  rest() {
    this.last = null;
  }
}
