import assert from "node:assert/strict";
import { test } from "node:test";

import { createCallLog } from "../../static/player/calllog.js";
import { makeStorage } from "./support.js";

const entry = (name) => ({ method: "SetValue", arguments: [name], result: "true", code: 0 });

/** Stores batches once, by number, as the server does. */
function makeServer() {
  const server = { stored: 0, calls: [], line: "up" };
  server.post = async (url, { number, entries }) => {
    if (server.line === "down") return { status: 0, body: {} };
    if (number > server.stored) {
      server.stored = number;
      server.calls.push(...entries.map((call) => call.arguments[0]));
    }
    return { status: 200, body: { stored: server.stored } };
  };
  return server;
}

const makeLog = (server, storage = makeStorage()) =>
  createCallLog({ queue: "instance-7", key: "k1", logUrl: "/play/k1/log", storage, post: server.post });

test("calls arrive once and in order, also after a lost line", async () => {
  const server = makeServer();
  const log = makeLog(server);

  server.line = "down";
  log.add(entry("a"));
  await log.send();
  server.line = "up";
  log.add(entry("b"));
  await log.drain();

  assert.deepEqual(server.calls, ["a", "b"]);
});

test("a page that closes leaves to the next start what it could not send", async () => {
  const server = makeServer();
  const storage = makeStorage();
  const log = makeLog(server, storage);
  const large = "x".repeat(100_000);

  log.add(entry("a"));
  await log.send();
  log.add(entry(large));
  log.leave();
  await null;
  const atClosing = [...server.calls];
  await makeLog(server, storage).replay();

  assert.deepEqual(atClosing, ["a"]);
  assert.deepEqual(server.calls, ["a", large]);
  assert.equal(storage.length, 0);
});

test("when too many calls wait the oldest are given up, and the log says so", async () => {
  const seen = [];
  const log = createCallLog({
    queue: "q", key: "k", logUrl: "/log", storage: makeStorage(),
    post: async (url, { entries }) => { seen.push(...entries); return { status: 200, body: {} }; },
  });

  for (let index = 0; index < 5003; index += 1) log.add(entry(String(index)));
  await log.drain();

  assert.equal(seen.length, 5000);
  assert.equal(seen[0].arguments[0], "3");
  assert.equal(seen[0].warning, "3 earlier calls could not be kept");
});
