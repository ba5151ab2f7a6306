// What counts as seen of a medium, when it is completed, and that nothing of it is lost on the way to the server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Follower, add, isComplete, readIntervals, share } from "../../static/player/media/coverage.js";
import { createReporter, joined, replayStatements } from "../../static/player/media/statements.js";
import { createTracker } from "../../static/player/media/tracker.js";
import { makeClock, makeStorage, settle } from "./support.js";

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

// --- on the way to the server ------------------------------------------------------------------------------------------

/** An endpoint of a launch. `line`: up | down | lost (stores, answer is lost) | held (answers when `release` is called). */
function makeServer() {
  const server = { line: "up", refusal: 0, statements: new Map(), place: null, requests: [], release: () => {} };
  server.send = async (url, { method, body, headers }) => {
    server.requests.push(`${method} ${new URL(url, "http://x").pathname} ${headers.Authorization}`);
    if (server.line === "down") throw new TypeError("Failed to fetch");
    if (server.line === "held") await new Promise((resolve) => { server.release = resolve; });
    if (server.refusal) return { status: server.refusal, ok: false };
    if (method === "GET") return server.place ? { status: 200, ok: true, json: async () => server.place } : { status: 404, ok: false };
    const content = JSON.parse(body);
    if (url.includes("statementId=")) server.statements.set(content.id, content);
    else server.place = content;
    if (server.line === "lost") throw new TypeError("Failed to fetch");
    return { status: 204, ok: true };
  };
  server.verbs = () => [...server.statements.values()].map(({ verb }) => verb.id.split("/").pop());
  return server;
}

function makeReporter({ server = makeServer(), storage = makeStorage(), key = "k1" } = {}) {
  const clock = makeClock();
  const signs = [];
  const config = {
    queue: "instance-7", key, endpoint: `/play/${key}/tincan/`, auth: `Basic ${key}`, activity: "urn:a", title: "A",
    actor: { account: { name: "ada" } }, registration: "r",
  };
  const reporter = createReporter({ config, storage, send: server.send, clock, onState: (sign) => signs.push(sign) });
  return { reporter, server, storage, clock, signs };
}

const kept = (storage) => Array.from({ length: storage.length }, (_, index) => storage.key(index)).sort();

test("statements arrive in order before the place, and nothing stays behind", async () => {
  const { reporter, server, storage, signs } = makeReporter();

  assert.deepEqual(await reporter.begin(), {});
  reporter.state("initialized");
  reporter.keep({ page: 2 });
  reporter.state("progressed", { time: 2, progress: 0.66667 });
  await settle();

  assert.deepEqual(server.verbs(), ["initialized", "progressed"]);
  assert.equal(server.place.page, 2);
  assert.match(server.requests.at(-1), /PUT .play.k1.tincan.activities.state/);
  assert.deepEqual(kept(storage), []);
  assert.equal(signs.at(-1), "saved");
});

test("what was said while the line was down is sent when it is back", async () => {
  const { reporter, server, clock, signs } = makeReporter();
  await reporter.begin();
  server.line = "down";
  reporter.state("played");
  reporter.keep({ position: 4 });
  reporter.keep({ position: 5 });
  await settle();
  assert.equal(signs.at(-1), "offline");

  server.line = "up";
  await clock.pass(1000);

  assert.deepEqual([server.verbs(), server.place.position, signs.at(-1)], [["played"], 5, "saved"]);
});

test("a page that closes without a line leaves all of it to the next start, each by its own launch", async () => {
  const storage = makeStorage();
  const server = makeServer();
  const first = makeReporter({ server, storage }).reporter;
  await first.begin();
  server.line = "down";
  first.state("completed", { completion: true });
  first.keep({ page: 3, seen: [[0, 3]], done: true });
  first.leave();
  await settle();
  assert.deepEqual([server.verbs(), server.place], [[], null]);

  server.line = "up";
  server.requests.length = 0;
  const found = await makeReporter({ server, storage, key: "k2" }).reporter.begin();
  await settle();

  assert.deepEqual([found.page, found.done, found.seen], [3, true, [[0, 3]]]);
  assert.deepEqual(server.verbs(), ["completed"]);
  assert.deepEqual(server.requests, [
    "PUT /play/k1/tincan/statements Basic k1",
    "GET /play/k2/tincan/activities/state Basic k2",
    "PUT /play/k2/tincan/activities/state Basic k2",
  ]);
  assert.deepEqual([server.place.page, kept(storage)], [3, []]);
});

