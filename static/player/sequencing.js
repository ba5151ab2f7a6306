// The sequencing debugger beside the sandbox player: the tracked tree, shared objectives and data, the requests so far
// and how each was decided. The server decides and words everything; here it is drawn, as text alone.

import { gettext, ngettext, number as inWords } from "../js/words.js";

const OPEN = "player-sequencing";
const CALM = 250; // milliseconds: what the player draws in one go is asked for once

/** `get(url)` -> promise of {status, body}. */
export function createSequencing({ page, url, get }) {
  const toggle = page.querySelector("#sequencing-toggle");
  const panel = page.querySelector("#sequencing");
  const place = panel.querySelector("#sequencing-parts");
  const note = panel.querySelector("#sequencing-note");
  const folds = new Map(); // what a person folded or unfolded, by name
  let wanted = { activity: "", request: "", page: "" }; // what is empty follows the player
  let seen = "";
  let asking = false;
  let again = false;
  let timer = null;
  let explained = ""; // activity whose explanation is to come into sight

  function show(open) {
    panel.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    try {
      sessionStorage.setItem(OPEN, open ? "open" : "");
    } catch {
      // storage is blocked: it stays open until the page goes
    }
    if (open) load();
  }

  async function load() {
    clearTimeout(timer);
    if (panel.hidden) return;
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    again = false;
    const { status, body } = await get(`${url}?${new URLSearchParams({ ...wanted, seen })}`);
    asking = false;
    if (again) return load();
    note.textContent = status === 200 || status === 204 ? "" : (body.message ?? gettext("The server cannot be reached."));
    if (status !== 200) return;
    seen = body.marker;
    draw(body);
  }

  function draw(told) {
    const focused = page.activeElement?.dataset?.key;
    place.replaceChildren(...parts(told, isOpen));
    if (focused) place.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    if (explained !== told.activity.identifier) return;
    explained = "";
    const part = place.querySelector('[data-fold="part activity"]');
    place.scrollTop = part.offsetTop; // not scrollIntoView: the page itself must stay where it is
    part.querySelector("summary").focus({ preventScroll: true });
  }

  const isOpen = (name, byDefault) => folds.get(name) ?? byDefault;

  function choose(change) {
    wanted = { ...wanted, ...change };
    return load();
  }

  /** Shows why an activity cannot be chosen. */
  function explain(activity) {
    folds.set("part activity", true);
    explained = activity;
    wanted = { ...wanted, activity, page: "" };
    show(true);
  }

  place.addEventListener("click", (event) => {
    const line = event.target.closest("summary");
    if (line) folds.set(line.parentElement.dataset.fold, !line.parentElement.open); // it turns over after the click
    const button = event.target.closest("button");
    if (!button) return;
    const { why, look, request, tree } = button.dataset;
    if (why) explain(why);
    else if (look) choose({ activity: look, page: "" });
    else if (request !== undefined) choose({ request });
    else if (tree) choose({ page: tree });
  });
  panel.addEventListener("keydown", (event) => event.key === "Escape" && close());
  toggle.hidden = false;
  toggle.addEventListener("click", () => show(panel.hidden));
  panel.querySelector("#sequencing-close").addEventListener("click", close);

  function close() {
    show(false);
    toggle.focus();
  }

  try {
    if (sessionStorage.getItem(OPEN) === "open") show(true);
  } catch {
    // stays closed
  }

  return {
    explain,

    /** The player has drawn something new. */
    refresh() {
      clearTimeout(timer);
      if (!panel.hidden) timer = setTimeout(load, CALM);
    },
  };
}

// --- parts ------------------------------------------------------------------------------------------------------------

function parts(told, isOpen) {
  const part = (name, title, count, ...content) =>
    fold(`part ${name}`, isOpen(`part ${name}`, true), "part", [text("h3", title), text("span", count, "quiet")], content);
  const decided = told.told ? decision(told, isOpen) : [text("p", gettext("Nothing has been requested yet."), "quiet")];
  return [
    facts([[gettext("Current activity"), told.current || gettext("none")], [gettext("Suspended activity"), told.suspended || gettext("none")], [gettext("Session"), told.ended || gettext("open")]]),
    part("requests", gettext("Requests"), gettext("newest first"), requests(told)),
    part("decided", gettext("How it was decided"), "", ...decided),
    part("tree", gettext("Activity tree"), ngettext("{count} activity", "{count} activities", told.activities), tree(told), pages(told)),
    part("activity", told.activity.title, told.activity.identifier, ...activity(told, isOpen)),
    ...(told.sequenced ? [part("objectives", gettext("Global objectives"), String(told.shared_objectives.length), ...objectives(told)), part("stores", gettext("Data stores"), "adl.data", ...stores(told))] : []),
  ];
}

