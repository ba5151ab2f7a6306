// Single keys on lists: j and k go from row to row, x ticks, / searches, ? tells them. They do nothing while somebody
// writes, while a dialog is open, or once they are switched off (WCAG 2.1.4). Enter needs no help: rows are links.

const KEPT = "shortcuts"; // in localStorage: "off" where the person switched them off

export function areOn() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // storage is blocked
  }
}

export function switchTo(on) {
  try {
    if (on) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, "off");
  } catch {
    // the choice lasts until the next page
  }
}

const TAKES_KEYS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=listbox], [role=menu]";

/** Whether a key pressed here is meant for something else. */
export function isBusy(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return true;
  return Boolean(event.target.closest?.(TAKES_KEYS)) || document.querySelector("dialog[open]") !== null;
}

/** The row to go to: `step` rows from the one that has the focus, and the first where none has. */
export function following(rows, current, step) {
  if (!rows.length) return null;
  if (current < 0) return rows[step > 0 ? 0 : rows.length - 1];
  return rows[Math.min(rows.length - 1, Math.max(0, current + step))];
}

function rowOf(element) {
  return element?.closest?.("tr, li")?.querySelector("[data-row]") ?? null;
}

function go(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const row = following(rows, rows.indexOf(rowOf(document.activeElement)), step);
  row?.focus();
  row?.closest("tr, li")?.scrollIntoView({ block: "nearest" });
  return Boolean(row);
}

function tick() {
  const box = rowOf(document.activeElement)?.closest("tr, li").querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

function search() {
  const field = document.getElementById("filter-words") ?? document.querySelector("main input[type=search], .topbar-search input");
  if (!field?.checkVisibility()) return false;
  field.focus();
  field.select();
  return true;
}

function tell() {
  const dialog = document.getElementById("shortcuts");
  dialog?.showModal();
  return Boolean(dialog);
}

const KEYS = { j: () => go(1), k: () => go(-1), x: tick, "/": search, "?": tell };

export function start() {
  const choice = document.querySelector("[data-shortcuts-on]");
  if (choice) {
    choice.checked = areOn();
    choice.addEventListener("change", () => switchTo(choice.checked));
  }
  document.addEventListener("keydown", (event) => {
    if (!areOn() || isBusy(event) || !Object.hasOwn(KEYS, event.key)) return;
    if (KEYS[event.key]()) event.preventDefault();
  });
}
