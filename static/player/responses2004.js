/**
 * Learner responses and correct-response patterns of interactions, by interaction type
 * (SCORM 2004 4th Ed. RTE 4.2.9.1 and 4.2.9.2).
 */

import {
  characterString,
  conflict,
  firstProblem,
  isReal,
  localizedString,
  overLimit,
  shortIdentifier,
  takeDelimiters,
  tolerable,
} from "./types.js";

const entries = (value) => (value === "" ? [] : value.split("[,]"));

function trueFalse(value) {
  return value === "true" || value === "false" ? null : tolerable('expected "true" or "false"');
}

function identifiers(value) {
  const given = entries(value);
  return firstProblem([...given.map((entry) => shortIdentifier.check(entry)), overLimit(given.length, 36, "entries")]);
}

/** A set: no identifier twice. */
function choices(value) {
  const given = entries(value);
  return new Set(given).size < given.length ? tolerable("expected each identifier only once") : identifiers(value);
}

function texts(value) {
  const given = entries(value);
  return firstProblem([
    ...given.map((entry) => localizedString(250).check(entry)),
    overLimit(given.length, 10, "entries"),
  ]);
}

/** Runs the check on what follows the delimiters that only a pattern may begin with. */
function after(allowed, check) {
  return (value) => {
    const { fault, rest } = takeDelimiters(value, allowed);
    return fault ?? check(rest);
  };
}

function pairs(value) {
  const given = entries(value);
  const problems = given.map((entry) => {
    const parts = entry.split("[.]");
    if (parts.length !== 2) return tolerable("expected source[.]target pairs separated by [,]");
    return firstProblem(parts.map((part) => shortIdentifier.check(part)));
  });
  return firstProblem([...problems, overLimit(given.length, 36, "pairs")]);
}

function range(value) {
  const bounds = value.split("[:]");
  if (bounds.length !== 2 || !bounds.every((bound) => bound === "" || isReal(bound)))
    return tolerable("expected a numeric range <min>[:]<max>");
  const [min, max] = bounds;
  return min !== "" && max !== "" && Number(min) > Number(max) ? tolerable("expected min not above max") : null;
}

/** Steps `name[.]answer`, of which either part may be missing but not both. */
function steps(checkAnswer) {
  return (value) => {
    const given = entries(value);
    const problems = given.map((entry) => {
      const parts = entry.split("[.]");
      if (parts.length !== 2 || entry === "[.]") return tolerable("expected name[.]answer steps separated by [,]");
      const [name, answer] = parts;
      return firstProblem([name === "" ? null : shortIdentifier.check(name), checkAnswer(answer)]);
    });
    return firstProblem([...problems, overLimit(given.length, 250, "steps")]);
  };
}

const stepText = (answer) => overLimit(answer.length, 250);
const stepResponse = (answer) =>
  answer.includes("[:]") ? tolerable("expected no range in a response") : stepText(answer);
const stepPattern = (answer) => (answer.includes("[:]") ? range(answer) : stepText(answer));
const numeric = (value) => (isReal(value) ? null : tolerable("expected a real(10,7)"));
const other = (value) => characterString(4000).check(value);

const RESPONSES = {
  "true-false": trueFalse,
  choice: choices,
  "fill-in": texts,
  "long-fill-in": (value) => localizedString(4000).check(value),
  matching: pairs,
  performance: steps(stepResponse),
  sequencing: identifiers,
  likert: (value) => shortIdentifier.check(value),
  numeric,
  other,
};

const PATTERNS = {
  ...RESPONSES,
  "fill-in": after(["case_matters", "order_matters"], texts),
  "long-fill-in": after(["case_matters", "lang"], (value) => overLimit(value.length, 4000)),
  performance: after(["order_matters"], steps(stepPattern)),
  numeric: range,
};

const ONE_PATTERN = ["true-false", "likert", "numeric", "other"];
const MANY_PATTERNS = { choice: 10 }; // the others: 5

export const INTERACTION_TYPES = Object.keys(RESPONSES);

function responseType(name, checks) {
  return {
    name,
    check: (value, { records, value: stored }) => {
      const type = stored(`${records[0]}.type`);
      const problem = (checks[type] ?? other)(value); // a type kept from elsewhere may be unknown
      return problem?.fault ? { ...problem, says: `${problem.says} for the interaction type ${type}` } : problem;
    },
  };
}

export const learnerResponse = responseType("a learner response", RESPONSES);
export const responsePattern = responseType("a correct-response pattern", PATTERNS);

/** Two patterns of a choice are the same set, two of a sequencing the same list; other types are bags. */
function samePattern(type, one, another) {
  if (type === "sequencing") return one === another;
  return type === "choice" && entries(one).sort().join() === entries(another).sort().join();
}

/** How many patterns the type allows, and that no choice or sequencing pattern is there twice (RTE 4.2.9.1). */
export function patternFits(value, { records, path, value: stored, count }) {
  const [interaction, record] = records;
  const type = stored(`${interaction}.type`);
  const index = Number(record.split(".").at(-1));
  if (ONE_PATTERN.includes(type)) {
    return index > 0 ? conflict(`the interaction type ${type} has only one correct response`) : null;
  }
  const collection = `${interaction}.correct_responses`;
  for (let other = 0; other < count(collection); other += 1) {
    const kept = `${collection}.${other}.pattern`;
    if (kept !== path && samePattern(type, value, stored(kept) ?? "\0")) {
      return conflict(`the same pattern is already ${kept}`);
    }
  }
  return overLimit(index + 1, MANY_PATTERNS[type] ?? 5, "patterns");
}
