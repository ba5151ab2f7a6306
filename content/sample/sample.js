// The two activities of the sample course: a lesson that remembers its page, and a quiz that reports its answers.
(() => {
  "use strict";

  function findApi(from) {
    for (let win = from, hops = 0; win && hops < 20; hops += 1) {
      if (win.API) return win.API;
      if (win.parent === win) return null;
      win = win.parent;
    }
    return null;
  }

  const api = findApi(window) || (window.opener && findApi(window.opener));
  const began = Date.now();
  let ended = false;
  const get = (element) => (api ? api.LMSGetValue(element) : "");
  const set = (element, value) => api && api.LMSSetValue(element, String(value));
  const save = () => api && api.LMSCommit("");

  function time() {
    const seconds = Math.round((Date.now() - began) / 1000);
    const two = (number) => String(number).padStart(2, "0");
    return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  }

  function end() {
    if (ended || !api) return;
    ended = true;
    set("cmi.core.session_time", time());
    api.LMSFinish("");
  }

  function lesson() {
    const pages = [...document.querySelectorAll("section")];
    const back = document.getElementById("back");
    const on = document.getElementById("on");
    let shown = Math.min(Math.max(0, Number.parseInt(get("cmi.core.lesson_location"), 10) || 0), pages.length - 1);

    function show(next) {
      shown = next;
      pages.forEach((page, index) => { page.hidden = index !== shown; });
      back.disabled = shown === 0;
      on.disabled = shown === pages.length - 1;
      document.getElementById("place").textContent = `Page ${shown + 1} of ${pages.length}`;
      set("cmi.core.lesson_location", shown);
      if (on.disabled) set("cmi.core.lesson_status", "completed");
      else if (get("cmi.core.lesson_status") !== "completed") set("cmi.core.lesson_status", "incomplete");
      save();
    }

    back.addEventListener("click", () => show(shown - 1));
    on.addEventListener("click", () => show(shown + 1));
    show(shown);
  }

  function quiz() {
    const questions = [...document.querySelectorAll("fieldset")];

    function answer(question, index) {
      const chosen = question.querySelector("input:checked");
      const isRight = Boolean(chosen) && chosen.value === question.dataset.right;
      const place = `cmi.interactions.${index}`;
      set(`${place}.id`, `question-${index + 1}`);
      set(`${place}.type`, "choice");
      if (chosen) set(`${place}.student_response`, chosen.value);
      set(`${place}.correct_responses.0.pattern`, question.dataset.right);
      set(`${place}.result`, isRight ? "correct" : "wrong");
      return isRight;
    }

    document.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const right = questions.map(answer).filter(Boolean).length;
      const score = Math.round((right * 100) / questions.length);
      set("cmi.core.score.min", 0);
      set("cmi.core.score.max", 100);
      set("cmi.core.score.raw", score);
      set("cmi.core.lesson_status", score >= 60 ? "passed" : "failed");
      save();
      document.getElementById("result").textContent = `${right} of ${questions.length} are right: ${score} %.`;
    });
    if (get("cmi.core.lesson_status") === "not attempted") set("cmi.core.lesson_status", "incomplete");
    save();
  }

  if (api) api.LMSInitialize("");
  if ("lesson" in document.body.dataset) lesson();
  else quiz();
  addEventListener("pagehide", end);
})();