function requests({ requests: made, told }) {
  const list = element("ol", "requests");
  for (const each of made) {
    const button = text("button", each.words, "link");
    button.type = "button";
    button.dataset.request = button.dataset.key = String(each.number);
    if (each.number === told.number) button.setAttribute("aria-current", "true");
    const line = element("li", each.refused ? "is-refused" : "", button);
    line.append(text("small", [`${each.at.slice(11, 19)} UTC`, each.left ? gettext("from {place}", { place: each.left }) : ""].filter(Boolean).join(" · "), "quiet"));
    list.append(line);
  }
  return list;
}

function decision({ told, requests: made, sequenced }, isOpen) {
  const found = [text("p", told.words, told.refused ? "is-refused" : "")];
  if (made[0].number !== told.number) {
    const button = text("button", gettext("Follow the latest request"), "link");
    button.type = "button";
    button.dataset.request = "";
    found.push(button);
  }
  if (told.steps.length) found.push(trace(told.steps, `request ${told.number}`, isOpen));
  else found.push(text("p", sequenced ? gettext("No step of this request is kept.") : gettext("This standard has no sequencing: prerequisites alone decide what can be opened."), "quiet"));
  return found;
}

/** A flat list of steps, each saying what opens and how many lists end after it, as nested lists. */
function trace(steps, of, isOpen) {
  const top = element("ul", "trace");
  const open = [top];
  for (const step of steps) {
    const words = [text("code", step.number), text("span", step.name), text("span", step.about, "quiet"), text("strong", step.exception)];
    words.push(text("span", step.exception || !step.result ? "" : `→ ${step.result}`, "came-to"));
    const line = words.filter((each) => each.textContent).flatMap((each) => [each, " "]);
    const entry = element("li", step.exception ? "is-refused" : "");
    open.at(-1).append(entry);
    if (step.opens) {
      const below = element("ul");
      entry.append(fold(`${of} ${step.place}`, isOpen(`${of} ${step.place}`, step.is_open), "", line, [below]));
      open.push(below);
    } else {
      entry.append(...line);
    }
    open.length -= step.closes;
  }
  return top;
}

function tree(told) {
  const heads = [gettext("Activity"), gettext("Attempts"), gettext("Completed"), gettext("Satisfied"), gettext("Measure")];
  return table(gettext("Activities with what is tracked of each"), heads, told.tree.map((line) => [named(line), ...tracked(line)]));
}

function named(line) {
  const button = text("button", line.title, "link");
  button.type = "button";
  button.dataset.look = line.identifier;
  button.dataset.key = `activity ${line.identifier}`;
  const cell = element("span", `depth depth-${Math.min(line.depth, 8)}`, button);
  const standing = line.tracked ?? {};
  const signs = [[line.current, gettext("current")], [standing.active && !line.current, gettext("active")], [standing.suspended, gettext("suspended")], [standing.left_out, gettext("not selected")], [!line.listed, gettext("not in the menu")]];
  for (const [holds, sign] of signs) if (holds) cell.append(" ", text("span", sign, "badge"));
  if (!line.why_not) return cell;
  const why = text("button", gettext("Why can't I choose this?"), "link why");
  why.type = "button";
  why.title = line.why_not;
  why.dataset.why = line.identifier;
  why.dataset.key = `why ${line.identifier}`;
  why.setAttribute("aria-label", gettext("Why can't I choose {title}?", { title: line.title }));
  cell.append(" ", why);
  return cell;
}

const yes = (value) => (value === null ? "–" : value ? gettext("yes") : gettext("no"));
const number = (value) => (value === null ? "–" : inWords(Number(value.toFixed(4)), { maximumFractionDigits: 4 }));

function tracked({ tracked: standing, outcome }) {
  if (standing) return [String(standing.attempts), yes(standing.completed), yes(standing.satisfied), number(standing.measure)];
  return [String(outcome.attempts), outcome.completion, outcome.success, number(outcome.score)];
}

