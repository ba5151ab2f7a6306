/** SCORM 2004 data model: tables of cases by clause of the 4th Ed. RTE book (and SN 5.6). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { model2004, setAll } from "./support.js";

const OBJECTIVE = { "cmi.objectives.0.id": "o1" };
const INTERACTION = { "cmi.interactions.0.id": "i1" };
const typed = (type) => ({ ...INTERACTION, "cmi.interactions.0.type": type });

/** Sets the value in a fresh model with these values and answers the error code. */
const codeOfSet = (element, value, values = {}, given = {}) => model2004(values, given).set(element, value).code;

function eachCase(title, cases, run) {
  for (const entry of cases)
    test(`${title}: ${entry
      .map((part) => JSON.stringify(part))
      .join(" ")
      .slice(0, 150)}`, () => run(...entry));
}

// --- 4.2: every element, its access and what it answers before it is set ---

const DEFAULTS = [
  ["cmi._version", "r", "1.0"],
  ["cmi.comments_from_learner._children", "r", "comment,location,timestamp"],
  ["cmi.comments_from_learner._count", "r", "0"],
  ["cmi.comments_from_learner.0.comment", "w", 301],
  ["cmi.comments_from_learner.0.location", "w", 301],
  ["cmi.comments_from_learner.0.timestamp", "w", 301],
  ["cmi.comments_from_lms._children", "r", "comment,location,timestamp"],
  ["cmi.comments_from_lms._count", "r", "0"],
  ["cmi.comments_from_lms.0.comment", "r", 301],
  ["cmi.comments_from_lms.0.location", "r", 301],
  ["cmi.comments_from_lms.0.timestamp", "r", 301],
  ["cmi.completion_status", "w", "unknown"],
  ["cmi.completion_threshold", "r", 403],
  ["cmi.credit", "r", "credit"],
  ["cmi.entry", "r", ""],
  ["cmi.exit", "w", 405],
  [
    "cmi.interactions._children",
    "r",
    "id,type,objectives,timestamp,correct_responses,weighting,learner_response,result,latency,description",
  ],
  ["cmi.interactions._count", "r", "0"],
  ["cmi.interactions.0.id", "w", 301],
  ["cmi.interactions.0.type", "w", 301],
  ["cmi.interactions.0.objectives._count", "r", 301],
  ["cmi.interactions.0.objectives.0.id", "w", 301],
  ["cmi.interactions.0.timestamp", "w", 301],
  ["cmi.interactions.0.correct_responses._count", "r", 301],
  ["cmi.interactions.0.correct_responses.0.pattern", "w", 301],
  ["cmi.interactions.0.weighting", "w", 301],
  ["cmi.interactions.0.learner_response", "w", 301],
  ["cmi.interactions.0.result", "w", 301],
  ["cmi.interactions.0.latency", "w", 301],
  ["cmi.interactions.0.description", "w", 301],
  ["cmi.launch_data", "r", 403],
  ["cmi.learner_id", "r", 403],
  ["cmi.learner_name", "r", 403],
  ["cmi.learner_preference._children", "r", "audio_level,language,delivery_speed,audio_captioning"],
  ["cmi.learner_preference.audio_level", "w", "1"],
  ["cmi.learner_preference.language", "w", ""],
  ["cmi.learner_preference.delivery_speed", "w", "1"],
  ["cmi.learner_preference.audio_captioning", "w", "0"],
  ["cmi.location", "w", 403],
  ["cmi.max_time_allowed", "r", 403],
  ["cmi.mode", "r", "normal"],
  ["cmi.objectives._children", "r", "id,score,success_status,completion_status,progress_measure,description"],
  ["cmi.objectives._count", "r", "0"],
  ["cmi.objectives.0.id", "w", 301],
  ["cmi.objectives.0.score._children", "r", 301],
  ["cmi.objectives.0.score.scaled", "w", 301],
  ["cmi.objectives.0.score.raw", "w", 301],
  ["cmi.objectives.0.score.min", "w", 301],
  ["cmi.objectives.0.score.max", "w", 301],
  ["cmi.objectives.0.success_status", "w", 301],
  ["cmi.objectives.0.completion_status", "w", 301],
  ["cmi.objectives.0.progress_measure", "w", 301],
  ["cmi.objectives.0.description", "w", 301],
  ["cmi.progress_measure", "w", 403],
  ["cmi.scaled_passing_score", "r", 403],
  ["cmi.score._children", "r", "scaled,raw,min,max"],
  ["cmi.score.scaled", "w", 403],
  ["cmi.score.raw", "w", 403],
  ["cmi.score.min", "w", 403],
  ["cmi.score.max", "w", 403],
  ["cmi.session_time", "w", 405],
  ["cmi.success_status", "w", "unknown"],
  ["cmi.suspend_data", "w", 403],
  ["cmi.time_limit_action", "r", "continue,no message"],
  ["cmi.total_time", "r", "PT0H0M0S"],
  ["adl.nav.request", "w", "_none_"],
  ["adl.nav.request_valid.continue", "r", "unknown"],
  ["adl.nav.request_valid.previous", "r", "unknown"],
  ["adl.nav.request_valid.choice.{target=a.b}", "r", "unknown"],
  ["adl.nav.request_valid.jump.{target=a}", "r", "unknown"],
  ["adl.data._children", "r", "id,store"],
  ["adl.data._count", "r", "0"],
  ["adl.data.0.id", "r", 301],
  ["adl.data.0.store", "w", 301],
];

