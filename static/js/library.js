// The library in the browser: choosing rows, and how many are chosen. Without it the page works the same.

import { ngettext, number } from "./words.js";

const forms = () => document.querySelectorAll("[data-bulk]");
let last = null; // the box that was ticked last, from which Shift ticks on

function boxes(form) {
  return [...form.querySelectorAll("input[name=course]")];
}

function show(form) {
  const all = boxes(form);
  const ticked = all.filter((box) => box.checked).length;
  const page = form.querySelector("[data-bulk-page]");
  const every = form.querySelector("[data-bulk-all]")?.checked ?? false;
  const count = form.querySelector("[data-bulk-count]");
  const chosen = every ? Number(count.dataset.total) : ticked;
  page.checked = every || (ticked > 0 && ticked === all.length);
  page.indeterminate = !every && ticked > 0 && ticked < all.length;
  count.textContent = chosen ? ngettext("{shown} chosen", "{shown} chosen", chosen, { shown: number(chosen) }) : "";
}

function tickOn(form, box) {
  const all = boxes(form);
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const each of all.slice(from, to + 1)) each.checked = box.checked;
}

function prepare() {
  for (const form of forms()) {
    for (const part of form.querySelectorAll("[data-needs-script]")) part.hidden = false;
    show(form);
  }
  last = null;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("input[name=course]");
  const form = box?.closest("[data-bulk]");
  if (!form) return;
  if (event.shiftKey && last) tickOn(form, box);
  last = box;
  show(form);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-bulk]");
  if (!form) return;
  if (event.target.matches("[data-bulk-page], [data-bulk-all]")) {
    for (const box of boxes(form)) box.checked = event.target.checked;
    const every = form.querySelector("[data-bulk-all]");
    if (every && !event.target.checked) every.checked = false;
  } else if (!event.target.checked && form.querySelector("[data-bulk-all]")) {
    form.querySelector("[data-bulk-all]").checked = false;
  }
  show(form);
});

// One menu of the tools is open at a time, and a click elsewhere or Escape closes it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.pop[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details.pop[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("htmx:afterSwap", prepare);
window.addEventListener("pageshow", prepare); // back from another page: the browser ticks the boxes as they were
prepare();
