/** The SCORM 2004 run-time data model: cmi (RTE 4th Ed. 4.2), adl.nav (SN 4th Ed. 5.6) and adl.data (RTE 4.3). */

import { createDataModel, defineTable } from "./datamodel.js";
import { INTERACTION_TYPES, learnerResponse, patternFits, responsePattern } from "./responses2004.js";
import {
  characterString,
  conflict,
  eitherOf,
  language,
  localizedString,
  longIdentifier,
  overLimit,
  real,
  timestamp,
  timeInterval,
  vocabulary,
  wrong,
} from "./types.js";

// --- special rules ---

/** No two records of the collection carry the same id (RTE 4.2.17, 4.2.9). */
function unique(value, { path, records, value: stored, count }) {
  const collection = records.at(-1).replace(/\.\d+$/, "");
  for (let index = 0; index < count(collection); index += 1) {
    const other = `${collection}.${index}.id`;
    if (other !== path && stored(other) === value) return conflict(`it is already ${other}`);
  }
  return null;
}

/** Whether a measure reaches a threshold; undefined where no threshold is defined, "unknown" without a measure. */
function judge(threshold, measure, reached, missed) {
  if (threshold === undefined || threshold === "") return undefined;
  if (measure === undefined || measure === "") return "unknown";
  return Number(measure) >= Number(threshold) ? reached : missed;
}

/** What the content set counts only without cmi.completion_threshold (RTE 4.2.4.1). */
function completionStatus({ path, value }) {
  const judged = judge(value("cmi.completion_threshold"), value("cmi.progress_measure"), "completed", "incomplete");
  return judged ?? value(path);
}

/** What the content set counts only without cmi.scaled_passing_score (RTE 4.2.22.1). */
function successStatus({ path, value }) {
  return judge(value("cmi.scaled_passing_score"), value("cmi.score.scaled"), "passed", "failed") ?? value(path);
}

/** Whether a navigation request would be valid, as the sequencer last said (SN 5.6.4). */
function requestValid({ path, target, valid }) {
  const request = path.split(".")[3];
  const known = valid[target ? `${request}.${target}` : request];
  if (known !== undefined) return String(known);
  // where targets are known, one that is not among them is no activity of the tree
  return target && Object.keys(valid).some((name) => name.startsWith(`${request}.`)) ? "false" : "unknown";
}

const NAVIGATION = ["continue", "previous", "exit", "exitAll", "abandon", "abandonAll", "suspendAll", "_none_"];

const navigationRequest = {
  name: 'a navigation request such as "continue" or "{target=ID}choice"',
  check: (value) =>
    NAVIGATION.includes(value) || /^\{target=[^}]+\}(?:choice|jump)$/.test(value)
      ? null
      : wrong(`expected ${navigationRequest.name}`),
};

const SUSPEND_DATA_LIMITS = { SCORM20042NDEDITION: 4000 }; // others: 64000

const suspendData = {
  name: "a characterstring",
  check: (value, { settings }) =>
    overLimit(value.length, settings.suspend_data_limit ?? SUSPEND_DATA_LIMITS[settings.standard] ?? 64000),
};

// --- the table ---

const COMPLETION = vocabulary("completed", "incomplete", "not attempted", "unknown");
const SUCCESS = vocabulary("passed", "failed", "unknown");
const MEASURE = real({ min: 0, max: 1 });
const SCALED = real({ min: -1, max: 1 });
const OBJECTIVE = { needs: ["cmi.objectives.n.id"] };
const INTERACTION = { needs: ["cmi.interactions.n.id"] };
const RESPONSE = { needs: ["cmi.interactions.n.id", "cmi.interactions.n.type"], response: true };

