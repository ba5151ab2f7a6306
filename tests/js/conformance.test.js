/**
 * The run-time calls of the ADL conformance cases, against the API and data model without a browser.
 *
 * `cases/` holds two of them (SOURCES.md); where the whole set lies beside the checkout, or SCORM_CASES names it, every
 * case runs. The server's part is played by what the manifest says and what an earlier visit left with suspend. Values
 * that come from sequencing (shared objectives, which requests are valid) are given to the model as the case expects
 * to find them: those steps prove how the model answers, not how the sequencer decides. API and DMB get none.
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { isLanguage } from "../../static/player/types.js";
import { api2004, model2004 } from "./support.js";

const HERE = fileURLToPath(new URL("./cases/", import.meta.url));
const BESIDE =
  process.env.SCORM_CASES ?? fileURLToPath(new URL("../../../shared/conformance/scorm2004/", import.meta.url));
const WITHOUT_GIVEN_VALUES = ["API", "DMB"];
const LEARNER = { "cmi.learner_id": "learner-1", "cmi.learner_name": "Doe, Jane" };

// --- manifests ---

/** Elements as {name, attributes, children, text}, names without prefix. */
function parseXml(source) {
  const root = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  const tokens = source
    .replace(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>/g, "")
    .matchAll(/<(\/?)([\w:.-]+)([^>]*?)(\/?)>|([^<]+)/g);
  for (const [, closing, name, attributes, empty, text] of tokens) {
    if (text !== undefined) open.at(-1).text += text;
    else if (closing) open.pop();
    else {
      const pairs = [...attributes.matchAll(/([\w:.-]+)\s*=\s*"([^"]*)"/g)].map(([, key, value]) => [
        local(key),
        value,
      ]);
      const element = { name: local(name), attributes: Object.fromEntries(pairs), children: [], text: "" };
      open.at(-1).children.push(element);
      if (!empty) open.push(element);
    }
  }
  return root;
}

const local = (name) => name.split(":").at(-1);
const find = (element, name) => element?.children.filter((child) => child.name === name) ?? [];
const descend = (element, name) =>
  element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...descend(child, name)]);

function objectivesOf(manifest, sequencing) {
  const shared = descend(manifest, "sequencingCollection").flatMap((collection) => find(collection, "sequencing"));
  const base = shared.find(
    ({ attributes }) => attributes.ID !== undefined && attributes.ID === sequencing?.attributes.IDRef,
  );
  const of = (element) => find(element, "objectives")[0]?.children ?? [];
  return of(sequencing).length ? of(sequencing) : of(base);
}

/** What the manifest alone says a SCO finds. */
function initialValues(manifest, identifier) {
  const item = descend(manifest, "item").find(({ attributes }) => attributes.identifier === identifier);
  const values = { ...LEARNER, "cmi.entry": "ab-initio", "cmi.total_time": "PT0H0M0S" };
  const [threshold] = find(item, "completionThreshold");
  if (threshold?.attributes.completedByMeasure === "true") {
    values["cmi.completion_threshold"] = threshold.attributes.minProgressMeasure ?? "1.0";
  }
  const objectives = objectivesOf(manifest, find(item, "sequencing")[0]);
  const primary = objectives.find(({ name }) => name === "primaryObjective");
  if (primary?.attributes.satisfiedByMeasure === "true") {
    values["cmi.scaled_passing_score"] = find(primary, "minNormalizedMeasure")[0]?.text.trim() ?? "1.0";
  }
  const ids = objectives.map(({ attributes }) => attributes.objectiveID?.trim()).filter(Boolean);
  ids.forEach((id, index) => (values[`cmi.objectives.${index}.id`] = id));
  find(find(item, "data")[0], "map").forEach(
    (map, index) => (values[`adl.data.${index}.id`] = map.attributes.targetID.trim()),
  );
  return values;
}

// --- comparing ---

