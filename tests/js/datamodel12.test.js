/** SCORM 1.2 data model: tables of cases by clause of the RTE book (3.3.2.4 error codes, 3.4.4 elements and types). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { model12, setAll } from "./support.js";

const STRICT = { settings: { lenient: false } };

function eachCase(title, cases, run) {
  for (const entry of cases)
    test(`${title}: ${entry
      .map((part) => JSON.stringify(part))
      .join(" ")
      .slice(0, 150)}`, () => run(...entry));
}

// --- 3.4.4: every element, its access and what it answers before it is set ---

const DEFAULTS = [
  // element, access of the content, value or code of LMSGetValue
  [
    "cmi.core._children",
    "k",
    "student_id,student_name,lesson_location,credit,lesson_status,entry,score,total_time,lesson_mode,exit,session_time",
  ],
  ["cmi.core.student_id", "r", ""],
  ["cmi.core.student_name", "r", ""],
  ["cmi.core.lesson_location", "w", ""],
  ["cmi.core.credit", "r", "credit"],
  ["cmi.core.lesson_status", "w", "not attempted"],
  ["cmi.core.entry", "r", ""],
  ["cmi.core.score._children", "k", "raw,min,max"],
  ["cmi.core.score.raw", "w", ""],
  ["cmi.core.score.min", "w", ""],
  ["cmi.core.score.max", "w", ""],
  ["cmi.core.total_time", "r", "0000:00:00.00"],
  ["cmi.core.lesson_mode", "r", "normal"],
  ["cmi.core.exit", "w", 404],
  ["cmi.core.session_time", "w", 404],
  ["cmi.suspend_data", "w", ""],
  ["cmi.launch_data", "r", ""],
  ["cmi.comments", "w", ""],
  ["cmi.comments_from_lms", "r", ""],
  ["cmi.objectives._children", "k", "id,score,status"],
  ["cmi.objectives._count", "k", "0"],
  ["cmi.objectives.0.id", "w", 201],
  ["cmi.objectives.0.score._children", "k", 201],
  ["cmi.objectives.0.score.raw", "w", 201],
  ["cmi.objectives.0.score.min", "w", 201],
  ["cmi.objectives.0.score.max", "w", 201],
  ["cmi.objectives.0.status", "w", 201],
  ["cmi.student_data._children", "k", "mastery_score,max_time_allowed,time_limit_action"],
  ["cmi.student_data.mastery_score", "r", ""],
  ["cmi.student_data.max_time_allowed", "r", ""],
  ["cmi.student_data.time_limit_action", "r", ""],
  ["cmi.student_preference._children", "k", "audio,language,speed,text"],
  ["cmi.student_preference.audio", "w", "0"],
  ["cmi.student_preference.language", "w", ""],
  ["cmi.student_preference.speed", "w", "0"],
  ["cmi.student_preference.text", "w", "0"],
  [
    "cmi.interactions._children",
    "k",
    "id,objectives,time,type,correct_responses,weighting,student_response,result,latency",
  ],
  ["cmi.interactions._count", "k", "0"],
  ["cmi.interactions.0.id", "w", 404],
  ["cmi.interactions.0.objectives._count", "k", 201],
  ["cmi.interactions.0.objectives.0.id", "w", 404],
  ["cmi.interactions.0.time", "w", 404],
  ["cmi.interactions.0.type", "w", 404],
  ["cmi.interactions.0.correct_responses._count", "k", 201],
  ["cmi.interactions.0.correct_responses.0.pattern", "w", 404],
  ["cmi.interactions.0.weighting", "w", 404],
  ["cmi.interactions.0.student_response", "w", 404],
  ["cmi.interactions.0.result", "w", 404],
  ["cmi.interactions.0.latency", "w", 404],
];

eachCase("3.4.4 access and initial value", DEFAULTS, (element, access, expected) => {
  const model = model12();

  const got = model.get(element);
  const set = model.set(element, "x");

  const failed = typeof expected === "number";
  assert.deepEqual(
    { value: got.value, code: got.code },
    failed ? { value: "", code: expected } : { value: expected, code: 0 },
  );
  assert.equal(set.code === 402, access === "k");
  assert.equal(set.code === 403, access === "r");
  assert.deepEqual(model.values(), set.code === 0 ? { [element]: "x" } : {});
});

eachCase(
  "3.3.2.4 names",
  [
    // name, code of LMSGetValue, code of LMSSetValue
    ["", 201, 201],
    ["cmi", 401, 401],
    ["cmi.core", 401, 401],
    ["cmi.objectives", 401, 401],
    ["cmi.objectives.0", 401, 401],
    ["cmi.core.nothing", 401, 401],
    ["xyz.score.result", 401, 401],
    ["cmi.objectives.0.nothing", 401, 401],
    ["cmi.objectives.n.id", 401, 401],
    ["cmi.objectives.01.id", 401, 401],
    ["cmi.objectives.1.id", 201, 0],
    ["cmi.objectives.2.id", 201, 201],
    ["cmi.core.student_name._children", 202, 402],
    ["cmi.core.student_name._count", 203, 402],
    ["cmi.core._count", 203, 402],
    ["cmi.interactions.0.objectives._children", 202, 402],
    ["cmi._version", 0, 402],
    ["cmi._children", 0, 402],
    ["cmi.core._version", 401, 402],
  ],
  (name, get, set) => {
    const values = { "cmi.objectives.0.id": "o1", "cmi.interactions.0.id": "i1" };
    const model = model12(values);

    assert.deepEqual([model.get(name).code, model.set(name, "o2").code], [get, set]);
    assert.deepEqual(model.values(), set === 0 ? { ...values, [name]: "o2" } : values);
  },
);

// --- 3.4.4 data types, as the book has them ---

const SCORE = [
  ["0", 0],
  ["100", 0],
  ["85.5", 0],
  [".5", 0],
  ["", 0],
  ["101", 405],
  ["-1", 405],
  ["85%", 405],
  ["1,5", 405],
  ["1e1", 405],
];
const STATUS = [
  ["passed", 0],
  ["completed", 0],
  ["failed", 0],
  ["incomplete", 0],
  ["browsed", 0],
  ["Passed", 405],
  ["unknown", 405],
  ["", 405],
];
const TIMESPAN = [
  ["00:00:00", 0],
  ["0000:00:00.00", 0],
  ["1234:44:30.5", 0],
  ["0:00:00", 405],
  ["12345:00:00", 405],
  ["00:0:00", 405],
  ["00:00", 405],
  ["00:00:00.123", 405],
  ["PT1M", 405],
  ["", 405],
];
const IDENTIFIER = [
  ["o1", 0],
  ["urn:x:1", 0],
  ["x".repeat(255), 0],
  ["", 405],
  ["a b", 405],
  ["x".repeat(256), 405],
  ["ä", 405],
];
const STRING255 = [
  ["", 0],
  ["any text", 0],
  ["x".repeat(255), 0],
  ["x".repeat(256), 405],
];
const LIST = [
  ["a", 0],
  ["a,b,1", 0],
  ["{a,b}", 0],
  ["ab", 405],
  ["a,", 405],
  ["{a", 405],
  ["", 405],
];

const TYPES = [
  ["cmi.core.lesson_location", STRING255],
  ["cmi.core.lesson_status", [...STATUS, ["not attempted", 405]]],
  ["cmi.core.score.raw", SCORE],
  ["cmi.core.score.min", SCORE],
  ["cmi.core.score.max", SCORE],
  [
    "cmi.core.exit",
    [
      ["time-out", 0],
      ["suspend", 0],
      ["logout", 0],
      ["", 0],
      ["normal", 405],
      ["Suspend", 405],
    ],
  ],
  ["cmi.core.session_time", TIMESPAN],
  [
    "cmi.suspend_data",
    [
      ["", 0],
      ["x".repeat(4096), 0],
      ["x".repeat(70000), 0],
    ],
  ],
  [
    "cmi.comments",
    [
      ["<1>note<e.1>", 0],
      ["x".repeat(4096), 0],
      ["x".repeat(4097), 405],
    ],
  ],
  ["cmi.objectives.0.id", IDENTIFIER],
  ["cmi.objectives.0.score.raw", SCORE],
  ["cmi.objectives.0.status", [...STATUS, ["not attempted", 0]]],
  [
    "cmi.student_preference.audio",
    [
      ["-1", 0],
      ["100", 0],
      ["-2", 405],
      ["101", 405],
      ["1.5", 405],
      ["", 405],
    ],
  ],
  ["cmi.student_preference.language", STRING255],
  [
    "cmi.student_preference.speed",
    [
      ["-100", 0],
      ["100", 0],
      ["-101", 405],
      ["fast", 405],
    ],
  ],
  [
    "cmi.student_preference.text",
    [
      ["-1", 0],
      ["0", 0],
      ["1", 0],
      ["2", 405],
    ],
  ],
  ["cmi.interactions.0.id", IDENTIFIER],
  ["cmi.interactions.0.objectives.0.id", IDENTIFIER],
  [
    "cmi.interactions.0.time",
    [
      ["00:00:00", 0],
      ["23:59:59.99", 0],
      ["24:00:00", 405],
      ["10:60:00", 405],
      ["1:00:00", 405],
      ["10:00", 405],
    ],
  ],
  [
    "cmi.interactions.0.type",
    [
      ["true-false", 0],
      ["choice", 0],
      ["fill-in", 0],
      ["matching", 0],
      ["performance", 0],
      ["sequencing", 0],
      ["likert", 0],
      ["numeric", 0],
      ["long-fill-in", 405],
      ["other", 405],
      ["", 405],
    ],
  ],
  [
    "cmi.interactions.0.weighting",
    [
      ["1", 0],
      ["-2.5", 0],
      ["heavy", 405],
      ["", 405],
    ],
  ],
  [
    "cmi.interactions.0.result",
    [
      ["correct", 0],
      ["wrong", 0],
      ["unanticipated", 0],
      ["neutral", 0],
      ["0.5", 0],
      ["incorrect", 405],
      ["", 405],
    ],
  ],
  ["cmi.interactions.0.latency", TIMESPAN],
];

for (const [element, cases] of TYPES) {
  eachCase(`3.4.4 ${element}`, cases, (value, code) => {
    const model = model12({}, STRICT);

    const set = model.set(element, value);

    assert.deepEqual([set.code, set.changed], [code, code === 0 ? { [element]: value } : null]);
    assert.deepEqual(model.values(), code === 0 ? { [element]: value } : {});
  });
}

const FEEDBACK = {
  "true-false": [
    ["0", 0],
    ["1", 0],
    ["t", 0],
    ["f", 0],
    ["true", 405],
    ["", 405],
  ],
  choice: LIST,
  "fill-in": [
    ["any text", 0],
    ["", 0],
    ["x".repeat(256), 405],
  ],
  matching: [
    ["1.a", 0],
    ["1.a,2.b", 0],
    ["{1.a,2.b}", 0],
    ["1a", 405],
    ["1.a,", 405],
  ],
  performance: [
    ["any text", 0],
    ["x".repeat(256), 405],
  ],
  sequencing: LIST,
  likert: [
    ["a", 0],
    ["5", 0],
    ["", 0],
    ["agree", 405],
  ],
  numeric: [
    ["5", 0],
    ["-5.5", 0],
    ["five", 405],
    ["", 405],
  ],
};

for (const part of ["student_response", "correct_responses.0.pattern"]) {
  for (const [type, cases] of Object.entries(FEEDBACK)) {
    eachCase(`3.4.4 ${part} of ${type}`, cases, (value, code) => {
      const strict = model12({ "cmi.interactions.0.type": type }, STRICT).set(`cmi.interactions.0.${part}`, value);
      const lenient = model12({ "cmi.interactions.0.type": type }).set(`cmi.interactions.0.${part}`, value);

      assert.equal(strict.code, code);
      assert.deepEqual([lenient.code, lenient.warning !== ""], [0, code !== 0]);
    });
  }
}

// --- what real packages do ---

eachCase(
  "lenient, the default, lets what many packages do through with a warning",
  [
    ["cmi.objectives.0.id", "Objective 1: ä", 0],
    ["cmi.interactions.0.id", "x".repeat(300), 0],
    ["cmi.interactions.0.id", "", 405],
    ["cmi.core.lesson_location", "x".repeat(300), 0],
    ["cmi.comments", "x".repeat(5000), 0],
    ["cmi.core.lesson_status", "not attempted", 0],
    ["cmi.core.lesson_status", "Completed", 405],
    ["cmi.core.score.raw", "101", 405],
    ["cmi.core.session_time", "PT1M", 405],
  ],
  (element, value, code) => {
    const model = model12();

    const set = model.set(element, value);

    assert.deepEqual([set.code, set.warning !== ""], [code, code === 0]);
    assert.deepEqual(model.values(), code === 0 ? { [element]: value } : {});
  },
);

test("suspend_data over 4096 characters is kept and noted, strict or not", () => {
  for (const given of [{}, STRICT]) {
    const model = model12({}, given);

    const { code, warning } = model.set("cmi.suspend_data", "x".repeat(4097));

    assert.deepEqual([code, warning], [0, "cmi.suspend_data: expected at most 4096 characters."]);
    assert.equal(model.get("cmi.suspend_data").value.length, 4097);
  }
});

test("the parts of a record are set in any order and counted", () => {
  const model = setAll(model12(), {
    "cmi.interactions.0.result": "correct",
    "cmi.interactions.0.id": "i1",
    "cmi.interactions.0.objectives.0.id": "o1",
    "cmi.interactions.0.correct_responses.0.pattern": "anything",
    "cmi.interactions.1.id": "i1",
    "cmi.objectives.0.status": "passed",
    "cmi.objectives.0.id": "o1",
    "cmi.objectives.1.id": "o1",
  });

  const counts = [
    "interactions",
    "interactions.0.objectives",
    "interactions.0.correct_responses",
    "interactions.1.objectives",
    "objectives",
  ];

  assert.equal(model.get("cmi.objectives.1.status").value, "not attempted");
  assert.deepEqual(
    counts.map((name) => model.get(`cmi.${name}._count`).value),
    ["2", "1", "1", "0", "2"],
  );
});
