/** Both APIs: state machine, error codes and that nothing is thrown (2004 4th Ed. RTE 3.1, 1.2 RTE 3.3). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { api12, api2004, model12, model2004 } from "./support.js";

const STANDARDS = {
  "SCORM 1.2": {
    make: (hooks) => api12(model12({ "cmi.core.student_id": "l1" }), hooks),
    names: [
      "LMSInitialize",
      "LMSFinish",
      "LMSGetValue",
      "LMSSetValue",
      "LMSCommit",
      "LMSGetLastError",
      "LMSGetErrorString",
      "LMSGetDiagnostic",
    ],
    readable: "cmi.core.student_id",
    writable: "cmi.suspend_data",
    before: { terminate: "301", get: "301", set: "301", commit: "301" },
    again: "101",
    after: { initialize: "101", terminate: "301", get: "301", set: "301", commit: "301" },
    argument: "201",
    failing: { initialize: "101", commit: "101", terminate: "101" },
    codes: [0, 101, 201, 202, 203, 301, 401, 402, 403, 404, 405],
  },
  "SCORM 2004": {
    make: (hooks) => api2004(model2004({ "cmi.learner_id": "l1" }), hooks),
    names: [
      "Initialize",
      "Terminate",
      "GetValue",
      "SetValue",
      "Commit",
      "GetLastError",
      "GetErrorString",
      "GetDiagnostic",
    ],
    readable: "cmi.learner_id",
    writable: "cmi.suspend_data",
    before: { terminate: "112", get: "122", set: "132", commit: "142" },
    again: "103",
    after: { initialize: "104", terminate: "113", get: "123", set: "133", commit: "143" },
    argument: "201",
    failing: { initialize: "102", commit: "391", terminate: "391" },
    codes: [
      0, 101, 102, 103, 104, 111, 112, 113, 122, 123, 132, 133, 142, 143, 201, 301, 351, 391, 401, 402, 403, 404, 405,
      406, 407, 408,
    ],
  },
};

for (const [title, standard] of Object.entries(STANDARDS)) {
  const [initialize, terminate, get, set, commit, lastError, errorString, diagnostic] = standard.names;
  const { readable, writable } = standard;

  /** Makes the calls and answers `result (last error)` of each. */
  const calls = (api, list) => list.map(([method, ...given]) => `${api[method](...given)} (${api[lastError]()})`);

  test(`${title}: a session from beginning to end`, () => {
    const api = standard.make();
    const states = [api.state];

    const answers = calls(api, [
      [initialize, ""],
      [set, writable, "kept"],
      [get, writable],
      [commit, ""],
    ]);
    states.push(api.state);
    answers.push(...calls(api, [[terminate, ""]]));
    states.push(api.state);

    assert.deepEqual(answers, ["true (0)", "true (0)", "kept (0)", "true (0)", "true (0)"]);
    assert.deepEqual(states, ["not_initialized", "running", "terminated"]);
  });

  test(`${title}: calls before the session`, () => {
    const { before } = standard;

    const answers = calls(standard.make(), [
      [terminate, ""],
      [get, readable],
      [set, writable, "x"],
      [commit, ""],
    ]);

    assert.deepEqual(answers, [
      `false (${before.terminate})`,
      ` (${before.get})`,
      `false (${before.set})`,
      `false (${before.commit})`,
    ]);
  });

  test(`${title}: initialize again, and calls after the session`, () => {
    const { after } = standard;
    const api = standard.make();

    const again = calls(api, [
      [initialize, ""],
      [initialize, ""],
    ]);
    const ended = calls(api, [
      [terminate, ""],
      [initialize, ""],
      [terminate, ""],
      [get, readable],
      [set, writable, "x"],
      [commit, ""],
    ]);

    assert.deepEqual(again, ["true (0)", `false (${standard.again})`]);
    assert.deepEqual(ended, [
      "true (0)",
      `false (${after.initialize})`,
      `false (${after.terminate})`,
      ` (${after.get})`,
      `false (${after.set})`,
      `false (${after.commit})`,
    ]);
  });

  test(`${title}: an argument where none belongs`, () => {
    const api = standard.make();

    const answers = calls(api, [
      [initialize, "x"],
      [initialize],
      [commit, "x"],
      [commit, null],
      [terminate, "x"],
      [terminate, undefined],
    ]);

    const refused = `false (${standard.argument})`;
    assert.deepEqual(answers, [refused, "true (0)", refused, "true (0)", refused, "true (0)"]);
  });

  test(`${title}: what cannot be stored is told, and the session ends all the same`, () => {
    const failing = () => ({ ok: false });
    const throwing = () => {
      throw new Error("no storage");
    };
    for (const hook of [failing, throwing]) {
      const api = standard.make({ onCommit: hook, onTerminate: hook });

      const answers = calls(api, [
        [initialize, ""],
        [commit, ""],
        [terminate, ""],
      ]);

      assert.deepEqual(answers, [
        "true (0)",
        `false (${standard.failing.commit})`,
        `false (${standard.failing.terminate})`,
      ]);
      assert.equal(api.state, "terminated");
    }
  });

  test(`${title}: a session that cannot begin`, () => {
    const api = standard.make({ onInitialize: () => ({ ok: false }) });

    assert.deepEqual(calls(api, [[initialize, ""]]), [`false (${standard.failing.initialize})`]);
    assert.equal(api.state, "not_initialized");
  });

  test(`${title}: hooks hear of changes and calls in order`, () => {
    const heard = [];
    const hear = (name) => () => {
      heard.push(name);
      return { ok: true };
    };
    const api = standard.make({
      onInitialize: hear("initialize"),
      onCommit: hear("commit"),
      onTerminate: hear("terminate"),
      onChange: (changed) => heard.push(changed),
    });

    calls(api, [
      [initialize, ""],
      [set, writable, "x"],
      [set, readable, "x"],
      [commit, ""],
      [terminate, ""],
      [commit, ""],
    ]);

    assert.deepEqual(heard, ["initialize", { [writable]: "x" }, "commit", "terminate"]);
  });

  test(`${title}: every call is logged`, () => {
    const log = [];
    const api = standard.make({ onCall: (entry) => log.push(entry) });

    api[initialize]("");
    api[set](writable, 5);
    api[get]("nothing");
    api[lastError]();

    const [first, second, third, fourth] = log;
    const common = { code: 0, diagnostic: "", warning: "" };
    assert.ok(log.every(({ at }) => new Date(at).toISOString() === at));
    assert.deepEqual(first, {
      ...common,
      method: initialize,
      arguments: [""],
      result: "true",
      element: "",
      at: first.at,
    });
    assert.deepEqual(second, {
      ...common,
      method: set,
      arguments: [writable, "5"],
      result: "true",
      element: writable,
      at: second.at,
    });
    assert.deepEqual(third, {
      method: get,
      arguments: ["nothing"],
      result: "",
      code: 401,
      diagnostic: "nothing is not an element of the data model.",
      warning: "",
      element: "nothing",
      at: third.at,
    });
    assert.deepEqual([fourth.method, fourth.result, fourth.code], [lastError, "401", 401]);
  });

  test(`${title}: a warning reaches the log, not the content`, () => {
    const log = [];
    const api = standard.make({ onCall: (entry) => log.push(entry) });

    const answers = calls(api, [
      [initialize, ""],
      [set, writable, "x".repeat(70000)],
    ]);

    assert.deepEqual(answers, ["true (0)", "true (0)"]);
    assert.match(log.find(({ method }) => method === set).warning, /^cmi\.suspend_data: /);
  });

  test(`${title}: nothing is thrown and every answer is a string`, () => {
    const unprintable = {
      toString: () => {
        throw new Error("no words");
      },
    };
    const odd = [
      undefined,
      null,
      0,
      true,
      {},
      [],
      Symbol("s"),
      unprintable,
      Object.create(null),
      "__proto__",
      "toString",
      "cmi.core.__proto__",
    ];
    const api = standard.make({
      onChange: () => {
        throw new Error("broken");
      },
      onCall: () => {
        throw new Error("broken");
      },
    });

    for (const name of [...standard.names, ...standard.names]) {
      for (const one of odd) {
        for (const another of odd) assert.equal(typeof api[name](one, another), "string", name);
      }
    }
    const fresh = standard.make();
    fresh[initialize]("");
    assert.deepEqual(
      calls(fresh, [
        [set, writable, unprintable],
        [get, unprintable],
      ]),
      ["false (101)", " (101)"],
    );
  });

  test(`${title}: a change that cannot be reported is a general exception`, () => {
    const api = standard.make({
      onChange: () => {
        throw new Error("broken");
      },
    });

    assert.deepEqual(
      calls(api, [
        [initialize, ""],
        [set, writable, "x"],
      ]),
      ["true (0)", "false (101)"],
    );
  });

  test(`${title}: methods work without their object`, () => {
    const { [initialize]: begin, [get]: read } = standard.make();

    assert.deepEqual([begin(""), read(readable)], ["true", "l1"]);
  });

  test(`${title}: error strings, and asking for them changes no error`, () => {
    const api = standard.make();
    api[initialize]("");
    api[get]("nothing");

    for (const code of standard.codes) {
      const text = api[errorString](code);
      assert.ok(text.length > 0 && text.length <= 255, `${code}`);
      assert.equal(api[errorString](String(code)), text);
    }
    assert.deepEqual(
      ["", "001", "1444", "toString", "-1"].map((code) => api[errorString](code)),
      ["", "", "", "", ""],
    );
    assert.equal(api[lastError](), "401");
  });

  test(`${title}: the diagnostic tells of the last error, others of theirs`, () => {
    const api = standard.make();
    api[initialize]("");
    assert.equal(api[diagnostic](""), api[errorString]("0"));

    api[set](readable, "x");

    assert.equal(api[diagnostic](""), `${readable} is read-only.`);
    assert.equal(api[diagnostic](api[lastError]()), `${readable} is read-only.`);
    assert.equal(api[diagnostic]("401"), api[errorString]("401"));
    assert.equal(api[diagnostic]("nothing"), "");
    api[get](`cmi.${"x".repeat(500)}`);
    assert.equal(api[diagnostic]("").length, 255);
  });
}

test("SCORM 2004: the API says its version", () => {
  assert.equal(api2004().version, "1.0");
});

test("SCORM 2004: a diagnostic names element, value and what was expected", () => {
  const api = api2004();
  api.Initialize("");

  api.SetValue("cmi.score.scaled", "2");

  assert.equal(api.GetDiagnostic(""), 'cmi.score.scaled cannot be "2": expected a real(10,7) from -1 to 1.');
});
