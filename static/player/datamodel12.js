/** The SCORM 1.2 run-time data model (SCORM 1.2 RTE 3.4.4, with the version 1.2 addendums). */

import { createDataModel, defineTable } from "./datamodel.js";
import {
  cmiBlank,
  cmiDecimal,
  cmiIdentifier,
  cmiInteger,
  cmiString,
  cmiTime,
  cmiTimespan,
  eitherOf,
  isCmiDecimal,
  tolerable,
  vocabulary,
} from "./types.js";

// --- special rules ---

/** The shapes of CMIFeedback by interaction type; what is not here is text of up to 255 characters. */
const FEEDBACK = {
  "true-false": [(value) => /^[01tf]$/.test(value), "one of 0, 1, t, f"],
  choice: [(value) => list("[a-z0-9]").test(value), "single letters or digits separated by commas"],
  matching: [(value) => list("[a-z0-9]\\.[a-z0-9]").test(value), "pairs such as 1.a,2.b"],
  sequencing: [(value) => list("[a-z0-9]").test(value), "single letters or digits separated by commas"],
  likert: [(value) => /^[a-z0-9]?$/i.test(value), "a single letter or digit"],
  numeric: [isCmiDecimal, "a CMIDecimal"],
};

function list(entry) {
  const entries = `${entry}(?:,${entry})*`;
  return new RegExp(`^(?:${entries}|\\{${entries}\\})$`, "i");
}

const feedback = {
  name: "a CMIFeedback",
  check: (value, { records, value: stored }) => {
    const type = stored(`${records[0]}.type`);
    const [fits, says] = FEEDBACK[type] ?? [() => true, ""];
    if (!fits(value)) return tolerable(`expected ${says} for the interaction type ${type}`);
    return cmiString(255).check(value);
  },
};

const STATUS_SET = vocabulary("passed", "completed", "failed", "incomplete", "browsed");

/** "not attempted" is the LMS's word: content that was launched has been attempted. */
const lessonStatus = {
  name: STATUS_SET.name,
  check: (value) =>
    value === "not attempted" ? tolerable("only the LMS sets it to not attempted") : STATUS_SET.check(value),
};

const suspendData = {
  name: cmiString(4096).name,
  check: (value, { settings }) => cmiString(settings.suspend_data_limit ?? 4096).check(value),
};

// --- the table ---

const SCORE = [eitherOf(cmiDecimal({ min: 0, max: 100 }), cmiBlank), { initial: "" }];
const OBJECTIVE_STATUS = vocabulary("passed", "completed", "failed", "incomplete", "browsed", "not attempted");
const RESULT = eitherOf(vocabulary("correct", "wrong", "unanticipated", "neutral"), cmiDecimal());
export const TYPES = ["true-false", "choice", "fill-in", "matching", "performance", "sequencing", "likert", "numeric"];

