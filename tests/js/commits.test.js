import assert from "node:assert/strict";
import { test } from "node:test";

import { byteLength, createCommits, KEEPALIVE_BYTES, split } from "../../static/player/commits.js";
import { keepReports, keptReports, replay } from "../../static/player/queue.js";
import { makeClock, makeStorage, settle } from "./support.js";

const PLACE = { queue: "instance-7", key: "k1", reportUrl: "/play/k1/report" };

/** A server that stores as the real one does: numbers only go up. `line`: up | down | lost (stores, answer is lost). */
function makeServer() {
  const server = { line: "up", refusal: null, stored: 0, values: {}, seconds: 0, finished: false, requests: [], held: [] };
  server.take = (url, body) => {
    server.requests.push({ url, ...structuredClone(body) });
    if (server.line === "down") return { status: 0, body: {} };
    if (server.refusal) return server.refusal;
    if (body.number > server.stored) {
      server.stored = body.number;
      Object.assign(server.values, body.values);
      server.seconds += body.seconds;
      server.finished ||= body.finished;
    }
    return server.line === "lost" ? { status: 0, body: {} } : { status: 200, body: { stored: server.stored } };
  };
  return server;
}

function makeCommits(given = {}) {
  const server = given.server ?? makeServer();
  const clock = makeClock();
  const storage = given.storage ?? makeStorage();
  const signs = [];
  const told = [];
  const commits = createCommits({
    ...PLACE,
    navigateUrl: "/play/k1/navigate",
    waitForServer: given.waitForServer,
    storage,
    post: given.post ?? (async (url, body) => server.take(url, body)),
    postNow: (url, body) => server.take(url, body),
    clock,
    on: {
      sign: (sign) => signs.push(sign),
      replaced: () => told.push("replaced"),
      ended: () => told.push("ended"),
      bound: (message) => told.push(message),
      refused: (message) => told.push(message),
    },
  });
  commits.begin(0);
  commits.show("I1");
  return { commits, server, clock, storage, signs, told };
}

const kept = (storage) => keptReports(storage, PLACE.queue).flatMap((entry) => entry.reports);

test("a commit is kept on the device before it answers and gone from there once stored", async () => {
  const { commits, server, storage, signs } = makeCommits();

  commits.add({ "cmi.location": "2" });
  const answer = commits.commit();
  const meanwhile = kept(storage).map((report) => report.values);
  await settle();

  assert.equal(answer, true);
  assert.deepEqual(meanwhile, [{ "cmi.location": "2" }]);
  assert.deepEqual(server.values, { "cmi.location": "2" });
  assert.deepEqual(kept(storage), []);
  assert.equal(signs.at(-1), "saved");
});

test("one request is in flight; what comes meanwhile is merged and newer values win", async () => {
  const answers = [];
  const server = makeServer();
  const post = (url, body) => new Promise((resolve) => answers.push(() => resolve(server.take(url, body))));
  const { commits } = makeCommits({ server, post });

  for (const location of ["1", "2", "3"]) {
    commits.add({ "cmi.location": location });
    commits.commit();
  }
  assert.equal(answers.length, 1);
  answers[0]();
  await settle();
  answers[1]();
  await settle();

  assert.deepEqual(server.requests.map(({ number, values }) => [number, values["cmi.location"]]), [[1, "1"], [2, "3"]]);
});

test("what failed is sent again under its number, later and later, and nothing is stored twice", async () => {
  const { commits, server, clock, signs } = makeCommits();
  server.line = "lost";
  clock.time = 5000;

  commits.add({ "cmi.location": "1" });
  commits.commit();
  await settle();
  const afterFailure = signs.at(-1);
  commits.add({ "cmi.location": "2" });
  await clock.pass(999);
  assert.equal(server.requests.length, 1);
  await clock.pass(1);
  server.line = "up";
  await clock.pass(1999);
  assert.equal(server.requests.length, 2);
  await clock.pass(1);
  commits.send();
  await settle();

  assert.equal(afterFailure, "offline");
  assert.deepEqual(server.requests.map(({ number }) => number), [1, 1, 1, 2]);
  assert.equal(server.values["cmi.location"], "2");
  assert.equal(signs.at(-1), "saved");
  assert.equal(server.seconds, 8);
});

