// A SCORM 1.2 SCO in small: finds the API, initialises, reports on each button, finishes when the page is left.
(() => {
  "use strict";

  function findApi(start) {
    let win = start;
    for (let hops = 0; hops < 50; hops += 1) {
      if (win.API) return win.API;
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
    show("last", `${name}(${args.join(", ")}) = ${answer}, error ${api.LMSGetLastError()}`);
    return answer;
  }

  function set(element, value) {
    return call("LMSSetValue", element, value);
  }

  function commit() {
    show("status", api.LMSGetValue("cmi.core.lesson_status"));
    call("LMSCommit", "");
  }

  function sessionTime() {
    const seconds = (Date.now() - started) / 1000;
    const pad = (number) => String(Math.floor(number)).padStart(2, "0");
    return `${pad(seconds / 3600).padStart(4, "0")}:${pad((seconds / 60) % 60)}:${pad(seconds % 60)}`;
  }

  function finish(exit) {
    if (finished) return;
    finished = true;
    set("cmi.core.exit", exit);
    set("cmi.core.session_time", sessionTime());
    call("LMSFinish", "");
  }

  const actions = {
    complete() { set("cmi.core.lesson_status", "completed"); commit(); },
    pass() { set("cmi.core.lesson_status", "passed"); commit(); },
    fail() { set("cmi.core.lesson_status", "failed"); commit(); },
    score80() {
      set("cmi.core.score.min", "0");
      set("cmi.core.score.max", "100");
      set("cmi.core.score.raw", "80");
      commit();
    },
    answer() {
      const entry = `cmi.interactions.${api.LMSGetValue("cmi.interactions._count")}`;
      set(`${entry}.id`, "capital");
      set(`${entry}.type`, "choice");
      set(`${entry}.correct_responses.0.pattern`, "b");
      set(`${entry}.student_response`, "b");
      set(`${entry}.result`, "correct");
      set(`${entry}.latency`, "00:00:05");
      set("cmi.objectives.0.id", "capitals");
      set("cmi.objectives.0.status", "passed");
      commit();
    },
    bookmark() {
      set("cmi.core.lesson_location", "page-2");
      set("cmi.suspend_data", "seen=1,2");
      commit();
    },
    suspend() { finish("suspend"); },
    finish() { finish(""); },
  };

  window.addEventListener("load", () => {
    show("query", window.location.search);
    if (!api) {
      show("last", "no API found");
      return;
    }
    call("LMSInitialize", "");
    show("entry", api.LMSGetValue("cmi.core.entry"));
    show("location", api.LMSGetValue("cmi.core.lesson_location"));
    show("data", api.LMSGetValue("cmi.suspend_data"));
    show("status", api.LMSGetValue("cmi.core.lesson_status"));
    for (const [id, action] of Object.entries(actions)) document.getElementById(id).addEventListener("click", action);
  });
  window.addEventListener("pagehide", () => { if (api) finish("suspend"); });
})();
