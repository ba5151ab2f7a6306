// What counts as seen of a medium, and when it is completed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Follower, add, isComplete, readIntervals, share } from "../../static/player/media/coverage.js";

test("intervals are joined where they touch", () => {
  const seen = [[10, 20], [0, 5], [5.1, 6], [19, 30], [40, 40]].reduce((all, [from, to]) => add(all, from, to), []);

  assert.deepEqual(seen, [[0, 6], [10, 30]]);
  assert.equal(share(seen, 52), 0.5);
  assert.equal(share(seen, Number.NaN), 0);
});

test("what was leapt over was not seen", () => {
  const follower = new Follower();
  follower.tick(0, 100);
  follower.tick(2, 102);
  follower.tick(90, 103);
  follower.tick(91, 104);

  assert.deepEqual(follower.intervals, [[0, 2], [90, 91]]);
});

test("what was played fast was seen", () => {
  const follower = new Follower();
  follower.tick(0, 100, 2);
  follower.tick(20, 110, 2);

  assert.deepEqual(follower.intervals, [[0, 20]]);
});

test("completed as the setting says", () => {
  const cases = [
    ["OPENED", 90, 0, false, true],
    ["SEEN", 90, 0.89, true, false],
    ["SEEN", 90, 0.9, false, true],
    ["SEEN", 0, 0, false, false],
    ["END", 90, 0.1, true, true],
    ["END", 90, 1, false, false],
  ];
  for (const [rule, percent, seen, atEnd, wanted] of cases) {
    assert.equal(isComplete({ rule, percent }, { seen, atEnd }), wanted, `${rule} ${percent} ${seen} ${atEnd}`);
  }
});

test("of a bookmark only intervals are taken", () => {
  assert.deepEqual(readIntervals([[3, 4], [1, 2], ["a", 2], [5, 4], null]), [[1, 2], [3, 4]]);
  assert.deepEqual(readIntervals("x"), []);
});
