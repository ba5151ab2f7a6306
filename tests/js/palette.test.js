/** What the command palette finds among its commands, and which keys lists take. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { grouped, matching } from "../../static/js/palette.js";
import { following } from "../../static/js/shortcuts.js";

const COMMANDS = ["Dashboard", "Library", "Add Content", "Übersicht", "All courses of the library"].map((title) => ({ group: "Pages", title }));
const titles = (typed) => matching(COMMANDS, typed).map((command) => command.title);

test("every word counts, anywhere, without case or accents", () => {
  assert.deepEqual(titles("CONT add"), ["Add Content"]);
  assert.deepEqual(titles("ubersicht"), ["Übersicht"]);
  assert.deepEqual(titles("zzz"), []);
  assert.equal(titles("  ").length, COMMANDS.length);
});

test("what begins with the word comes first", () => {
  assert.deepEqual(titles("li"), ["Library", "All courses of the library"]);
});

test("groups keep their order and show a few of each", () => {
  const items = Array.from({ length: 20 }, (_, at) => ({ group: at % 2 ? "Courses" : "Pages", title: String(at) }));
  const found = grouped(items);
  assert.deepEqual([...found.keys()], ["Pages", "Courses"]);
  assert.deepEqual([...found.values()].map((held) => held.length), [8, 8]);
});

test("j and k go from row to row and stop at the ends", () => {
  const rows = ["a", "b", "c"];
  assert.equal(following(rows, -1, 1), "a");
  assert.equal(following(rows, -1, -1), "c");
  assert.equal(following(rows, 1, 1), "c");
  assert.equal(following(rows, 2, 1), "c");
  assert.equal(following(rows, 0, -1), "a");
  assert.equal(following([], -1, 1), null);
});