export const TABLE = defineTable({
  version: "3.4",
  lenient: true,
  codes: {
    noNameToGet: 201,
    noNameToSet: 201,
    noRecordToGet: 201,
    noRecordToSet: 201,
    noChildren: 202,
    noCount: 203,
    noVersion: 401,
    undefinedElement: 401,
    notInitialized: 0,
    keyword: 402,
    readOnly: 403,
    writeOnly: 404,
    type: 405,
  },
  groups: [
    [
      "cmi",
      "core,suspend_data,launch_data,comments,comments_from_lms,objectives,student_data,student_preference," +
        "interactions",
    ],
    [
      "cmi.core",
      "student_id,student_name,lesson_location,credit,lesson_status,entry,score,total_time,lesson_mode,exit," +
        "session_time",
    ],
    ["cmi.core.score", "raw,min,max"],
    ["cmi.objectives", "id,score,status"],
    ["cmi.objectives.n.score", "raw,min,max"],
    ["cmi.student_data", "mastery_score,max_time_allowed,time_limit_action"],
    ["cmi.student_preference", "audio,language,speed,text"],
    ["cmi.interactions", "id,objectives,time,type,correct_responses,weighting,student_response,result,latency"],
  ],
  elements: [
    ["cmi.core.student_id", "r", cmiIdentifier, { initial: "" }],
    ["cmi.core.student_name", "r", cmiString(255), { initial: "" }],
    ["cmi.core.lesson_location", "rw", cmiString(255), { initial: "" }],
    ["cmi.core.credit", "r", vocabulary("credit", "no-credit"), { initial: "credit" }],
    ["cmi.core.lesson_status", "rw", lessonStatus, { initial: "not attempted" }],
    ["cmi.core.entry", "r", vocabulary("ab-initio", "resume", ""), { initial: "" }],
    ["cmi.core.score.raw", "rw", ...SCORE],
    ["cmi.core.score.min", "rw", ...SCORE],
    ["cmi.core.score.max", "rw", ...SCORE],
    ["cmi.core.total_time", "r", cmiTimespan, { initial: "0000:00:00.00" }],
    ["cmi.core.lesson_mode", "r", vocabulary("browse", "normal", "review"), { initial: "normal" }],
    ["cmi.core.exit", "w", vocabulary("time-out", "suspend", "logout", "")],
    ["cmi.core.session_time", "w", cmiTimespan],
    ["cmi.suspend_data", "rw", suspendData, { initial: "", unbounded: true }],
    ["cmi.launch_data", "r", cmiString(4096), { initial: "" }],
    ["cmi.comments", "rw", cmiString(4096), { initial: "" }],
    ["cmi.comments_from_lms", "r", cmiString(4096), { initial: "" }],
    ["cmi.objectives.n.id", "rw", cmiIdentifier, { initial: "" }],
    ["cmi.objectives.n.score.raw", "rw", ...SCORE],
    ["cmi.objectives.n.score.min", "rw", ...SCORE],
    ["cmi.objectives.n.score.max", "rw", ...SCORE],
    ["cmi.objectives.n.status", "rw", OBJECTIVE_STATUS, { initial: "not attempted" }],
    ["cmi.student_data.mastery_score", "r", cmiDecimal({ min: 0, max: 100 }), { initial: "" }],
    ["cmi.student_data.max_time_allowed", "r", cmiTimespan, { initial: "" }],
    [
      "cmi.student_data.time_limit_action",
      "r",
      vocabulary("exit,message", "exit,no message", "continue,message", "continue,no message"),
      { initial: "" },
    ],
    ["cmi.student_preference.audio", "rw", cmiInteger({ min: -1, max: 100 }), { initial: "0" }],
    ["cmi.student_preference.language", "rw", cmiString(255), { initial: "" }],
    ["cmi.student_preference.speed", "rw", cmiInteger({ min: -100, max: 100 }), { initial: "0" }],
    ["cmi.student_preference.text", "rw", cmiInteger({ min: -1, max: 1 }), { initial: "0" }],
    ["cmi.interactions.n.id", "w", cmiIdentifier],
    ["cmi.interactions.n.objectives.n.id", "w", cmiIdentifier],
    ["cmi.interactions.n.time", "w", cmiTime],
    ["cmi.interactions.n.type", "w", vocabulary(...TYPES)],
    ["cmi.interactions.n.correct_responses.n.pattern", "w", feedback, { response: true }],
    ["cmi.interactions.n.weighting", "w", cmiDecimal()],
    ["cmi.interactions.n.student_response", "w", feedback, { response: true }],
    ["cmi.interactions.n.result", "w", RESULT],
    ["cmi.interactions.n.latency", "w", cmiTimespan],
  ],
});

/**
 * `settings`: `lenient` (let identifiers, responses and long texts through with a warning; default true),
 * `validate_interaction_responses` (default true), `suspend_data_limit` (characters, default 4096). cmi.suspend_data is never refused for its length.
 */
export function createModel(given) {
  return createDataModel(TABLE, given);
}