eachCase("4.2 access and initial value", DEFAULTS, (element, access, expected) => {
  const model = model2004();

  const got = model.get(element);
  const set = model.set(element, "{not valid}");

  const failed = typeof expected === "number";
  assert.deepEqual(
    { value: got.value, code: got.code },
    failed ? { value: "", code: expected } : { value: expected, code: 0 },
  );
  assert.equal(set.code === 404, access === "r");
  assert.deepEqual(model.values(), set.code === 0 ? { [element]: "{not valid}" } : {});
});

// --- 3.1.7: names that lead nowhere ---

eachCase(
  "3.1.7 names",
  [
    // name, code of GetValue, code of SetValue
    ["", 301, 351],
    ["cmi", 401, 401],
    ["cmi.objectives", 401, 401],
    ["cmi.objectives.0", 401, 401],
    ["cmi.score", 401, 401],
    ["cmi.nothing", 401, 401],
    ["cmi.score.nothing", 401, 401],
    ["cmi.objectives.0.nothing", 401, 401],
    ["cmi.objectives.n.id", 401, 401],
    ["cmi.objectives.id", 401, 401],
    ["cmi.objectives.-1.id", 401, 401],
    ["cmi.objectives.00.id", 401, 401],
    ["cmi.objectives.1.id", 301, 0],
    ["cmi.objectives.2.id", 301, 351],
    ["cmi.comments_from_lms.7.comment", 301, 404],
    ["cmi.location.", 401, 401],
    ["CMI.location", 401, 401],
    ["constructor", 401, 401],
    ["cmi.__proto__", 401, 401],
    ["_children", 401, 401],
    ["other.model", 401, 401],
    ["cmi.location._children", 301, 404],
    ["cmi.location._count", 301, 404],
    ["cmi.location._version", 301, 404],
    ["cmi.nothing._children", 401, 401],
    ["cmi.score._count", 301, 404],
    ["cmi.objectives._version", 301, 404],
    ["cmi.objectives.0.score._children", 0, 404],
    ["cmi.interactions.0.objectives._children", 301, 404],
    ["adl.nav.request_valid", 401, 401],
    ["adl.nav.request_valid.choice", 301, 401],
    ["adl.nav.request_valid.choice.a", 401, 401],
    ["adl.data.1.store", 301, 351],
    ["adl.data.0.id", 0, 404],
  ],
  (name, get, set) => {
    const values = { ...OBJECTIVE, "adl.data.0.id": "store" };
    const model = model2004(values);

    assert.deepEqual([model.get(name).code, model.set(name, "value").code], [get, set]);
    assert.deepEqual(model.values(), set === 0 ? { ...values, [name]: "value" } : values);
  },
);

// --- 4.1.1: data types ---

