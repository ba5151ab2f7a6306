// What every console page does in the browser: theme button, dialogs, copying, focus, the person's time zone.

import { gettext } from "./words.js";

const theme = () => document.documentElement.getAttribute("data-bs-theme");

function showTheme() {
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.setAttribute("aria-pressed", String(theme() === "dark"));
  }
}

function toggleTheme() {
  const next = theme() === "dark" ? "light" : "dark";
  document.documentElement.setAttribute("data-bs-theme", next);
  try {
    localStorage.setItem("theme", next);
  } catch {
    // storage is blocked: the choice lasts until the next page
  }
  document.dispatchEvent(new CustomEvent("themechange", { detail: next }));
}

async function copy(button) {
  const field = document.getElementById(button.dataset.copies);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy"); // no secure origin: the old way still copies the selection
  }
  button.querySelector("span").textContent = gettext("Copied");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-opens], [data-closes], [data-theme-toggle], [data-copies], [data-prints]");
  if (!button) return;
  if (button.dataset.opens) document.getElementById(button.dataset.opens)?.showModal();
  else if ("closes" in button.dataset) button.closest("dialog").close();
  else if (button.dataset.copies) copy(button);
  else if ("prints" in button.dataset) print();
  else toggleTheme();
});

document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement) event.target.close(); // its backdrop
});

function prepare(root) {
  root.querySelector("[data-error-summary]")?.focus();
}

/** Says once in which zone the person is; the page asks for it as long as it is not known. */
function tellZone() {
  const asked = document.querySelector('meta[name="time-zone-url"]');
  if (!asked) return;
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  const body = new URLSearchParams({ time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  fetch(asked.content, { method: "POST", headers: { "X-CSRFToken": token }, body, keepalive: true }).catch(() => {}); // the next page asks again
}

document.addEventListener("themechange", showTheme);
document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));
showTheme();
prepare(document);
tellZone();
