// What every console page does in the browser: theme button, dialogs, copying, focus, times in the reader's zone.

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
  button.querySelector("span").textContent = "Copied";
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
  for (const time of root.querySelectorAll("time[datetime][title]")) {
    time.title = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
  }
  root.querySelector("[data-error-summary]")?.focus();
}

document.addEventListener("themechange", showTheme);
document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));
showTheme();
prepare(document);