const LONG_TEXT = "x".repeat(70000);
const MEASURE = [
  ["0", 0],
  ["1.0", 0],
  ["0.33333333", 0],
  ["1.1", 407],
  ["-0.1", 407],
  ["", 406],
  ["half", 406],
];
const SCALED = [
  ["-1", 0],
  ["1.0", 0],
  ["+0.5", 0],
  [".5", 0],
  ["-1.0001", 407],
  ["2", 407],
  ["1e-1", 406],
  ["", 406],
];
const REAL = [
  ["-100.3", 0],
  ["1000000", 0],
  ["0", 0],
  ["1,5", 406],
  ["NaN", 406],
  ["Infinity", 406],
  [" 1", 406],
  ["", 406],
];
const LEVEL = [
  ["0", 0],
  ["7.5", 0],
  ["-1", 407],
  ["loud", 406],
];
const SUCCESS = [
  ["passed", 0],
  ["failed", 0],
  ["unknown", 0],
  ["Passed", 406],
  ["", 406],
  ["completed", 406],
];
const COMPLETION = [
  ["completed", 0],
  ["incomplete", 0],
  ["not attempted", 0],
  ["unknown", 0],
  ["passed", 406],
  ["", 406],
];
const IDENTIFIER = [
  ["urn:ADL:interaction-id-0001", 0],
  ["obj_1", 0],
  ["http://example.org/a?b=c#d", 0],
  ["a%20b", 0],
  ["наука", 0],
  [`i${"1".repeat(4001)}`, 0],
  ["", 406],
  ["   ", 406],
  ["a b", 406],
  ["a%2", 406],
  ["a{b}", 406],
  ["urn:", 406],
  ["urn:x", 406],
  ["urn::x", 406],
  ["1a:b", 406],
  ["a#b#c", 406],
  ["a[1]", 406],
  ["http://[2001:db8::1]/a", 0],
];
const TIME = [
  ["1970", 0],
  ["2009", 0],
  ["2009-08", 0],
  ["2009-08-14", 0],
  ["2008-02-29", 0],
  ["2009-08-14T10", 0],
  ["2009-08-14T10:20", 0],
  ["2009-08-14T10:20:30", 0],
  ["2009-08-14T10:20:30.5", 0],
  ["2009-08-14T10:20:30.55Z", 0],
  ["2009-08-14T10:20:30.5+05:30", 0],
  ["2009-08-14T10:20:30.5-03", 0],
  ["2038-12-31T23:59:59.99Z", 0],
  ["1969-12-31", 406],
  ["2039", 406],
  ["2009-13", 406],
  ["2009-02-29", 406],
  ["2009-04-31", 406],
  ["2009-08-14T24", 406],
  ["2009-08-14T10:60", 406],
  ["2009-08-14T10:20:30.", 406],
  ["2009-08-14T10:20:30.555", 406],
  ["2009-08-14T10:20:30.5+24:00", 406],
  ["14.08.2009", 406],
  ["10:20:30", 406],
  ["", 406],
];
const INTERVAL = [
  ["P1Y2M3DT4H5M6.78S", 0],
  ["PT0S", 0],
  ["P0Y029DT0H", 0],
  ["PT1000H", 0],
  ["PT0.5S", 0],
  ["P", 406],
  ["PT", 406],
  ["P1DT", 406],
  ["P1W", 406],
  ["PT1.5H", 406],
  ["PT1.234S", 406],
  ["PT5M1H", 406],
  ["P-1D", 406],
  ["1H", 406],
  ["00:10:00", 406],
  ["", 406],
];
const LOCALIZED = [
  ["text", 0],
  ["", 0],
  ["{lang=en}text", 0],
  ["{lang=fr-CA}texte", 0],
  ["{lang=x-klingon}x", 0],
  ["{lang=i-navajo}x", 0],
  ["{case_matters=true}is text", 0],
  ["{lang}is text", 0],
  ["{lang=}x", 406],
  ["{lang=i}x", 406],
  ["{lang=e}x", 406],
  ["{lang=not a language}x", 406],
];
const LANGUAGE = [
  ["", 0],
  ["en", 0],
  ["eng", 0],
  ["en-US", 0],
  ["zh-Hant-TW", 0],
  ["x-a", 0],
  ["de-x-bayern", 0],
  ["english", 406],
  ["en_US", 406],
  ["en-", 406],
  ["i", 406],
];
const TEXT = [
  ["", 0],
  ["any {text} [,]", 0],
  [LONG_TEXT, 0],
];
const EXIT = [
  ["time-out", 0],
  ["suspend", 0],
  ["logout", 0],
  ["normal", 0],
  ["", 0],
  ["exit", 406],
];
const RESULT = [
  ["correct", 0],
  ["incorrect", 0],
  ["unanticipated", 0],
  ["neutral", 0],
  ["-2.5", 0],
  ["wrong", 406],
  ["", 406],
];
const REQUEST = [
  ["continue", 0],
  ["previous", 0],
  ["exit", 0],
  ["exitAll", 0],
  ["abandon", 0],
  ["abandonAll", 0],
  ["suspendAll", 0],
  ["_none_", 0],
  ["{target=item_1}choice", 0],
  ["{target=item.1}jump", 0],
  ["choice", 406],
  ["{target=}choice", 406],
  ["{target=a}continue", 406],
  ["start", 406],
  ["", 406],
];

