/**
 * The run-time data model of AICC's API (CMI001 v4.0 section 5): SCORM 1.2 took part of it, so it is SCORM 1.2's with
 * the elements that were left out there. Of a status the first letter counts.
 */

import { createDataModel, defineTable } from "./datamodel.js";
import { TABLE as TABLE_12, TYPES } from "./datamodel12.js";
import { cmiBlank, cmiDecimal, cmiString, eitherOf, vocabulary, wrong } from "./types.js";

const LETTERS = /^\s*[pcfibn]/i;
const status = {
  name: "a lesson status",
  check: (value) =>
    LETTERS.test(value) ? null : wrong("expected passed, completed, failed, incomplete, browsed or not attempted"),
};
const text = cmiString(255);
const score = eitherOf(cmiDecimal(), cmiBlank);
const DEMOGRAPHICS = [
  "city",
  "class",
  "company",
  "country",
  "experience",
  "familiar_name",
  "instructor_name",
  "native_language",
  "state",
  "street_address",
  "telephone",
  "title",
  "years_experience",
];
const PREFERENCES = ["lesson_type", "text_color", "text_location", "text_size", "video"];
const PATH = ["location_id", "date", "time", "status", "why_left", "time_in_element"];

const GROUPS = [
  [
    "cmi",
    "core,suspend_data,launch_data,comments,comments_from_lms,evaluation,objectives,student_data,student_preference," +
      "student_demographics,interactions,paths",
  ],
  ["cmi.evaluation", "comments,course_id"],
  ["cmi.evaluation.comments", "content,date,location,time"],
  ["cmi.objectives", "id,score,status,mastery_time,date,time"],
  ["cmi.student_data", "attempt_number,tries,mastery_score,max_time_allowed,time_limit_action"],
  ["cmi.student_data.tries", "score,status,time"],
  ["cmi.student_data.tries.n.score", "raw,min,max"],
  ["cmi.student_preference", `audio,language,speed,text,${PREFERENCES.join(",")},windows`],
  ["cmi.student_demographics", DEMOGRAPHICS.join(",")],
  ["cmi.interactions", "id,objectives,date,time,type,correct_responses,weighting,student_response,result,latency"],
  ["cmi.paths", PATH.join(",")],
];

/** Scores as messages carry them: of any range, which SCORM 1.2 narrowed to 0 to 100. */
const SCORES = ["cmi.core.score", "cmi.objectives.n.score", "cmi.student_data.tries.n.score"].flatMap((place) =>
  ["raw", "min", "max"].map((bound) => [`${place}.${bound}`, "rw", score, { initial: "" }]),
);

const ELEMENTS = [
  ...SCORES,
  ["cmi.evaluation.course_id", "r", text, { initial: "" }],
  ["cmi.interactions.n.type", "w", vocabulary(...TYPES, "unique")],
  ["cmi.core.lesson_status", "rw", status, { initial: "not attempted" }],
  ["cmi.objectives.n.status", "rw", status, { initial: "not attempted" }],
  ...["mastery_time", "date", "time"].map((name) => [`cmi.objectives.n.${name}`, "rw", text, { initial: "" }]),
  ...["content", "date", "location", "time"].map((name) => [
    `cmi.evaluation.comments.n.${name}`,
    "rw",
    cmiString(4096),
    { initial: "" },
  ]),
  ["cmi.student_data.attempt_number", "r", text, { initial: "" }],
  ["cmi.student_data.tries.n.status", "rw", status, { initial: "not attempted" }],
  ["cmi.student_data.tries.n.time", "rw", text, { initial: "" }],
  ...PREFERENCES.map((name) => [`cmi.student_preference.${name}`, "rw", text, { initial: "" }]),
  ["cmi.student_preference.windows.n", "rw", text, { initial: "" }],
  ...DEMOGRAPHICS.map((name) => [`cmi.student_demographics.${name}`, "r", text, { initial: "" }]),
  ["cmi.interactions.n.date", "w", text],
  ...PATH.map((name) => [`cmi.paths.n.${name}`, "w", text]),
];

const TABLE = defineTable({
  ...TABLE_12,
  version: "4.0",
  groups: [...TABLE_12.groups, ...GROUPS],
  elements: [...TABLE_12.elements, ...ELEMENTS],
});

/** `settings` as in datamodel12.js. */
export function createModel(given) {
  return createDataModel(TABLE, given);
}