test("offline commits answer true, survive the page and are replayed by the next launch", async () => {
  const { commits, server, storage } = makeCommits();
  server.line = "down";
  commits.add({ "cmi.location": "1" });
  const first = commits.commit();
  await settle();
  commits.add({ "cmi.suspend_data": "a" });
  const second = commits.commit();

  server.line = "up";
  const result = await replay({ storage, queue: PLACE.queue, post: async (url, body) => server.take(url, body) });

  assert.deepEqual([first, second], [true, true]);
  assert.deepEqual(result, { sent: 2, offline: false, dropped: [] });
  assert.deepEqual(server.values, { "cmi.location": "1", "cmi.suspend_data": "a" });
  assert.deepEqual(kept(storage), []);
});

test("where the device cannot keep it the server is asked at once; where neither can the commit fails", () => {
  const { commits, server } = makeCommits({ storage: makeStorage({ quota: 10 }) });

  commits.add({ "cmi.location": "1" });
  const online = commits.commit();
  server.line = "down";
  commits.add({ "cmi.location": "2" });
  const offline = commits.commit();

  assert.deepEqual([online, offline], [true, false]);
  assert.deepEqual(server.values, { "cmi.location": "1" });
});

test("waitForServer makes a commit wait for the server, with all that was not acknowledged", () => {
  const { commits, server } = makeCommits({ waitForServer: true });

  commits.add({ "cmi.location": "1" });
  const online = commits.commit();
  server.line = "down";
  commits.add({ "cmi.location": "2" });
  const offline = commits.commit();
  const unloading = commits.commit({ unloading: true });

  assert.deepEqual([online, offline, unloading], [true, false, true]);
  assert.deepEqual(server.requests.map(({ number, values }) => [number, values["cmi.location"]]), [[1, "1"], [2, "2"]]);
});

test("a page that leaves sends all that is not acknowledged as one report, whichever arrives first", async () => {
  const held = [];
  const server = makeServer();
  const post = (url, body) => new Promise((resolve) => held.push(() => resolve(server.take(url, structuredClone(body)))));
  const { commits, clock, storage } = makeCommits({ server, post });

  commits.add({ "cmi.location": "1" });
  clock.time = 3000;
  commits.commit(); // in flight
  commits.add({ "cmi.suspend_data": "x" });
  commits.finish();
  clock.time = 4000;
  commits.leave();
  assert.deepEqual(kept(storage).map(({ number, leaving }) => [number, leaving]), [[2, true]]);
  held[1]();
  held[0]();
  await settle();

  const last = server.requests[0];
  assert.deepEqual(last.values, { "cmi.location": "1", "cmi.suspend_data": "x" });
  assert.deepEqual([last.number, last.finished, last.leaving, last.seconds], [2, true, true, 1]);
  assert.deepEqual(kept(storage), []);
});

test("a report above a closing page's allowance is split; the rest stays for the next start", () => {
  const report = { number: 4, activity: "I1", values: { small: "1", large: "é".repeat(KEEPALIVE_BYTES) }, finished: true, seconds: 2, leaving: true };

  const [fits, over] = split(report, KEEPALIVE_BYTES);

  assert.ok(byteLength(fits) <= KEEPALIVE_BYTES);
  assert.deepEqual(fits, { number: 4, activity: "I1", values: { small: "1" }, finished: false, seconds: 2 });
  assert.deepEqual(
    { ...over, values: Object.keys(over.values) },
    { number: 5, activity: "I1", values: ["large"], finished: true, seconds: 0, leaving: true },
  );
});

test("a navigation request carries all reports and is tried again under one number until it is answered", async () => {
  const { commits, server, clock } = makeCommits();
  server.line = "down";
  commits.add({ "cmi.exit": "suspend" });
  commits.commit();
  await settle();

  const going = commits.navigate({ name: "continue", target: "" }, { byLearner: true, finished: false });
  await settle();
  server.line = "up";
  await clock.pass(30_000);
  const { status } = await going;

  const requests = server.requests.slice(1);
  assert.equal(status, 200);
  assert.deepEqual(requests.map(({ url, number }) => [url, number]), [["/play/k1/navigate", 2], ["/play/k1/navigate", 2]]);
  assert.deepEqual(requests[1].values, { "cmi.exit": "suspend" });
  assert.deepEqual(requests[1].request, { name: "continue", target: "" });
  assert.equal(commits.settled, true);
});