const TYPES = [
  ["cmi.comments_from_learner.0.comment", LOCALIZED],
  ["cmi.comments_from_learner.0.location", TEXT],
  ["cmi.comments_from_learner.0.timestamp", TIME],
  ["cmi.completion_status", COMPLETION],
  ["cmi.exit", EXIT],
  ["cmi.interactions.0.id", IDENTIFIER],
  [
    "cmi.interactions.0.type",
    [
      ["true-false", 0],
      ["choice", 0],
      ["fill-in", 0],
      ["long-fill-in", 0],
      ["matching", 0],
      ["performance", 0],
      ["sequencing", 0],
      ["likert", 0],
      ["numeric", 0],
      ["other", 0],
      ["true_false", 406],
      ["", 406],
    ],
    INTERACTION,
  ],
  ["cmi.interactions.0.objectives.0.id", IDENTIFIER, INTERACTION],
  ["cmi.interactions.0.timestamp", TIME, INTERACTION],
  ["cmi.interactions.0.weighting", REAL, INTERACTION],
  ["cmi.interactions.0.result", RESULT, INTERACTION],
  ["cmi.interactions.0.latency", INTERVAL, INTERACTION],
  ["cmi.interactions.0.description", LOCALIZED, INTERACTION],
  ["cmi.learner_preference.audio_level", LEVEL],
  ["cmi.learner_preference.language", LANGUAGE],
  ["cmi.learner_preference.delivery_speed", LEVEL],
  [
    "cmi.learner_preference.audio_captioning",
    [
      ["-1", 0],
      ["0", 0],
      ["1", 0],
      ["2", 406],
      ["", 406],
    ],
  ],
  ["cmi.location", TEXT],
  ["cmi.objectives.0.id", IDENTIFIER],
  ["cmi.objectives.0.score.scaled", SCALED, OBJECTIVE],
  ["cmi.objectives.0.score.raw", REAL, OBJECTIVE],
  ["cmi.objectives.0.score.min", REAL, OBJECTIVE],
  ["cmi.objectives.0.score.max", REAL, OBJECTIVE],
  ["cmi.objectives.0.success_status", SUCCESS, OBJECTIVE],
  ["cmi.objectives.0.completion_status", COMPLETION, OBJECTIVE],
  ["cmi.objectives.0.progress_measure", MEASURE, OBJECTIVE],
  ["cmi.objectives.0.description", LOCALIZED, OBJECTIVE],
  ["cmi.progress_measure", MEASURE],
  ["cmi.score.scaled", SCALED],
  ["cmi.score.raw", REAL],
  ["cmi.score.min", REAL],
  ["cmi.score.max", REAL],
  ["cmi.session_time", INTERVAL],
  ["cmi.success_status", SUCCESS],
  ["cmi.suspend_data", TEXT],
  ["adl.nav.request", REQUEST],
  ["adl.data.0.store", TEXT, { "adl.data.0.id": "store" }],
];

for (const [element, cases, values = {}] of TYPES) {
  eachCase(`4.1.1 ${element}`, cases, (value, code) => {
    const model = model2004(values);

    const set = model.set(element, value);

    assert.deepEqual([set.code, set.changed], [code, code === 0 ? { [element]: value } : null]);
    assert.deepEqual(model.values(), code === 0 ? { ...values, [element]: value } : values);
    if (code !== 0)
      assert.match(set.diagnostic, new RegExp(`^${element.replaceAll(".", "\\.")} cannot be ".*": .+\\.$`));
  });
}

// --- 4.2.9: dependencies, responses and patterns ---

