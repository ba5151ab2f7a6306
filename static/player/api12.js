/** The SCORM 1.2 API, `API` (SCORM 1.2 RTE 3.3). */

import { createSession } from "./session.js";

const NAMES = {
  initialize: "LMSInitialize",
  terminate: "LMSFinish",
  getValue: "LMSGetValue",
  setValue: "LMSSetValue",
  commit: "LMSCommit",
  getLastError: "LMSGetLastError",
  getErrorString: "LMSGetErrorString",
  getDiagnostic: "LMSGetDiagnostic",
};

// SCORM 1.2 has no codes for calls after the end: whoever is not initialized any more is not initialized
const NOT_INITIALIZED = { not_initialized: 301, terminated: 301 };

const CODES = {
  general: 101,
  initialize: 101,
  terminate: 101,
  commit: 101,
  argument: 201,
  states: {
    initialize: { running: 101, terminated: 101 },
    terminate: NOT_INITIALIZED,
    getValue: NOT_INITIALIZED,
    setValue: NOT_INITIALIZED,
    commit: NOT_INITIALIZED,
  },
};

/** RTE 3.3.2.4. */
export const ERROR_STRINGS = {
  0: "No error",
  101: "General exception",
  201: "Invalid argument error",
  202: "Element cannot have children",
  203: "Element not an array - cannot have count",
  301: "Not initialized",
  401: "Not implemented error",
  402: "Invalid set value, element is a keyword",
  403: "Element is read only",
  404: "Element is write only",
  405: "Incorrect Data Type",
};

export function createApi({ model, ...hooks }) {
  return createSession({ model, names: NAMES, codes: CODES, strings: ERROR_STRINGS, hooks });
}