test("the player sends what a medium left behind", async () => {
  const { reporter, server, storage } = makeReporter();
  await reporter.begin();
  server.line = "down";
  reporter.state("terminated");
  reporter.leave();
  const offline = await replayStatements({ storage, queue: "instance-7", send: server.send });
  server.line = "up";

  const other = await replayStatements({ storage, queue: "instance-70", send: server.send });
  const own = await replayStatements({ storage, queue: "instance-7", send: server.send });

  assert.deepEqual([offline.offline, other.sent, own.sent, server.verbs()], [true, 0, 1, ["terminated"]]);
});

test("a closing page sends what it may, once what is in flight is left alone", async () => {
  const { reporter, server, storage } = makeReporter();
  await reporter.begin();
  server.line = "held";
  reporter.state("initialized");
  reporter.state("paused");
  reporter.keep({ position: 7 });
  await settle();
  server.requests.length = 0;

  reporter.leave();

  assert.deepEqual(server.requests, ["PUT /play/k1/tincan/statements Basic k1", "PUT /play/k1/tincan/activities/state Basic k1"]);
  assert.deepEqual(kept(storage), ["player:place-instance-7:k1", "player:statements-instance-7:k1"]);
});

test("a lost answer stores nothing twice", async () => {
  const { reporter, server, clock, storage } = makeReporter();
  await reporter.begin();
  server.line = "lost";
  reporter.state("paused");
  await settle();
  server.line = "up";
  await clock.pass(1000);

  assert.deepEqual([server.verbs(), kept(storage)], [["paused"], []]);
});

test("a page that cannot ask where the learner was waits, and begins where it was left", async () => {
  const server = makeServer();
  server.place = { page: 9 };
  server.line = "down";
  const { reporter, clock, signs } = makeReporter({ server });
  const begun = reporter.begin();
  await settle();
  assert.equal(signs.at(-1), "offline");

  server.line = "up";
  await clock.pass(1000);

  assert.deepEqual(await begun, { page: 9 });
});

test("a launch that takes nothing more is said, and keeps nothing", async () => {
  const { reporter, server, storage, signs } = makeReporter();
  await reporter.begin();
  server.refusal = 403;
  reporter.state("paused");
  reporter.state("played");
  reporter.keep({ position: 1 });
  await settle();

  assert.deepEqual([signs.at(-1), kept(storage), server.requests.length], ["refused", [], 2]);
});

test("where the browser keeps nothing all is sent all the same", async () => {
  const { reporter, server } = makeReporter({ storage: makeStorage({ quota: 10 }) });
  await reporter.begin();
  reporter.state("played");
  reporter.keep({ position: 1 });
  await settle();

  assert.deepEqual([server.verbs(), server.place.position], [["played"], 1]);
});

test("of two places the later counts, and all that was seen by either", () => {
  const here = { at: 5, page: 4, seen: [[3, 4]], progress: 0.25 };
  const elsewhere = { at: 9, page: 2, seen: [[0, 2]], progress: 0.5, done: true };

  for (const both of [joined(here, elsewhere), joined(elsewhere, here)]) {
    assert.deepEqual(both, { at: 9, page: 2, seen: [[0, 2], [3, 4]], progress: 0.5, done: true });
  }
});

test("a place that has not changed is not kept again", () => {
  const places = [];
  const reporter = { keep: (place) => places.push(place), state: () => {} };
  const tracker = createTracker({ config: { rule: "END" }, reporter, kept: { page: 1, done: false }, show: () => {} });

  tracker.save();
  tracker.moved({ progress: 0.5, place: { page: 2 } });
  tracker.save();
  tracker.save();

  assert.deepEqual(places, [{ page: 2, progress: 0.5, done: false }]);
});