/** Seconds of a duration without years and months, which no case has. */
function seconds(duration) {
  const [, days = 0, hours = 0, minutes = 0, rest = 0] =
    /^P(?:0Y)?(?:0M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(duration);
  return Math.round((days * 86400 + hours * 3600 + minutes * 60 + Number(rest)) * 100) / 100;
}

const COMPARE = {
  exact: (expected, actual) => expected === actual,
  ignore: () => true,
  shorter_than_255: (_, actual) => actual.length <= 255,
  real: (expected, actual) => (expected === "" ? actual === "" : actual !== "" && Number(expected) === Number(actual)),
  duration: (expected, actual) => seconds(expected) === seconds(actual),
  language: (expected, actual) => isLanguage(actual) && expected.toLowerCase() === actual.toLowerCase(),
  lang_string: (expected, actual) => expected.replace("{lang=en}", "") === actual.replace("{lang=en}", ""),
  children: (expected, actual) => expected.split(",").sort().join() === actual.split(",").sort().join(),
  request_valid: (_, actual) => ["true", "false", "unknown"].includes(actual),
};

function agrees({ compare, expect_return: expected, may_be_cut_at: limit }, actual) {
  if (expected?.startsWith?.("@")) return actual === LEARNER[expected.replace("@", "cmi.")];
  if (!(compare in COMPARE)) throw new Error(`No comparison ${compare}`);
  return COMPARE[compare](expected, actual) || (limit !== undefined && expected.slice(0, limit) === actual);
}

// --- playing ---

function idsOf(values, collection) {
  const ids = [];
  for (let index = 0; `${collection}.${index}.id` in values; index += 1) ids.push(values[`${collection}.${index}.id`]);
  return ids;
}

/** The element with &id& replaced by the index of the record of that id. */
function withIndex(element, values) {
  return element.replace(/^(cmi\.objectives|adl\.data)\.&(.*)&/, (_, collection, id) => {
    const ids = idsOf(values, collection);
    return `${collection}.${ids.includes(id) ? ids.indexOf(id) : ids.length}`;
  });
}

/** Adds what the sequencer would have handed over: values read as expected before this launch sets them. */
function giveSequencedValues(steps, values) {
  const written = new Set();
  let given = 0;
  for (const { method, element, value, expect_return: expected, expect_error: error } of steps) {
    if (method === "SetValue") written.add(element);
    const ofSequencer = element?.startsWith("cmi.objectives.&") || element === "cmi.success_status";
    if (method !== "GetValue" || !ofSequencer || written.has(element)) continue;
    const name = withIndex(element, values);
    if (error === "403") {
      given += Number(delete values[name] && name in values);
    } else if (values[name] !== expected && !(expected === "unknown" && !(name in values))) {
      values[name] = expected;
      given += 1;
    }
    written.add(element);
  }
  return given;
}

function play(step, api, model) {
  if (step.method === "CompareObjectiveIds") {
    const ids = idsOf(model.values(), "cmi.objectives");
    return { actual: ids, right: ids.toSorted().join("\n") === step.expect_return.toSorted().join("\n") };
  }
  const element = step.element === null ? [] : [withIndex(step.element, model.values())];
  const argument = step.value === null ? [] : [step.value];
  const actual = api[step.method](...element, ...argument);
  const code = api.GetLastError();
  const codes = step.expect_error === null ? [code] : [step.expect_error].flat();
  return { actual: `${actual} (${code})`, right: codes.includes(code) && agrees(step, actual) };
}

/** What the next visit of the activity finds of this one: all of it after suspend, else nothing. */
function leave(values) {
  const suspended = values["cmi.exit"] === "suspend" || values["adl.nav.request"] === "suspendAll";
  if (!suspended) return {};
  const { "cmi.exit": _exit, "adl.nav.request": _request, "cmi.session_time": session = "PT0S", ...kept } = values;
  const total = seconds(kept["cmi.total_time"]) + seconds(session);
  return { ...kept, "cmi.entry": "resume", "cmi.total_time": `PT${total}S` };
}

function playCase(folder, name) {
  const script = JSON.parse(readFileSync(`${folder}${name}/script.json`, "utf8"));
  const manifest = parseXml(readFileSync(`${folder}${name}/imsmanifest.xml`, "utf8"));
  const left = {};
  const result = { steps: 0, given: 0, failures: [] };
  for (const { n, item, steps, finish } of script.launches) {
    if (!steps.length) continue;
    const values = { ...initialValues(manifest, item.identifier), ...left[item.identifier] };
    if (!WITHOUT_GIVEN_VALUES.includes(name)) result.given += giveSequencedValues(steps, values);
    const model = model2004(values);
    const api = api2004(model);
    for (const step of steps) {
      const { actual, right } = play(step, api, model);
      result.steps += 1;
      if (!right) result.failures.push(`launch ${n}: ${JSON.stringify(step)} answered ${actual}`);
    }
    if (finish.terminate !== "never" && api.Terminate("") !== "true") result.failures.push(`launch ${n}: Terminate`);
    left[item.identifier] = leave(model.values());
  }
  return result;
}

const folder = existsSync(BESIDE) ? BESIDE : HERE;
for (const name of readdirSync(folder).filter((entry) => existsSync(`${folder}${entry}/script.json`))) {
  test(`case ${name}`, (context) => {
    const { steps, given, failures } = playCase(folder, name);

    assert.deepEqual(failures, []);
    context.diagnostic(`${steps} calls as expected, ${given} values given as the sequencer would`);
  });
}

test("the cases of a clean clone are here", () => {
  for (const name of WITHOUT_GIVEN_VALUES) {
    const { steps, failures } = playCase(HERE, name);

    assert.deepEqual(failures, []);
    assert.ok(steps > 25);
  }
});