eachCase(
  "408 before the id or type is set",
  [
    ["cmi.objectives.0.score.raw", "1", {}],
    ["cmi.objectives.0.success_status", "not checked before", {}],
    ["cmi.objectives.1.description", "x", OBJECTIVE],
    ["cmi.interactions.0.type", "choice", {}],
    ["cmi.interactions.0.objectives.0.id", "o1", {}],
    ["cmi.interactions.0.timestamp", "2009", {}],
    ["cmi.interactions.0.weighting", "1", {}],
    ["cmi.interactions.0.result", "correct", {}],
    ["cmi.interactions.0.latency", "PT1S", {}],
    ["cmi.interactions.0.description", "x", {}],
    ["cmi.interactions.0.learner_response", "true", {}],
    ["cmi.interactions.0.learner_response", "true", INTERACTION],
    ["cmi.interactions.0.correct_responses.0.pattern", "true", {}],
    ["cmi.interactions.0.correct_responses.0.pattern", "true", INTERACTION],
  ],
  (element, value, values) => {
    const model = model2004(values);

    assert.equal(model.set(element, value).code, 408);
    assert.deepEqual(model.values(), values);
  },
);

const BOTH = {
  "true-false": [
    ["true", 0],
    ["false", 0],
    ["t", 406],
    ["True", 406],
    ["", 406],
  ],
  choice: [
    ["a", 0],
    ["a[,]urn:x:b", 0],
    ["", 0],
    ["a[,]a", 406],
    ["a[,]", 406],
    ["a b", 406],
    [Array.from({ length: 40 }, (_, index) => `c${index}`).join("[,]"), 0],
  ],
  "fill-in": [
    ["one", 0],
    ["", 0],
    ["{lang=en}one[,]{lang=fr}deux", 0],
    ["{lang=?}one", 406],
    ["one[,]{lang=}", 406],
  ],
  "long-fill-in": [
    ["text", 0],
    ["", 0],
    ["{lang=en}text", 0],
    ["{lang=e}text", 406],
    ["x".repeat(4100), 0],
  ],
  matching: [
    ["a[.]1", 0],
    ["a[.]1[,]b[.]2", 0],
    ["", 0],
    ["a", 406],
    ["a[.]", 406],
    ["a[.]1[.]2", 406],
    ["a[.]1[,]", 406],
  ],
  performance: [
    ["s1[.]did it", 0],
    ["[.]did it", 0],
    ["s1[.]", 0],
    ["s1[.]3.5[,]s2[.]x", 0],
    ["[.]", 406],
    ["s1", 406],
    ["s 1[.]x", 406],
    ["s1[.]a[.]b", 406],
  ],
  sequencing: [
    ["a[,]b", 0],
    ["a[,]a", 0],
    ["", 0],
    ["a b[,]c", 406],
    ["a[,]", 406],
  ],
  likert: [
    ["agree", 0],
    ["", 406],
    ["I agree", 406],
    ["a[,]b", 406],
  ],
  other: [
    ["anything [,] {goes}", 0],
    ["", 0],
  ],
};
const RESPONSES_ONLY = {
  performance: [["s1[.]1[:]2", 406]],
  numeric: [
    ["3", 0],
    ["-3.5", 0],
    ["", 406],
    ["3[:]4", 406],
    ["three", 406],
  ],
};
const PATTERNS_ONLY = {
  "fill-in": [
    ["{case_matters=true}one", 0],
    ["{case_matters=true}{order_matters=false}{lang=en}one[,]two", 0],
    ["{order_matters=false}{case_matters=true}one", 0],
    ["{case_matters=yes}one", 406],
    ["{order_matters=}one", 406],
  ],
  "long-fill-in": [
    ["{case_matters=true}{lang=en}text", 0],
    ["{case_matters=1}text", 406],
  ],
  performance: [
    ["{order_matters=false}s1[.]x", 0],
    ["s1[.]1[:]2", 0],
    ["s1[.][:]2", 0],
    ["{order_matters=maybe}s1[.]x", 406],
    ["s1[.]2[:]1", 406],
    ["s1[.]a[:]b", 406],
  ],
  numeric: [
    ["1[:]2", 0],
    ["[:]2", 0],
    ["1[:]", 0],
    ["[:]", 0],
    ["2[:]2", 0],
    ["2[:]1", 406],
    ["2", 406],
    ["a[:]b", 406],
    ["1[:]2[:]3", 406],
  ],
};

