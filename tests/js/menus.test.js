import assert from "node:assert/strict";
import { test } from "node:test";

import { createMenus } from "../../static/player/menus.js";

const item = (identifier, more = {}) => ({ identifier, enabled: true, ...more });

/** A menu of three lines at revision r1. */
function arrange() {
  const menus = createMenus();
  menus.merge({ revision: "r1", activity: "a", menu: [item("a"), item("b"), item("c")], valid: { continue: true, "choice.a": true } });
  return menus;
}

test("a launch told whole is what it is", () => {
  const menus = createMenus();

  const launch = menus.merge({ revision: "", activity: "a", menu: [item("a")], valid: { continue: true } });

  assert.deepEqual(launch, { revision: "", activity: "a", menu: [item("a")], valid: { continue: true } });
  assert.equal(menus.revision, "");
});

test("a change is put into what is shown, in the same order", () => {
  const menus = arrange();

  const launch = menus.merge({
    revision: "r2",
    activity: "b",
    menu: [],
    valid: {},
    change: { since: "r1", lines: [item("b", { current: true })], valid: { continue: false } },
  });

  assert.deepEqual(launch, {
    revision: "r2",
    activity: "b",
    menu: [item("a"), item("b", { current: true }), item("c")],
    valid: { continue: false, "choice.a": true },
  });
  assert.equal(menus.revision, "r2");
});

test("lines come, go and move, and so does what is possible", () => {
  const menus = arrange();

  const { menu, valid } = menus.merge({
    revision: "r2",
    menu: [],
    valid: {},
    change: { since: "r1", lines: [item("d")], valid: { "choice.d": true }, order: ["c", "d", "a"], gone: ["choice.a"] },
  });

  assert.deepEqual(menu.map(({ identifier }) => identifier), ["c", "d", "a"]);
  assert.deepEqual(valid, { continue: true, "choice.d": true });
});

test("lines that go leave the order of the others alone", () => {
  const { menu } = arrange().merge({ revision: "r2", menu: [], valid: {}, change: { since: "r1", lines: [item("c", { enabled: false })], valid: {}, left: ["b"] } });

  assert.deepEqual(menu, [item("a"), item("c", { enabled: false })]);
});

test("a change of what is not shown is not taken, and nothing is lost by it", () => {
  const menus = arrange();

  assert.equal(menus.merge({ revision: "r9", menu: [], valid: {}, change: { since: "r8", lines: [], valid: {} } }), null);

  assert.equal(menus.revision, "r1");
  assert.equal(menus.merge({ revision: "r1", menu: [], valid: {}, change: { since: "r1", lines: [], valid: {} } }).menu.length, 3);
});
