import assert from "node:assert/strict";
import { test } from "node:test";

import { createWatch } from "../../static/player/watch.js";

/** Timers that fire when told to, answers that come when told to. */
function arrange() {
  const timers = [];
  const questions = [];
  const heard = [];
  const watch = createWatch({
    url: "/state",
    get: () => new Promise((resolve) => questions.push(resolve)),
    onState: (answer) => heard.push(answer),
    clock: {
      setTimeout: (work) => timers.push({ work, on: true }) - 1,
      clearTimeout: (number) => timers[number] && (timers[number].on = false),
    },
  });
  const tick = () => {
    const due = timers.filter((timer) => timer.on);
    for (const timer of due) timer.on = false;
    for (const timer of due) timer.work();
    return due.length;
  };
  const answer = async (value) => {
    questions.shift()(value);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { watch, questions, heard, tick, answer };
}

test("asks again and again while it watches, one question at a time", async () => {
  const { watch, questions, heard, tick, answer } = arrange();
  watch.begin();

  assert.equal(tick(), 1);
  watch.look();
  assert.equal(questions.length, 1);
  await answer("first");
  assert.equal(tick(), 1);
  await answer("second");

  assert.deepEqual(heard, ["first", "second"]);
});

test("an answer of before the next activity is dropped", async () => {
  const { watch, heard, tick, answer } = arrange();
  watch.begin();
  tick();
  watch.begin();

  await answer("of the activity before");

  assert.deepEqual(heard, []);
  assert.equal(tick(), 1);
  await answer("of this one");
  assert.deepEqual(heard, ["of this one"]);
});

test("asks nothing while it does not watch", async () => {
  const { watch, questions, heard, tick, answer } = arrange();
  watch.look();
  watch.begin();
  tick();
  watch.stop();
  await answer("late");
  watch.look();

  assert.deepEqual([questions.length, heard.length, tick()], [0, 0, 0]);
});