for (const [element, tables] of [
  ["cmi.interactions.0.learner_response", [BOTH, RESPONSES_ONLY]],
  ["cmi.interactions.0.correct_responses.0.pattern", [BOTH, PATTERNS_ONLY]],
]) {
  for (const [type, cases] of tables.flatMap(Object.entries)) {
    eachCase(`4.2.9 ${element} of ${type}`, cases, (value, code) => {
      const model = model2004(typed(type));

      const set = model.set(element, value);

      assert.deepEqual([set.code, model.get(element).value], [code, code === 0 ? value : ""]);
    });
  }
}

eachCase(
  "4.2.9.1 number and uniqueness of patterns",
  [
    ["true-false", ["true", "false"], 351],
    ["likert", ["a", "b"], 351],
    ["numeric", ["1[:]2", "3[:]4"], 351],
    ["other", ["a", "b"], 351],
    ["choice", ["a[,]b", "a"], 0],
    ["choice", ["a[,]b", "b[,]a"], 351],
    ["sequencing", ["a[,]b", "b[,]a"], 0],
    ["sequencing", ["a[,]b", "a[,]b"], 351],
    ["fill-in", ["a", "a"], 0],
    ["matching", ["a[.]1", "a[.]1"], 0],
  ],
  (type, [first, second], code) => {
    const model = setAll(model2004(typed(type)), { "cmi.interactions.0.correct_responses.0.pattern": first });

    const set = model.set("cmi.interactions.0.correct_responses.1.pattern", second);

    assert.equal(set.code, code);
    assert.equal(model.get("cmi.interactions.0.correct_responses._count").value, code === 0 ? "2" : "1");
    assert.equal(model.set("cmi.interactions.0.correct_responses.0.pattern", first).code, 0);
  },
);

// --- collections (4.1.1.3) ---

test("an objective's id is set once and only once in the collection", () => {
  const model = setAll(model2004(), { "cmi.objectives.0.id": "o1", "cmi.objectives.1.id": "o2" });

  const codes = [
    ["0", "o1"],
    ["0", "o3"],
    ["2", "o2"],
    ["2", "o3"],
  ].map(([index, id]) => model.set(`cmi.objectives.${index}.id`, id).code);

  assert.deepEqual(codes, [0, 351, 351, 0]);
  assert.equal(model.get("cmi.objectives._count").value, "3");
});

test("an objective's id from the manifest stays, URI or not", () => {
  const model = model2004({ "cmi.objectives.0.id": "ob j 1" });

  const same = model.set("cmi.objectives.0.id", "ob j 1");
  const other = model.set("cmi.objectives.0.id", "ob j 2");

  assert.deepEqual([same.code, other.code], [0, 351]);
  assert.equal(other.diagnostic, 'cmi.objectives.0.id is "ob j 1" and can be set only once.');
});

test("an interaction's objectives are unique within it; its own id may be used again and changed", () => {
  const model = setAll(model2004(), {
    "cmi.interactions.0.id": "i1",
    "cmi.interactions.0.objectives.0.id": "o1",
    "cmi.interactions.1.id": "i1",
    "cmi.interactions.1.objectives.0.id": "o1",
    "cmi.interactions.0.objectives.1.id": "o2",
  });

  assert.equal(model.set("cmi.interactions.0.objectives.1.id", "o1").code, 351);
  assert.equal(model.set("cmi.interactions.0.objectives.3.id", "o4").code, 351);
  assert.equal(model.set("cmi.interactions.1.id", "i2").code, 0);
  assert.equal(model.get("cmi.interactions.0.objectives._count").value, "2");
});

test("a refused value makes no record", () => {
  const model = model2004();

  model.set("cmi.comments_from_learner.0.timestamp", "yesterday");

  assert.equal(model.get("cmi.comments_from_learner._count").value, "0");
  assert.equal(model.get("cmi.comments_from_learner.0.timestamp").code, 301);
});

test("a record answers 403 for what is not set and the initial status", () => {
  const model = model2004(OBJECTIVE);

  const answers = ["description", "score.raw", "success_status", "completion_status"].map((part) => {
    const { value, code } = model.get(`cmi.objectives.0.${part}`);
    return [value, code];
  });

  assert.deepEqual(answers, [
    ["", 403],
    ["", 403],
    ["unknown", 0],
    ["unknown", 0],
  ]);
});