function pages({ page, pages: last }) {
  const turns = element("p", "actions");
  for (const [words, to] of [[gettext("Earlier activities"), page - 1], [gettext("Further activities"), page + 1]]) {
    if (to < 1 || to > last) continue;
    const button = text("button", words);
    button.type = "button";
    button.dataset.tree = button.dataset.key = String(to);
    turns.append(button);
  }
  turns.hidden = !turns.children.length;
  return turns;
}

function activity({ activity: chosen }, isOpen) {
  const found = [];
  if (chosen.why_not_words) {
    found.push(text("h4", gettext("Why can't I choose this?")));
    found.push(text("p", [chosen.why_not, chosen.why_not_words].filter(Boolean).join(": "), "is-refused"));
    if (chosen.why_not_steps.length) found.push(trace(chosen.why_not_steps, `why ${chosen.identifier}`, isOpen));
  } else if (chosen.open) {
    found.push(text("p", gettext("It can be chosen now."), "quiet"));
  }
  if (chosen.prerequisites) found.push(text("h4", gettext("Prerequisites")), element("p", "", text("code", chosen.prerequisites)));
  if (chosen.definition.length) found.push(text("h4", gettext("Definition")), facts(chosen.definition.map(([name, lines]) => [name, lines.join("; ")])));
  if (chosen.objectives.length) found.push(text("h4", gettext("Objectives")), ...chosen.objectives.flatMap(objective));
  if (chosen.tracking.length) found.push(text("h4", gettext("Tracking")), facts(chosen.tracking));
  return found;
}

function objective({ identifier, primary, counts, local, maps }) {
  const rows = [[primary ? gettext("counts (primary)") : gettext("counts"), known(counts)], [gettext("local"), known(local)]];
  for (const { target, reads, writes } of maps) {
    rows.push([target, [reads.length ? gettext("reads {values}", { values: reads.join(", ") }) : "", writes.length ? gettext("writes {values}", { values: writes.join(", ") }) : ""].filter(Boolean).join("; ")]);
  }
  return [text("strong", identifier || gettext("without a name")), facts(rows)];
}

const known = (values) => values.map(([name, value]) => `${name} ${value}`).join(", ") || gettext("nothing known");
const lasting = ({ scope }) => (scope === "system" ? gettext("the learner, in every course") : gettext("this attempt on the course"));

function objectives({ shared_objectives: shared }) {
  if (!shared.length) return [text("p", gettext("This course shares no objectives."), "quiet")];
  return [table(gettext("Shared global objectives"), [gettext("Objective"), gettext("Lasts for"), gettext("Values")], shared.map((each) => [text("span", each.identifier), lasting(each), known(each.values)]))];
}

function stores({ data_stores: held }) {
  if (!held.length) return [text("p", gettext("This course has no data stores."), "quiet")];
  return [table(gettext("Data stores"), [gettext("Store"), gettext("Lasts for"), gettext("Value")], held.map((each) => [text("span", each.identifier), lasting(each), each.value === null ? gettext("nothing written") : each.value.slice(0, 2000)]))];
}

// --- elements ---------------------------------------------------------------------------------------------------------

function element(name, className = "", ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

function text(name, words, className = "") {
  const made = element(name, className);
  made.textContent = words;
  return made;
}

function fold(name, open, className, line, content) {
  const made = element("details", className, element("summary", "", ...line), ...content);
  made.dataset.fold = name;
  made.querySelector("summary").dataset.key = `fold ${name}`;
  made.open = open;
  return made;
}

function facts(rows) {
  const list = element("dl", "facts");
  for (const [name, value] of rows) list.append(text("dt", name), text("dd", value));
  return list;
}

/** Rows begin with an element, which heads the row; what follows is text. */
function table(caption, heads, rows) {
  const head = element("tr");
  for (const each of heads) {
    const cell = text("th", each);
    cell.scope = "col";
    head.append(cell);
  }
  const body = element("tbody");
  for (const [first, ...others] of rows) {
    const cell = element("th", "", first);
    cell.scope = "row";
    body.append(element("tr", "", cell, ...others.map((each) => text("td", each))));
  }
  const made = element("table", "", text("caption", caption, "for-ears"), element("thead", "", head), body);
  const scroller = element("div", "wide", made);
  scroller.tabIndex = 0;
  scroller.setAttribute("role", "region");
  scroller.setAttribute("aria-label", caption);
  return scroller;
}