const TABLE = defineTable({
  version: "1.0",
  lenient: false,
  closed: ["adl.data"],
  // a choice or jump is asked about a target; without one the request is incomplete, not unknown
  partial: (path) => (/^adl\.nav\.request_valid\.(choice|jump)$/.test(path) ? 301 : undefined),
  codes: {
    noNameToGet: 301,
    noNameToSet: 351,
    noRecordToGet: 301,
    noRecordToSet: 351,
    noChildren: 301,
    noCount: 301,
    noVersion: 301,
    conflict: 351,
    undefinedElement: 401,
    notInitialized: 403,
    readOnly: 404,
    keyword: 404,
    writeOnly: 405,
    type: 406,
    range: 407,
    dependency: 408,
  },
  groups: [
    [
      "cmi",
      "comments_from_learner,comments_from_lms,completion_status,completion_threshold,credit,entry,exit,interactions," +
        "launch_data,learner_id,learner_name,learner_preference,location,max_time_allowed,mode,objectives," +
        "progress_measure,scaled_passing_score,score,session_time,success_status,suspend_data,time_limit_action," +
        "total_time",
    ],
    ["cmi.comments_from_learner", "comment,location,timestamp", 250],
    ["cmi.comments_from_lms", "comment,location,timestamp", 100],
    [
      "cmi.interactions",
      "id,type,objectives,timestamp,correct_responses,weighting,learner_response,result,latency,description",
      250,
    ],
    ["cmi.interactions.n.objectives", undefined, 10],
    ["cmi.learner_preference", "audio_level,language,delivery_speed,audio_captioning"],
    ["cmi.objectives", "id,score,success_status,completion_status,progress_measure,description", 100],
    ["cmi.objectives.n.score", "scaled,raw,min,max"],
    ["cmi.score", "scaled,raw,min,max"],
    ["adl.data", "id,store"],
  ],
  elements: [
    ["cmi.comments_from_learner.n.comment", "rw", localizedString(4000)],
    ["cmi.comments_from_learner.n.location", "rw", characterString(250)],
    ["cmi.comments_from_learner.n.timestamp", "rw", timestamp],
    ["cmi.comments_from_lms.n.comment", "r", localizedString(4000)],
    ["cmi.comments_from_lms.n.location", "r", characterString(250)],
    ["cmi.comments_from_lms.n.timestamp", "r", timestamp],
    ["cmi.completion_status", "rw", COMPLETION, { initial: "unknown", derive: completionStatus }],
    ["cmi.completion_threshold", "r", MEASURE],
    ["cmi.credit", "r", vocabulary("credit", "no-credit"), { initial: "credit" }],
    ["cmi.entry", "r", vocabulary("ab-initio", "resume", ""), { initial: "" }],
    ["cmi.exit", "w", vocabulary("time-out", "suspend", "logout", "normal", "")],
    ["cmi.interactions.n.id", "rw", longIdentifier],
    ["cmi.interactions.n.type", "rw", vocabulary(...INTERACTION_TYPES), INTERACTION],
    ["cmi.interactions.n.objectives.n.id", "rw", longIdentifier, { ...INTERACTION, rules: [unique] }],
    ["cmi.interactions.n.timestamp", "rw", timestamp, INTERACTION],
    ["cmi.interactions.n.correct_responses.n.pattern", "rw", responsePattern, { ...RESPONSE, rules: [patternFits] }],
    ["cmi.interactions.n.weighting", "rw", real(), INTERACTION],
    ["cmi.interactions.n.learner_response", "rw", learnerResponse, RESPONSE],
    [
      "cmi.interactions.n.result",
      "rw",
      eitherOf(vocabulary("correct", "incorrect", "unanticipated", "neutral"), real()),
      INTERACTION,
    ],
    ["cmi.interactions.n.latency", "rw", timeInterval, INTERACTION],
    ["cmi.interactions.n.description", "rw", localizedString(250), INTERACTION],
    ["cmi.launch_data", "r", characterString(4000)],
    ["cmi.learner_id", "r", longIdentifier],
    ["cmi.learner_name", "r", localizedString(250)],
    ["cmi.learner_preference.audio_level", "rw", real({ min: 0 }), { initial: "1" }],
    ["cmi.learner_preference.language", "rw", language, { initial: "" }],
    ["cmi.learner_preference.delivery_speed", "rw", real({ min: 0 }), { initial: "1" }],
    ["cmi.learner_preference.audio_captioning", "rw", vocabulary("-1", "0", "1"), { initial: "0" }],
    ["cmi.location", "rw", characterString(1000)],
    ["cmi.max_time_allowed", "r", timeInterval],
    ["cmi.mode", "r", vocabulary("browse", "normal", "review"), { initial: "normal" }],
    ["cmi.objectives.n.id", "rw", longIdentifier, { once: true, rules: [unique] }],
    ["cmi.objectives.n.score.scaled", "rw", SCALED, OBJECTIVE],
    ["cmi.objectives.n.score.raw", "rw", real(), OBJECTIVE],
    ["cmi.objectives.n.score.min", "rw", real(), OBJECTIVE],
    ["cmi.objectives.n.score.max", "rw", real(), OBJECTIVE],
    ["cmi.objectives.n.success_status", "rw", SUCCESS, { ...OBJECTIVE, initial: "unknown" }],
    ["cmi.objectives.n.completion_status", "rw", COMPLETION, { ...OBJECTIVE, initial: "unknown" }],
    ["cmi.objectives.n.progress_measure", "rw", MEASURE, OBJECTIVE],
    ["cmi.objectives.n.description", "rw", localizedString(250), OBJECTIVE],
    ["cmi.progress_measure", "rw", MEASURE],
    ["cmi.scaled_passing_score", "r", SCALED],
    ["cmi.score.scaled", "rw", SCALED],
    ["cmi.score.raw", "rw", real()],
    ["cmi.score.min", "rw", real()],
    ["cmi.score.max", "rw", real()],
    ["cmi.session_time", "w", timeInterval],
    ["cmi.success_status", "rw", SUCCESS, { initial: "unknown", derive: successStatus }],
    ["cmi.suspend_data", "rw", suspendData],
    [
      "cmi.time_limit_action",
      "r",
      vocabulary("exit,message", "continue,message", "exit,no message", "continue,no message"),
      { initial: "continue,no message" },
    ],
    ["cmi.total_time", "r", timeInterval, { initial: "PT0H0M0S" }],
    ["adl.nav.request", "rw", navigationRequest, { initial: "_none_" }],
    ["adl.nav.request_valid.continue", "r", null, { derive: requestValid }],
    ["adl.nav.request_valid.previous", "r", null, { derive: requestValid }],
    ["adl.nav.request_valid.choice.{target}", "r", null, { derive: requestValid }],
    ["adl.nav.request_valid.jump.{target}", "r", null, { derive: requestValid }],
    ["adl.data.n.id", "r", longIdentifier],
    ["adl.data.n.store", "rw", characterString(64000)],
  ],
});

/**
 * `settings`: `standard` (the course's, for the limit of cmi.suspend_data), `lenient` (let identifiers, responses and
 * long fractions of a second through with a warning; default false), `validate_interaction_responses` (default true).
 */
export function createModel(given) {
  return createDataModel(TABLE, given);
}
