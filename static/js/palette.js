// The command palette (Ctrl+K or Command+K): pages and actions of this page's own links, and what the realm's search
// finds. A combobox with a list below it (ARIA APG): the focus stays in the field, the arrows move the choice.

import { gettext, ngettext } from "./words.js";
import { start } from "./shortcuts.js";

const WAIT = 150; // milliseconds without a key before the server is asked
const MOST = 8; // commands shown of each group

const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

/** Those of the commands that have every word, those that begin with the first word first. */
export function matching(commands, typed) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const found = commands.filter((command) => words.every((word) => plain(`${command.group} ${command.title}`).includes(word)));
  const begins = (command) => (words.length && plain(command.title).startsWith(words[0]) ? 0 : 1);
  return found.map((command, at) => [begins(command), at, command]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((each) => each[2]);
}

/** At most MOST of each group, the groups in the order in which they come first. */
export function grouped(items) {
  const groups = new Map();
  for (const item of items) {
    const held = groups.get(item.group) ?? [];
    if (held.length < MOST) groups.set(item.group, [...held, item]);
  }
  return groups;
}

const words = (element) => element.textContent.replace(/\s+/g, " ").trim();

function commandsOf(page) {
  const group = (name) => page.dialog.dataset[name];
  const links = (selector, name) =>
    [...document.querySelectorAll(selector)].map((link) => ({ group: group(name), title: words(link), url: link.href }));
  return [
    ...links("#menu a.nav-link", "pages"),
    ...[...document.querySelectorAll("#palette-commands a, #palette-commands button")].map((each) => ({
      group: group("actions"),
      title: words(each),
      url: each.href,
      press: each.dataset.press,
    })),
    ...links(".page-header .btn-list a.btn", "here"),
    ...links(".topbar .dropdown-item[href]", "account"),
  ];
}

class Palette {
  constructor(dialog) {
    this.dialog = dialog;
    this.field = dialog.querySelector("[role=combobox]");
    this.list = dialog.querySelector("[role=listbox]");
    this.status = dialog.querySelector("[role=status]");
    this.found = [];
    this.asked = 0;
    this.field.addEventListener("input", () => this.type());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.run(event.target.closest("[role=option]"), event));
    this.list.addEventListener("pointermove", (event) => this.choose(event.target.closest("[role=option]"), false));
    dialog.addEventListener("close", () => clearTimeout(this.timer));
  }

  open() {
    this.commands = commandsOf(this);
    this.field.value = "";
    this.found = [];
    this.asked += 1;
    this.dialog.showModal();
    this.draw();
  }

  type() {
    clearTimeout(this.timer);
    const typed = this.field.value.trim();
    this.asked += 1;
    if (typed.length < 2) {
      this.found = [];
    } else {
      const number = this.asked;
      this.timer = setTimeout(() => this.ask(typed, number), WAIT);
    }
    this.draw();
  }

  async ask(typed, number) {
    const address = `${this.dialog.dataset.find}?q=${encodeURIComponent(typed)}`;
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    const body = answer?.ok ? await answer.json().catch(() => null) : null;
    if (number !== this.asked || !this.dialog.open) return; // something newer was typed
    this.found = body?.found ?? [];
    this.draw(!body);
  }

  draw(isBroken = false) {
    const items = [...matching(this.commands, this.field.value), ...this.found];
    this.list.replaceChildren();
    let at = 0;
    for (const [name, held] of grouped(items)) {
      const group = document.createElement("ul");
      group.setAttribute("role", "group");
      const label = document.createElement("li");
      label.setAttribute("role", "presentation");
      label.className = "palette-group";
      label.id = `palette-group-${at}`;
      label.textContent = name;
      group.setAttribute("aria-labelledby", label.id);
      group.append(label);
      for (const item of held) group.append(this.option(item, at++));
      this.list.append(group);
    }
    this.choose(this.list.querySelector("[role=option]"), false);
    this.status.textContent = isBroken
      ? gettext("The search cannot be reached. Pages and actions still work.")
      : at
        ? ngettext("{count} command", "{count} commands", at)
        : gettext("Nothing is called that.");
  }

  option(item, at) {
    const option = document.createElement("li");
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.id = `palette-option-${at}`;
    option.item = item;
    const title = document.createElement("span");
    title.className = "palette-title";
    title.textContent = item.title;
    option.append(title);
    if (item.note) {
      const note = document.createElement("span");
      note.className = "palette-note";
      note.textContent = item.note;
      option.append(note);
    }
    return option;
  }

  choose(option, scroll = true) {
    if (!option || option === this.chosen) {
      if (!this.list.contains(this.chosen ?? null)) this.chosen = option ?? null;
      if (!option && !this.chosen) this.field.removeAttribute("aria-activedescendant");
      return;
    }
    this.chosen?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    this.field.setAttribute("aria-activedescendant", option.id);
    this.chosen = option;
    if (scroll) option.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const options = [...this.list.querySelectorAll("[role=option]")];
    const at = options.indexOf(this.chosen);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: MOST, PageUp: -MOST };
    if (event.key in steps && options.length) {
      event.preventDefault();
      const step = steps[event.key];
      const next = Math.abs(step) === 1 ? (at + step + options.length) % options.length : at + step;
      this.choose(options[Math.min(options.length - 1, Math.max(0, next))]);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.run(this.chosen, event);
    }
  }

  run(option, event) {
    if (!option?.item) return;
    const { url, press } = option.item;
    if (url && (event.ctrlKey || event.metaKey)) {
      window.open(url, "_blank", "noopener");
      return;
    }
    this.dialog.close();
    if (press) document.querySelector(press)?.click();
    else location.assign(url);
  }
}

const dialog = globalThis.document?.getElementById("palette");
if (dialog) {
  const palette = new Palette(dialog);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else if (!document.querySelector("dialog[open]")) palette.open();
  });
  for (const button of document.querySelectorAll("[data-palette]")) {
    button.hidden = false;
    button.addEventListener("click", () => palette.open());
  }
}
if (globalThis.document) start();
