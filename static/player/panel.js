// What the player tells the learner: a line above the content, or a page in its place.

import { gettext, number } from "../js/words.js";

const COMPLETION = { completed: gettext("Completed"), incomplete: gettext("Not completed yet"), unknown: gettext("Not begun") };
const SUCCESS = { passed: gettext("Passed"), failed: gettext("Failed") };
const ENDINGS = {
  suspended: [gettext("Saved"), gettext("You can go on where you left off.")],
  exited: [gettext("You have left the course"), gettext("Your results are saved.")],
  abandoned: [gettext("You have left the course"), gettext("This visit was not saved.")],
  blocked: [gettext("The course ends here"), gettext("There is nothing further to show.")],
};
const BACK_AFTER = 4000;

/** `exitUrl`: where leaving leads, "" when nowhere; `close()` where leaving closes the window. */
export function createPanel({ page, exitUrl, close = null }) {
  const line = page.getElementById("message");
  const words = line.querySelector("[data-message]");
  const panel = page.getElementById("panel");
  line.querySelector("button").addEventListener("click", () => tell(""));

  function tell(text) {
    line.querySelector("[data-asks]")?.remove();
    words.textContent = text ?? "";
    line.hidden = !text;
  }

  /** A question in the line above the content, with a button for yes; closing the line is no. */
  function ask({ question, label, act }) {
    tell(question);
    const yes = button(label, () => { tell(""); act(); }, "primary");
    yes.dataset.asks = "";
    words.after(yes);
    yes.focus();
  }

  function clear() {
    panel.hidden = true;
    panel.replaceChildren();
    line.prepend(words);
    tell("");
  }

  function show({ heading, message, action, more = [] }) {
    const title = page.createElement("h1");
    title.textContent = heading;
    title.tabIndex = -1;
    tell("");
    words.textContent = message;
    panel.replaceChildren(title, words, ...more, buttons(action));
    panel.hidden = false;
    title.focus();
  }

  function buttons(action) {
    const row = page.createElement("p");
    row.className = "actions";
    if (close) row.append(button(gettext("Close the window"), close, "primary"));
    else if (exitUrl) {
      const back = page.createElement("a");
      back.href = exitUrl;
      back.className = "button primary";
      back.textContent = gettext("Back to the course");
      row.append(back);
    }
    if (action) row.append(button(action.label, action.act, exitUrl || close ? "" : "primary"));
    return row;
  }

  function button(label, act, kind) {
    const made = page.createElement("button");
    made.type = "button";
    made.className = kind;
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }

  /** The session is over: how, with what result, and where to go; by itself back to where the learner came from. */
  function showEnd({ ended, message, outcome }) {
    const [heading, otherwise] = ENDINGS[ended] ?? ENDINGS.blocked;
    const label = ended === "suspended" ? gettext("Go on") : gettext("Start again");
    show({ heading, message: gettext(message) || otherwise, action: { label, act: () => location.reload() }, more: [result(outcome)] });
    if ((exitUrl || close) && ended !== "blocked") goBackSoon();
  }

  function result({ completion, success, score, seconds }) {
    const list = page.createElement("dl");
    const facts = [[gettext("Completion"), COMPLETION[completion]]];
    if (SUCCESS[success]) facts.push([gettext("Result"), SUCCESS[success]]);
    if (score !== null) facts.push([gettext("Score"), gettext("{percent} %", { percent: number(Math.round(score * 1000) / 10) })]);
    if (seconds >= 1) facts.push([gettext("Time"), duration(seconds)]);
    for (const [name, value] of facts) {
      const entry = page.createElement("div");
      entry.append(cell("dt", name), cell("dd", value));
      list.append(entry);
    }
    return list;
  }

  function cell(kind, text) {
    const made = page.createElement(kind);
    made.textContent = text;
    return made;
  }

  function goBackSoon() {
    const timer = setTimeout(() => (close ? close() : location.assign(exitUrl)), BACK_AFTER);
    const note = page.createElement("p");
    note.className = "quiet";
    note.append(gettext("You are taken back in a moment."), " ");
    note.append(button(gettext("Stay here"), () => { clearTimeout(timer); note.remove(); }, "link"));
    panel.append(note);
  }

  return { tell, ask, clear, show, showEnd };
}

function duration(seconds) {
  const whole = Math.round(seconds);
  const parts = [[Math.floor(whole / 3600), gettext("h")], [Math.floor((whole % 3600) / 60), gettext("min")], [whole % 60, gettext("s")]];
  return parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(" ") || `0 ${gettext("s")}`;
}
