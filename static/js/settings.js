// The settings page: finds settings by name, id or what they do, and shows only those set here when asked to.

import { gettext, number } from "./words.js";

const tools = document.querySelector("[data-settings-tools]");
const search = document.getElementById("settings-search");
const own = document.getElementById("settings-own");
const found = document.getElementById("settings-found");
const rows = [...document.querySelectorAll("[data-setting]")];
const texts = new Map(rows.map((row) => [row, row.querySelector(".settings-words").textContent.toLowerCase()]));

function matches(row, words) {
  if (own.checked && !row.classList.contains("settings-own")) return false;
  return words.every((word) => texts.get(row).includes(word)) || row.querySelector(".is-invalid") !== null;
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) row.hidden = !matches(row, words);
  for (const group of document.querySelectorAll("[data-settings-group]")) {
    group.hidden = !group.querySelector("[data-setting]:not([hidden])");
  }
  const left = rows.filter((row) => !row.hidden).length;
  const all = left === rows.length;
  const counts = { shown: number(left), total: number(rows.length) };
  if (all) found.textContent = "";
  else if (left) found.textContent = gettext("{shown} of {total} settings", counts);
  else found.textContent = gettext("No setting is like that.");
}

tools.hidden = false;
search.addEventListener("input", filter);
search.addEventListener("keydown", (event) => event.key === "Escape" && (search.value = "") === "" && filter());
own.addEventListener("change", filter);
filter();