test("values given at launch are found, counted and kept", () => {
  const values = {
    "cmi.learner_id": "l1",
    "cmi.objectives.0.id": "o1",
    "cmi.objectives.1.id": "a b",
    "cmi.objectives._count": "9",
  };
  const model = model2004(values);

  assert.equal(model.get("cmi.objectives._count").value, "2");
  assert.equal(model.get("cmi.objectives.1.id").value, "a b");
  assert.deepEqual(model.values(), {
    "cmi.learner_id": "l1",
    "cmi.objectives.0.id": "o1",
    "cmi.objectives.1.id": "a b",
  });
});

// --- evaluated statuses (4.2.4.1, 4.2.22.1) ---

eachCase(
  "4.2.4.1 completion status",
  [
    // threshold, measure, set by the content, answered
    [undefined, undefined, "completed", "completed"],
    [undefined, "0.2", "completed", "completed"],
    [undefined, "1.0", undefined, "unknown"],
    ["0.8", undefined, "completed", "unknown"],
    ["0.8", "0.8", "incomplete", "completed"],
    ["0.8", "0.79", "completed", "incomplete"],
    ["0", "0", undefined, "completed"],
    ["", "0.2", "completed", "completed"],
  ],
  (threshold, measure, set, expected) => {
    const model = model2004(threshold === undefined ? {} : { "cmi.completion_threshold": threshold });
    if (measure !== undefined) setAll(model, { "cmi.progress_measure": measure });
    if (set !== undefined) setAll(model, { "cmi.completion_status": set });

    assert.equal(model.get("cmi.completion_status").value, expected);
    assert.equal(model.values()["cmi.completion_status"], set);
  },
);

eachCase(
  "4.2.22.1 success status",
  [
    [undefined, undefined, "passed", "passed"],
    [undefined, "-1", "passed", "passed"],
    ["0.5", undefined, "passed", "unknown"],
    ["0.5", "0.5", "failed", "passed"],
    ["-0.5", "-0.6", "passed", "failed"],
  ],
  (passing, score, set, expected) => {
    const model = model2004(passing === undefined ? {} : { "cmi.scaled_passing_score": passing });
    if (score !== undefined) setAll(model, { "cmi.score.scaled": score });
    setAll(model, { "cmi.success_status": set });

    assert.equal(model.get("cmi.success_status").value, expected);
  },
);

// --- navigation (SN 5.6.4) and data stores (RTE 4.3) ---

test("request_valid answers what the sequencer said", () => {
  const valid = { continue: true, previous: false, "choice.item.1": true, "choice.b": false, "jump.b": true };
  const model = model2004({}, { valid });

  const answers = [
    "continue",
    "previous",
    "choice.{target=item.1}",
    "choice.{target=b}",
    "choice.{target=z}",
    "jump.{target=b}",
  ].map((request) => model.get(`adl.nav.request_valid.${request}`).value);

  assert.deepEqual(answers, ["true", "false", "true", "false", "false", "true"]);
});

test("a data store is read and written as its map allows", () => {
  const ids = Object.fromEntries([0, 1, 2, 3].map((index) => [`adl.data.${index}.id`, `s${index}`]));
  const access = { "adl.data.0.store": "rw", "adl.data.1.store": "r", "adl.data.2.store": "w", "adl.data.3.store": "" };
  const model = model2004({ ...ids, "adl.data.1.store": "kept" }, { access });

  const answers = [0, 1, 2, 3].map((index) => {
    const name = `adl.data.${index}.store`;
    return [model.get(name).code, model.set(name, "x").code, model.get(name).value];
  });

  assert.deepEqual(answers, [
    [403, 0, "x"],
    [0, 404, "kept"],
    [405, 0, ""],
    [405, 404, ""],
  ]);
});

// --- limits and leniency ---

eachCase(
  "what is over a limit is kept and noted",
  [
    ["cmi.suspend_data", 64000, 64001, {}],
    ["cmi.suspend_data", 4000, 4001, { standard: "SCORM20042NDEDITION" }],
    ["cmi.suspend_data", 64000, 64001, { standard: "SCORM20043RDEDITION" }],
    ["cmi.location", 1000, 1001, {}],
    ["cmi.comments_from_learner.0.comment", 4000, 4001, {}],
    ["cmi.comments_from_learner.0.location", 250, 251, {}],
    ["cmi.objectives.0.id", 4000, 4001, {}],
  ],
  (element, most, more, settings) => {
    const within = model2004({}, { settings }).set(element, "x".repeat(most));
    const model = model2004({}, { settings });
    const over = model.set(element, "x".repeat(more));

    assert.deepEqual([within.code, within.warning], [0, ""]);
    assert.equal(over.code, 0);
    assert.match(
      over.warning,
      new RegExp(`^${element.replaceAll(".", "\\.")}: ${more} characters, more than the ${most} `),
    );
    assert.equal(model.get(element).value.length, more);
  },
);

