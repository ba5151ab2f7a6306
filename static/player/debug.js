// The debug panel: the content's API calls as they happen. It docks below the content and takes none of its place
// while it is closed.

import { gettext, ngettext } from "../js/words.js";

const MOST_SHOWN = 500;
const OPEN = "player-debug";

export function createDebug({ page, showsTimes = true }) {
  const toggle = page.querySelector("#debug-toggle");
  const panel = page.querySelector("#debug");
  const rows = panel.querySelector("tbody");
  const errorsOnly = panel.querySelector("#debug-errors");
  const filter = panel.querySelector("#debug-filter");
  const count = panel.querySelector("#debug-count");
  const scroller = panel.querySelector(".scroller");
  let calls = 0;
  let errors = 0;

  function show(open) {
    panel.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    if (open) scroller.scrollTop = scroller.scrollHeight;
  }

  function matches(row) {
    if (errorsOnly.checked && !row.classList.contains("wrong")) return false;
    return row.textContent.toLowerCase().includes(filter.value.toLowerCase());
  }

  function refilter() {
    for (const row of rows.children) row.hidden = !matches(row);
  }

  panel.classList.toggle("without-times", !showsTimes);
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    show(panel.hidden);
    sessionStorage.setItem(OPEN, panel.hidden ? "" : "open");
  });
  panel.querySelector("#debug-close").addEventListener("click", () => {
    show(false);
    sessionStorage.removeItem(OPEN);
    toggle.focus();
  });
  errorsOnly.addEventListener("change", refilter);
  filter.addEventListener("input", refilter);
  try {
    show(sessionStorage.getItem(OPEN) === "open");
  } catch {
    show(false);
  }

  return {
    add(entry) {
      const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
      const row = drawCall(entry);
      row.hidden = !matches(row);
      rows.append(row);
      while (rows.children.length > MOST_SHOWN) rows.firstElementChild.remove();
      calls += 1;
      if (row.classList.contains("wrong")) errors += 1;
      count.textContent = `${ngettext("{count} call", "{count} calls", calls)}, ${ngettext("{count} with an error", "{count} with errors", errors)}`;
      if (atEnd && !panel.hidden) scroller.scrollTop = scroller.scrollHeight;
    },
  };
}

function drawCall({ at, activity, method, arguments: given, result, code, diagnostic, warning }) {
  const row = document.createElement("tr");
  const failed = Number(code) !== 0;
  row.classList.toggle("wrong", failed);
  row.classList.toggle("warned", Boolean(warning));
  row.title = activity;
  const call = `${method}(${given.map((argument) => JSON.stringify(argument)).join(", ")})`;
  const remark = [failed ? `${code} ${diagnostic}` : "", warning].filter(Boolean).join(" – ");
  for (const text of [at.slice(11, 23), call, result, remark]) {
    const cell = document.createElement("td");
    cell.textContent = text.length > 400 ? `${text.slice(0, 400)}… ${gettext("({length} characters)", { length: text.length })}` : text;
    row.append(cell);
  }
  return row;
}
