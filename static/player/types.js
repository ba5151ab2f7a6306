/**
 * The data types of the run-time data models (SCORM 2004 4th Ed. RTE 4.1.1, SCORM 1.2 RTE 3.4.4).
 *
 * A type is `{name, check(value, context)}`. `check` answers null for a value that is right; a fault
 * `{fault: "type" | "range" | "conflict", says, tolerable}`, where a tolerable one is let through with a warning by a
 * lenient model; or `{warning}` for a value that is right but longer than an LMS has to support (the smallest
 * permitted maximum, SPM, is a floor: what is above it is kept).
 */

const ok = null;

export const wrong = (says) => ({ fault: "type", says, tolerable: false });
export const outOfRange = (says) => ({ fault: "range", says, tolerable: false });
export const conflict = (says) => ({ fault: "conflict", says, tolerable: false });
export const tolerable = (says) => ({ fault: "type", says, tolerable: true });

/** The first fault, else the first warning, else null. */
export function firstProblem(problems) {
  const found = problems.filter(Boolean);
  return found.find((problem) => problem.fault) ?? found[0] ?? ok;
}

export function overLimit(length, limit, what = "characters") {
  return length > limit
    ? { warning: `${length} ${what}, more than the ${limit} an LMS has to keep; all are kept` }
    : ok;
}

// --- both standards ---

export function vocabulary(...words) {
  const name = words.map((word) => `"${word}"`).join(", ");
  return { name: `one of ${name}`, check: (value) => (words.includes(value) ? ok : wrong(`expected one of ${name}`)) };
}

/** The first type that takes the value; faults are told in the words of the whole. */
export function eitherOf(...types) {
  const name = types.map((type) => type.name).join(" or ");
  return {
    name,
    check: (value, context) => {
      const problems = types.map((type) => type.check(value, context));
      return problems.some((problem) => !problem?.fault) ? ok : { ...problems.at(-1), says: `expected ${name}` };
    },
  };
}

function number({ kind, shape, min, max, outside }) {
  const name = `${kind}${min === undefined ? "" : max === undefined ? ` of ${min} or more` : ` from ${min} to ${max}`}`;
  const check = (value) => {
    if (!shape.test(value)) return wrong(`expected ${name}`);
    const size = Number(value);
    return size < min || size > max ? outside(`expected ${name}`) : ok;
  };
  return { name, check };
}

// --- SCORM 2004 ---

const REAL = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;

export const isReal = (value) => REAL.test(value);

/** real(10,7), RTE 4.1.1.4; seven digits are what an LMS has to keep, so more are no fault. */
export const real = ({ min, max } = {}) => number({ kind: "a real(10,7)", shape: REAL, min, max, outside: outOfRange });

export const characterString = (limit) => ({
  name: `a characterstring (SPM ${limit})`,
  check: (value) => overLimit(value.length, limit),
});

/** language_type: ISO 639 code, or i or x, then subtags (RTE 4.1.1.2, RFC 5646). */
const LANGUAGE = /^(?:[a-z]{2,3}(?:-[a-z0-9]{2,8}|-[a-z0-9](?=-[a-z0-9]))*|[ix](?:-[a-z0-9]{1,8})+)$/i;

export const isLanguage = (value) => LANGUAGE.test(value) && value.length <= 250;

export const language = {
  name: 'a language tag such as "en-GB"',
  check: (value) => (value === "" || isLanguage(value) ? ok : wrong('expected a language tag such as "en-GB"')),
};

const DELIMITER = /^\{(\w+)=([^}]*)\}/;
const DELIMITED = {
  lang: (value) => isLanguage(value),
  case_matters: (value) => value === "true" || value === "false",
  order_matters: (value) => value === "true" || value === "false",
};

/** Reserved delimiters at the start of a value, each at most once and in any order (RTE 4.1.1.6); others are text. */
export function takeDelimiters(value, allowed) {
  const found = {};
  let rest = value;
  for (let match = DELIMITER.exec(rest); match; match = DELIMITER.exec(rest)) {
    const [whole, name, setting] = match;
    if (!allowed.includes(name) || name in found) break;
    if (!DELIMITED[name](setting)) return { fault: wrong(`"${setting}" is no value for {${name}=…}`) };
    found[name] = setting;
    rest = rest.slice(whole.length);
  }
  return { found, rest };
}

export const localizedString = (limit) => ({
  name: `a localized string (SPM ${limit})`,
  check: (value) => {
    const { fault, rest } = takeDelimiters(value, ["lang"]);
    return fault ?? overLimit(rest.length, limit);
  },
});

