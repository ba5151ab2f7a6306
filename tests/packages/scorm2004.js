// A SCORM 2004 SCO in small: finds the API, initialises, reports on each button, terminates when the page is left.
(() => {
  "use strict";

  function findApi(start) {
    let win = start;
    for (let hops = 0; hops < 50; hops += 1) {
      if (win.API_1484_11) return win.API_1484_11;
      if (!win.parent || win.parent === win) return null;
      win = win.parent;
    }
    return null;
  }

  const api = findApi(window) || (window.opener ? findApi(window.opener) : null);
  const started = Date.now();
  let finished = false;

  const show = (id, text) => { document.getElementById(id).textContent = text; };

  function call(name, ...args) {
    const answer = api[name](...args);
    show("last", `${name}(${args.join(", ")}) = ${answer}, error ${api.GetLastError()}`);
    return answer;
  }

  function set(element, value) {
    return call("SetValue", element, value);
  }

  function commit() {
    show("status", `${api.GetValue("cmi.completion_status")} ${api.GetValue("cmi.success_status")}`);
    call("Commit", "");
  }

  function finish(exit, navigation) {
    if (finished) return;
    finished = true;
    set("cmi.exit", exit);
    set("cmi.session_time", `PT${((Date.now() - started) / 1000).toFixed(2)}S`);
    if (navigation) set("adl.nav.request", navigation);
    call("Terminate", "");
  }

  const actions = {
    complete() { set("cmi.completion_status", "completed"); commit(); },
    pass() { set("cmi.completion_status", "completed"); set("cmi.success_status", "passed"); commit(); },
    fail() { set("cmi.completion_status", "completed"); set("cmi.success_status", "failed"); commit(); },
    score80() {
      set("cmi.score.min", "0");
      set("cmi.score.max", "100");
      set("cmi.score.raw", "80");
      set("cmi.score.scaled", "0.8");
      commit();
    },
    answer() {
      const entry = `cmi.interactions.${api.GetValue("cmi.interactions._count")}`;
      set(`${entry}.id`, "capital");
      set(`${entry}.type`, "choice");
      set(`${entry}.correct_responses.0.pattern`, "b");
      set(`${entry}.learner_response`, "b");
      set(`${entry}.result`, "correct");
      set(`${entry}.latency`, "PT5S");
      set(`${entry}.description`, "Which is the capital?");
      commit();
    },
    bookmark() {
      set("cmi.location", "page-2");
      set("cmi.suspend_data", "seen=1,2");
      set("cmi.progress_measure", "0.5");
      commit();
    },
    suspend() { finish("suspend", "suspendAll"); },
    finish() { finish("", ""); },
    next() { finish("", "continue"); },
  };

  window.addEventListener("load", () => {
    show("query", window.location.search);
    if (!api) {
      show("last", "no API found");
      return;
    }
    call("Initialize", "");
    show("entry", api.GetValue("cmi.entry"));
    show("location", api.GetValue("cmi.location"));
    show("data", api.GetValue("cmi.suspend_data"));
    show("status", `${api.GetValue("cmi.completion_status")} ${api.GetValue("cmi.success_status")}`);
    for (const [id, action] of Object.entries(actions)) {
      document.getElementById(id)?.addEventListener("click", action);
    }
  });
  window.addEventListener("pagehide", () => { if (api) finish("suspend", ""); });
})();
