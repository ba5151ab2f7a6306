// The menu of activities and the player's controls, drawn from what the server says is possible.

import { gettext } from "../js/words.js";
import { icon } from "./icons.js";

const STATUS_WORDS = {
  passed: gettext("Passed"),
  failed: gettext("Failed"),
  completed: gettext("Completed"),
  incomplete: gettext("Begun"),
  unknown: gettext("Not begun"),
};
const ALWAYS_THERE = new Set(["exitAll", "suspendAll"]);

/** Success says more than completion, so it goes first. */
export function statusOf({ completion, success }) {
  if (success !== "unknown") return success;
  return completion;
}

/** The signs of an item, as PlayerStatusDisplayPreference has it. */
export function signsOf(item, preference = "COMBINED") {
  const success = item.success === "unknown" ? [] : [item.success];
  if (preference === "NONE") return [];
  if (preference === "SUCCESS_ONLY") return success;
  if (preference === "COMPLETION_ONLY") return [item.completion];
  if (preference === "SEPARATE") return [item.completion, ...success];
  return [statusOf(item)];
}

/** What a control is in a launch: hidden, disabled or enabled. */
export function controlState(launch, name) {
  if (launch.hidden.includes(name)) return "hidden";
  const valid = launch.valid[name];
  if (valid === undefined) return ALWAYS_THERE.has(name) ? "enabled" : "hidden";
  return valid ? "enabled" : "disabled";
}

/** Whether the course is one activity with nowhere to go: then there is no menu and no Previous or Continue. */
export function isSingle(launch) {
  const leaves = launch.menu.filter((item) => item.launchable);
  return leaves.length < 2 && launch.menu.length <= 2 && !launch.valid.continue && !launch.valid.previous;
}

/** `ask(name, target)` makes a navigation request; `explain(item)` hears of a click on what cannot be chosen. */
export function createMenu({ page, ask, explain, status = "COMBINED" }) {
  const list = page.querySelector("#menu > ul");
  const controls = [...page.querySelectorAll("[data-request]")];
  let shown = [];
  let single = true; // until a launch shows more than one activity

  for (const control of controls) {
    control.addEventListener("click", () => {
      page.querySelector("#more").hidePopover?.();
      ask(control.dataset.request);
    });
  }
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[data-activity]");
    if (!item) return;
    const closed = shown.find(({ identifier, enabled }) => identifier === item.dataset.activity && !enabled);
    if (closed) explain?.(closed);
    else if (item.getAttribute("aria-disabled") !== "true") ask("choice", item.dataset.activity);
  });

  function drawControls(launch, busy) {
    for (const control of controls) {
      const state = controlState(launch, control.dataset.request);
      control.hidden = state === "hidden";
      control.disabled = busy || state !== "enabled";
    }
    const more = [...page.querySelectorAll("#more [data-request]")];
    page.querySelector("[data-request-menu]").hidden = more.every((control) => control.hidden);
  }

  function drawMenu(launch, busy) {
    const focused = document.activeElement?.dataset?.activity;
    list.replaceChildren(...nest(launch.menu, (item) => line(item, busy, status)));
    list.querySelector(`[data-activity="${CSS.escape(focused ?? "")}"]`)?.focus();
    list.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }

  return {
    draw(launch, { busy = false } = {}) {
      shown = launch.menu;
      single &&= isSingle(launch);
      page.body.classList.toggle("single", single);
      drawControls(launch, busy);
      drawMenu(launch, busy);
    },
  };
}

/** A flat list with depths as nested list items. */
function nest(items, draw) {
  const top = document.createElement("ul");
  const open = [{ depth: -1, list: top }];
  for (const item of items) {
    while (open.length > 1 && open.at(-1).depth >= item.depth) open.pop();
    const entry = document.createElement("li");
    entry.append(draw(item));
    open.at(-1).list.append(entry);
    open.push({ depth: item.depth, list: belowOf(entry) });
  }
  for (const empty of [...top.querySelectorAll("ul:empty")].reverse()) empty.remove();
  return [...top.children];
}

function belowOf(entry) {
  const list = document.createElement("ul");
  entry.append(list);
  return list;
}

function line(item, busy, preference) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.activity = item.identifier;
  button.className = item.launchable ? "item" : "item cluster";
  if (!item.enabled || busy) button.setAttribute("aria-disabled", "true");
  if (item.current) button.setAttribute("aria-current", "true");
  if (!item.enabled && item.why_not) button.title = gettext(item.why_not);
  const signs = signsOf(item, preference);
  const title = document.createElement("span");
  title.className = "title";
  title.textContent = item.title || item.identifier;
  button.append(...signs.map(icon), title, hiddenText(spoken(item, signs)));
  return button;
}

function spoken(item, signs) {
  return [...signs.map((sign) => STATUS_WORDS[sign]), item.enabled ? "" : gettext(item.why_not)].filter(Boolean).join(". ");
}

function hiddenText(text) {
  const span = document.createElement("span");
  span.className = "for-ears";
  span.textContent = text;
  return span;
}
