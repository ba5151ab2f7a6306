/** What settings change in the player: signs, progress, the time limit, windows, the length of suspend data. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createClock } from "../../static/player/clock.js";
import { progressOf } from "../../static/player/look.js";
import { signsOf } from "../../static/player/menu.js";
import { features, opensByItself } from "../../static/player/popup.js";
import { model12, model2004 } from "./support.js";

const SIGNS = [
  ["COMBINED", ["failed"]],
  ["SUCCESS_ONLY", ["failed"]],
  ["COMPLETION_ONLY", ["completed"]],
  ["SEPARATE", ["completed", "failed"]],
  ["NONE", []],
];
for (const [preference, expected] of SIGNS) {
  test(`signs of an item: ${preference}`, () => {
    assert.deepEqual(signsOf({ completion: "completed", success: "failed" }, preference), expected);
  });
}

test("success that is not known has no sign of its own", () => {
  assert.deepEqual(signsOf({ completion: "incomplete", success: "unknown" }, "SUCCESS_ONLY"), []);
  assert.deepEqual(signsOf({ completion: "incomplete", success: "unknown" }, "COMBINED"), ["incomplete"]);
});

test("progress is the measure of the course, else the share of completed activities", () => {
  const menu = [{ launchable: false }, { launchable: true, completion: "completed" }, { launchable: true, completion: "unknown" }];
  assert.equal(progressOf({ progress: 0.25, menu }), 0.25);
  assert.equal(progressOf({ progress: null, menu }), 0.5);
  assert.equal(progressOf({ progress: null, menu: [] }), null);
});

test("the clock warns before the time is over and tells when it is, each once", () => {
  let now = 0;
  const told = [];
  const clock = createClock({ warn: (words) => told.push(words), onOver: () => told.push("over"), clock: { now: () => now } });
  clock.begin(400);
  for (const second of [50, 101, 102, 341, 342, 400]) {
    now = second * 1000;
    clock.tick();
  }
  clock.stop();
  assert.deepEqual(told, ["The time for this course is over in 5 minutes.", "The time for this course is over in a minute.", "over"]);
});

test("without a limit no clock runs", () => {
  const clock = createClock({ warn: assert.fail, onOver: assert.fail });
  clock.begin(null);
});

test("a window opens as large as wanted, and never smaller than needed", () => {
  globalThis.screen = { availWidth: 1000, availHeight: 800 };
  assert.match(features("NEW_WINDOW", { width: 500, height: 300, minHeight: 400 }), /resizable,.*width=500,height=400$/);
  assert.match(features("NEW_WINDOW", { fullScreen: true }), /width=1000,height=800,left=0,top=0$/);
  assert.match(features("NEW_WINDOW_WITHOUT_BROWSER_TOOLBAR", {}), /toolbar=no,location=no/);
  assert.doesNotMatch(features("NEW_WINDOW", { isFixed: true }), /resizable/);
  delete globalThis.screen;
});

test("a window waits for a click where asked to", () => {
  assert.equal(opensByItself("NEW_WINDOW_WITHOUT_BROWSER_TOOLBAR"), true);
  assert.equal(opensByItself("NEW_WINDOW_AFTER_CLICK_WITHOUT_BROWSER_TOOLBAR"), false);
});

for (const [name, model] of [["SCORM 1.2", model12], ["SCORM 2004", model2004]]) {
  test(`${name}: suspend data longer than the setting is kept with a warning`, () => {
    const made = model({}, { settings: { suspend_data_limit: 10 } });
    assert.equal(made.set("cmi.suspend_data", "x".repeat(10)).warning ?? "", "");
    const { code, warning } = made.set("cmi.suspend_data", "x".repeat(11));
    assert.equal(code, 0);
    assert.match(warning, /10/);
    assert.equal(made.get("cmi.suspend_data").value.length, 11);
  });
}