const list = (length, entry) => Array.from({ length }, (_, index) => entry(index)).join("[,]");

eachCase(
  "4.2.9 what is over a limit in a response is kept and noted",
  [
    ["choice", list(36, (n) => `c${n}`), list(37, (n) => `c${n}`), /37 entries, more than the 36 /],
    ["sequencing", list(36, () => "a"), list(37, () => "a"), /37 entries, more than the 36 /],
    ["fill-in", list(10, () => "a"), list(11, () => "a"), /11 entries, more than the 10 /],
    ["fill-in", `{lang=en}${"x".repeat(250)}`, "x".repeat(251), /251 characters, more than the 250 /],
    ["long-fill-in", `{lang=en}${"x".repeat(4000)}`, "x".repeat(4001), /4001 characters, more than the 4000 /],
    ["matching", list(36, () => "a[.]b"), list(37, () => "a[.]b"), /37 pairs, more than the 36 /],
    ["performance", list(250, () => "a[.]b"), list(251, () => "a[.]b"), /251 steps, more than the 250 /],
    ["performance", `a[.]${"x".repeat(250)}`, `a[.]${"x".repeat(251)}`, /251 characters, more than the 250 /],
    ["likert", "x".repeat(250), "x".repeat(251), /251 characters, more than the 250 /],
    ["other", "x".repeat(4000), "x".repeat(4001), /4001 characters, more than the 4000 /],
  ],
  (type, most, more, warning) => {
    for (const part of ["learner_response", "correct_responses.0.pattern"]) {
      const within = model2004(typed(type)).set(`cmi.interactions.0.${part}`, most);
      const over = model2004(typed(type)).set(`cmi.interactions.0.${part}`, more);

      assert.deepEqual([within.code, within.warning], [0, ""]);
      assert.equal(over.code, 0);
      assert.match(over.warning, warning);
    }
  },
);

eachCase(
  "4.2.9.1 more patterns than an LMS has to keep are kept and noted",
  [
    ["choice", 10],
    ["fill-in", 5],
    ["long-fill-in", 5],
    ["sequencing", 5],
  ],
  (type, most) => {
    const model = model2004(typed(type));

    const warnings = Array.from(
      { length: most + 1 },
      (_, index) => model.set(`cmi.interactions.0.correct_responses.${index}.pattern`, `p${index}`).warning,
    );

    assert.deepEqual(warnings.slice(0, most), Array(most).fill(""));
    assert.match(warnings[most], new RegExp(`${most + 1} patterns, more than the ${most} `));
  },
);

test("more records than an LMS has to keep are kept and noted", () => {
  const values = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`cmi.objectives.${index}.id`, `o${index}`]),
  );

  const set = model2004(values).set("cmi.objectives.100.id", "o100");

  assert.equal(set.code, 0);
  assert.match(set.warning, /more than the 100 records/);
});

eachCase(
  "a lenient model lets deviations through with a warning",
  [
    ["cmi.objectives.0.id", "a b", { lenient: true }, 0],
    ["cmi.comments_from_learner.0.timestamp", "2009-08-14T10:20:30.555Z", { lenient: true }, 0],
    ["cmi.session_time", "PT1.2345S", { lenient: true }, 0],
    ["cmi.interactions.0.learner_response", "a b", { lenient: true }, 0],
    ["cmi.interactions.0.learner_response", "a b", { validate_interaction_responses: false }, 0],
    ["cmi.objectives.0.id", "a b", { validate_interaction_responses: false }, 406],
    ["cmi.success_status", "Passed", { lenient: true }, 406],
    ["cmi.score.scaled", "2", { lenient: true }, 407],
  ],
  (element, value, settings, code) => {
    const set = model2004(typed("choice"), { settings }).set(element, value);

    assert.equal(set.code, code);
    assert.equal(set.warning !== "", code === 0);
  },
);

test("without a setting SCORM 2004 is strict", () => {
  assert.equal(codeOfSet("cmi.objectives.0.id", "a b"), 406);
});