const URI_CHARACTERS = /^(?:%[0-9a-f]{2}|[a-z0-9\-._~:/?#@!$&'()*+,;=]|[^\u0000-\u00a0\u2028\u2029])+$/i;
const ADDRESS_HOST = /^([a-z][a-z0-9+.-]*:)?\/\/\[[0-9a-f:.]+\]/i; // the only place for square brackets
const SCHEME = /^[a-z][a-z0-9+.-]*:./i;
const URN = /^urn:[a-z0-9][a-z0-9-]{0,31}:.+$/i;

/** A URI reference (RFC 3986), a URN in the form of RFC 2141; letters beyond ASCII as in an IRI. */
function isUri(value) {
  if (!URI_CHARACTERS.test(value.replace(ADDRESS_HOST, "$1//host")) || value.split("#").length > 2) return false;
  if (/^urn:/i.test(value)) return URN.test(value);
  return SCHEME.test(value) || !value.split(/[/?#]/)[0].includes(":");
}

function identifier(kind, limit) {
  const name = `a ${kind} (a URI, SPM ${limit})`;
  const check = (value) => {
    if (value.trim() === "") return wrong(`expected ${name}`);
    return isUri(value) ? overLimit(value.length, limit) : tolerable(`expected ${name}`);
  };
  return { name, check };
}

export const longIdentifier = identifier("long_identifier_type", 4000);
export const shortIdentifier = identifier("short_identifier_type", 250);

const ZONE = "(Z|[+-](?:[01]\\d|2[0-3])(?::[0-5]\\d)?)?";
const TIMESTAMP = new RegExp(
  "^(\\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\\d|3[01])" +
    `(?:T(?:[01]\\d|2[0-3])(?::[0-5]\\d(?::[0-5]\\d(?:\\.(\\d+))?${ZONE})?)?)?)?)?$`,
);
const MORE_DIGITS = "at most two digits after the decimal point";

/** time(second,10,0): YYYY[-MM[-DD[Thh[:mm[:ss[.s[TZD]]]]]]], 1970 to 2038 (RTE 4.1.1.7). */
export const timestamp = {
  name: 'a time such as "2009-08-14T10:20:30.5Z"',
  check: (value) => {
    const match = TIMESTAMP.exec(value);
    if (!match) return wrong(`expected ${timestamp.name}`);
    const [, year, month = "01", day = "01", fraction = ""] = match;
    if (year < "1970" || year > "2038") return wrong("expected a year from 1970 to 2038");
    if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return wrong("no such day");
    return fraction.length > 2 ? tolerable(`expected ${MORE_DIGITS}`) : ok;
  },
};

const INTERVAL = /^P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.(\d+))?S)?)?$/;

/** timeinterval(second,10,2): P[yY][mM][dD][T[hH][mM][s[.s]S]] (RTE 4.1.1.8). */
export const timeInterval = {
  name: 'a time interval such as "PT1H5M30.5S"',
  check: (value) => {
    const match = INTERVAL.exec(value);
    if (!match) return wrong(`expected ${timeInterval.name}`);
    return (match[1] ?? "").length > 2 ? tolerable(`expected ${MORE_DIGITS}`) : ok;
  },
};

// --- SCORM 1.2 ---

/** CMIString255 and CMIString4096. */
export const cmiString = (limit) => ({
  name: `a CMIString${limit}`,
  check: (value) => (value.length > limit ? tolerable(`expected at most ${limit} characters`) : ok),
});

/** CMIIdentifier: 1 to 255 printable characters without blanks. */
export const cmiIdentifier = {
  name: "a CMIIdentifier (1 to 255 characters without blanks)",
  check: (value) => {
    if (value === "") return wrong(`expected ${cmiIdentifier.name}`);
    return /^[\x21-\x7e]{1,255}$/.test(value) ? ok : tolerable(`expected ${cmiIdentifier.name}`);
  },
};

const CMI_DECIMAL = /^-?(\d+(\.\d*)?|\.\d+)$/;

export const isCmiDecimal = (value) => CMI_DECIMAL.test(value);

// a value outside the range is an incorrect data type in SCORM 1.2: it has no code of its own
export const cmiDecimal = ({ min, max } = {}) =>
  number({ kind: "a CMIDecimal", shape: CMI_DECIMAL, min, max, outside: wrong });

export const cmiBlank = { name: "blank", check: (value) => (value === "" ? ok : wrong("expected blank")) };

export const cmiInteger = ({ min, max }) =>
  number({ kind: "a CMISInteger", shape: /^[+-]?\d+$/, min, max, outside: wrong });

export const cmiTimespan = {
  name: "a CMITimespan (HHHH:MM:SS.SS)",
  check: (value) => (/^\d{2,4}:\d{2}:\d{2}(\.\d{1,2})?$/.test(value) ? ok : wrong(`expected ${cmiTimespan.name}`)),
};

export const cmiTime = {
  name: "a CMITime (HH:MM:SS.SS)",
  check: (value) =>
    /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,2})?$/.test(value) ? ok : wrong(`expected ${cmiTime.name}`),
};
