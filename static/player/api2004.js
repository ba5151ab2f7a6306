/** The SCORM 2004 API, `API_1484_11` (SCORM 2004 4th Ed. RTE 3.1). */

import { createSession } from "./session.js";

const NAMES = {
  initialize: "Initialize",
  terminate: "Terminate",
  getValue: "GetValue",
  setValue: "SetValue",
  commit: "Commit",
  getLastError: "GetLastError",
  getErrorString: "GetErrorString",
  getDiagnostic: "GetDiagnostic",
};

const CODES = {
  general: 101,
  initialize: 102,
  terminate: 391,
  commit: 391,
  argument: 201,
  states: {
    initialize: { running: 103, terminated: 104 },
    terminate: { not_initialized: 112, terminated: 113 },
    getValue: { not_initialized: 122, terminated: 123 },
    setValue: { not_initialized: 132, terminated: 133 },
    commit: { not_initialized: 142, terminated: 143 },
  },
};

/** RTE 3.1.7. */
export const ERROR_STRINGS = {
  0: "No Error",
  101: "General Exception",
  102: "General Initialization Failure",
  103: "Already Initialized",
  104: "Content Instance Terminated",
  111: "General Termination Failure",
  112: "Termination Before Initialization",
  113: "Termination After Termination",
  122: "Retrieve Data Before Initialization",
  123: "Retrieve Data After Termination",
  132: "Store Data Before Initialization",
  133: "Store Data After Termination",
  142: "Commit Before Initialization",
  143: "Commit After Termination",
  201: "General Argument Error",
  301: "General Get Failure",
  351: "General Set Failure",
  391: "General Commit Failure",
  401: "Undefined Data Model Element",
  402: "Unimplemented Data Model Element",
  403: "Data Model Element Value Not Initialized",
  404: "Data Model Element Is Read Only",
  405: "Data Model Element Is Write Only",
  406: "Data Model Element Type Mismatch",
  407: "Data Model Element Value Out Of Range",
  408: "Data Model Dependency Not Established",
};

export function createApi({ model, ...hooks }) {
  const api = createSession({ model, names: NAMES, codes: CODES, strings: ERROR_STRINGS, hooks });
  return Object.defineProperty(api, "version", { value: "1.0", enumerable: true });
}
