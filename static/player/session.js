/**
 * The communication session both run-time APIs share (SCORM 2004 4th Ed. RTE 3.1.2, SCORM 1.2 RTE 3.3): its state, the
 * last error, and that no call ever throws into the content or answers anything but a string.
 */

const TEXT_LIMIT = 255;
const WHEN = { not_initialized: "before the session began", running: "again", terminated: "after the session ended" };

/**
 * `names`: the standard's method name by role; `codes`: by role the codes of the states that refuse it, and `argument`,
 * `general`, `initialize`, `commit`, `terminate`; `strings`: error strings by code.
 *
 * Hooks: onInitialize(), onCommit() and onTerminate() -> {ok}, onChange(changed), onCall(entry). onTerminate ending
 * badly leaves the session terminated: what is kept is sent later, and the content is gone.
 */
export function createSession({ model, names, codes, strings, hooks }) {
  let state = "not_initialized";
  let last = { code: 0, diagnostic: "" };

  const fail = (code, diagnostic) => ({ result: "false", code, diagnostic });
  const done = (more = {}) => ({ result: "true", code: 0, diagnostic: "", ...more });

  /** Why the state does not allow the call; null when it does. */
  function refusal(role) {
    const code = codes.states[role][state];
    if (code === undefined) return null;
    return fail(code, `${names[role]} was called ${WHEN[state]}.`);
  }

  function withoutArgument(role, argument, work) {
    if (argument !== "") {
      return fail(codes.argument, `${names[role]} takes an empty string, not "${argument.slice(0, 60)}".`);
    }
    return refusal(role) ?? work();
  }

  /** What the hook says, or failure where it throws: the content must not see it. */
  function ask(hook) {
    try {
      return hook?.()?.ok !== false;
    } catch {
      return false;
    }
  }

  const roles = {
    initialize: (argument) =>
      withoutArgument("initialize", argument, () => {
        if (!ask(hooks.onInitialize)) return fail(codes.initialize, "The session could not be started.");
        state = "running";
        return done();
      }),
    terminate: (argument) =>
      withoutArgument("terminate", argument, () => {
        state = "terminated";
        return ask(hooks.onTerminate) ? done() : fail(codes.terminate, "What was reported could not be stored.");
      }),
    commit: (argument) =>
      withoutArgument("commit", argument, () =>
        ask(hooks.onCommit) ? done() : fail(codes.commit, "What was reported could not be stored."),
      ),
    getValue: (element) => {
      const refused = refusal("getValue");
      if (refused) return { ...refused, result: "" };
      const { value, code, diagnostic } = model.get(element);
      return { result: value, code, diagnostic };
    },
    setValue: (element, value) => {
      const refused = refusal("setValue");
      if (refused) return refused;
      const { code, diagnostic, warning, changed } = model.set(element, value);
      if (changed) hooks.onChange?.(changed);
      return code === 0 ? done({ warning }) : fail(code, diagnostic);
    },
    getLastError: () => ({ result: String(last.code) }),
    getErrorString: (code) => ({ result: stringOf(code) }),
    getDiagnostic: (code) => {
      const ofLast = code === "" || code === String(last.code);
      return { result: ((ofLast && last.diagnostic) || stringOf(ofLast ? last.code : code)).slice(0, TEXT_LIMIT) };
    },
  };

  const stringOf = (code) => (Object.hasOwn(strings, code) ? strings[code] : "");

  function call(role, given) {
    let words = [];
    let answer;
    try {
      words = given.map(asText);
      answer = roles[role](...pad(words, roles[role].length));
    } catch (error) {
      const result = role.startsWith("get") ? "" : "false";
      answer = { result, code: codes.general, diagnostic: error?.message ?? "An unknown exception." };
    }
    if (answer.code !== undefined) last = { code: answer.code, diagnostic: answer.diagnostic };
    log(role, words, answer);
    return answer.result;
  }

  function log(role, words, { result, warning = "", diagnostic = "" }) {
    const element = role === "getValue" || role === "setValue" ? (words[0] ?? "") : "";
    try {
      hooks.onCall?.({
        method: names[role],
        arguments: words,
        result,
        code: last.code,
        diagnostic,
        warning,
        at: new Date().toISOString(),
        element,
      });
    } catch {
      // a log that cannot be kept is no failure of the call
    }
  }

  const api = {};
  for (const [role, name] of Object.entries(names)) api[name] = (...given) => call(role, given);
  return Object.defineProperty(api, "state", { get: () => state, enumerable: true });
}

/** Content often leaves arguments out or passes null for "". */
function asText(value) {
  return value === undefined || value === null ? "" : String(value);
}

function pad(words, length) {
  return [...words, ...Array(Math.max(0, length - words.length)).fill("")];
}