for (const [status, word] of [[409, "replaced"], [410, "ended"]]) {
  test(`answer ${status} stops everything: ${word}`, async () => {
    const { commits, server, storage, told } = makeCommits();
    server.refusal = { status, body: {} };

    commits.add({ "cmi.location": "1" });
    commits.commit();
    await settle();
    const afterwards = commits.commit();

    assert.deepEqual(told, [word]);
    assert.equal(afterwards, false);
    assert.deepEqual(kept(storage), []);
  });
}

test("a report the server refuses is told and does not block what follows", async () => {
  const { commits, server, told, signs } = makeCommits();
  server.refusal = { status: 413, body: { message: "Too large" } };
  commits.add({ "cmi.suspend_data": "x" });
  commits.commit();
  await settle();
  const sign = signs.at(-1);
  server.refusal = null;

  commits.add({ "cmi.location": "2" });
  commits.commit();
  await settle();

  assert.deepEqual(told, ["Too large"]);
  assert.equal(sign, "refused");
  assert.deepEqual(server.values, { "cmi.location": "2" });
});

test("the timer sends uncommitted changes, and the time alone only now and then", async () => {
  const { commits, server, clock } = makeCommits();

  commits.add({ "cmi.location": "1" });
  await clock.pass(10_000);
  commits.tick();
  await settle();
  await clock.pass(10_000);
  commits.tick();
  await settle();
  const before = server.requests.length;
  await clock.pass(60_001);
  commits.tick();
  await settle();

  assert.equal(before, 1);
  assert.deepEqual(server.requests.map(({ number, seconds }) => [number, seconds]), [[1, 10], [2, 70]]);
});

test("replay keeps what cannot be sent yet and drops what is refused for good, each queue for itself", async () => {
  const storage = makeStorage();
  const report = (number) => ({ number, activity: "I1", values: {}, finished: false, seconds: 0 });
  keepReports(storage, { ...PLACE, key: "old", reportUrl: "/play/old/report" }, [report(3), report(4)]);
  keepReports(storage, { ...PLACE, queue: "instance-70" }, [report(1)]);
  const statuses = { 3: 409, 4: 0 };

  const result = await replay({ storage, queue: PLACE.queue, post: async (_, { number }) => ({ status: statuses[number], body: {} }) });

  assert.deepEqual(result, { sent: 0, offline: true, dropped: [{ key: "old", number: 3, status: 409 }] });
  assert.deepEqual(kept(storage).map(({ number }) => number), [4]);
  assert.equal(keptReports(storage, "instance-70").length, 1);
});

test("a damaged entry of the queue is passed over", async () => {
  const storage = makeStorage();
  storage.setItem("player:instance-7:k0", "{not json");

  assert.deepEqual(await replay({ storage, queue: PLACE.queue, post: async () => assert.fail() }), { sent: 0, offline: false, dropped: [] });
});

test("a launch that is bound to another network stops, and what it kept is sent from there", async () => {
  const { commits, server, storage, told } = makeCommits();
  server.refusal = { status: 403, body: { bound: true, message: "Another network" } };
  const post = async (url, body) => server.take(url, body);

  commits.add({ "cmi.location": "2" });
  commits.commit();
  await settle();
  const stopped = commits.commit();
  const fromElsewhere = await replay({ storage, queue: PLACE.queue, post });
  const waiting = kept(storage).length;
  server.refusal = null;
  const fromThere = await replay({ storage, queue: PLACE.queue, post });

  assert.deepEqual([told, stopped], [["Another network"], false]);
  assert.deepEqual([fromElsewhere, waiting], [{ sent: 0, offline: false, dropped: [] }, 1]);
  assert.deepEqual([fromThere.sent, server.values, kept(storage)], [1, { "cmi.location": "2" }, []]);
});
