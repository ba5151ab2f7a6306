// A PDF, a page at a time, drawn by pdf.js.

import { gettext } from "../../js/words.js";
import { add, readIntervals, share } from "./coverage.js";
import { showFramed } from "./framed.js";

const READ = 700; // milliseconds a page is shown before it counts as seen
const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];

function button(controls, text, label, onClick) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-label", label);
  made.title = label;
  made.addEventListener("click", onClick);
  controls.append(made);
  return made;
}

async function open(config) {
  const pdfjs = await import(config.library.main);
  pdfjs.GlobalWorkerOptions.workerSrc = config.library.worker;
  const task = pdfjs.getDocument({
    url: config.source,
    cMapUrl: `${config.library.folder}/cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${config.library.folder}/standard_fonts/`,
    wasmUrl: `${config.library.folder}/`,
    isEvalSupported: false,
    enableXfa: false,
  });
  task.onPassword = (again, reason) => {
    const word = window.prompt(reason === 2 ? gettext("That was not the password. Try again.") : gettext("This document has a password."));
    if (word === null) task.destroy();
    else again(word);
  };
  return { pdfjs, pdf: await task.promise };
}

export async function showDocument({ config, stage, controls, tracker, kept }) {
  let opened;
  try {
    opened = await open(config);
  } catch {
    return showFramed({ config, stage, controls, tracker }); // its site lets no script read it: the browser shows it
  }
  const { pdfjs, pdf } = opened;
  const pages = pdf.numPages;
  let seen = readIntervals(kept.seen); // page n is the interval from n - 1 to n
  let number = Math.min(Math.max(1, Math.trunc(kept.page) || 1), pages);
  let zoom = 1;
  let drawing = null;
  let drawn = 0;
  let timer = null;

  const sheet = document.createElement("div");
  sheet.className = "sheet";
  sheet.tabIndex = 0;
  sheet.setAttribute("role", "region");
  stage.append(sheet);

  const previous = button(controls, "‹", gettext("Previous page"), () => go(number - 1));
  const place = document.createElement("input");
  Object.assign(place, { type: "text", inputMode: "numeric", className: "place" });
  place.setAttribute("aria-label", gettext("Page, of {pages}", { pages }));
  place.addEventListener("change", () => go(Number.parseInt(place.value, 10) || number));
  const of = document.createElement("span");
  of.className = "of";
  of.textContent = gettext("of {pages}", { pages });
  controls.append(place, of);
  const next = button(controls, "›", gettext("Next page"), () => go(number + 1));
  const smaller = button(controls, "−", gettext("Smaller"), () => scale(-1));
  const larger = button(controls, "+", gettext("Larger"), () => scale(1));

  function scale(step) {
    const at = ZOOMS.indexOf(zoom) + step;
    if (at < 0 || at >= ZOOMS.length) return;
    zoom = ZOOMS[at];
    draw();
  }

  function go(wanted) {
    const to = Math.min(Math.max(1, wanted), pages);
    const isNew = to !== number;
    number = to;
    place.value = String(number);
    if (isNew) draw();
  }

  async function draw() {
    const mine = ++drawn;
    clearTimeout(timer);
    drawing?.cancel();
    delete sheet.dataset.read;
    place.value = String(number);
    previous.disabled = number === 1;
    next.disabled = number === pages;
    smaller.disabled = zoom === ZOOMS[0];
    larger.disabled = zoom === ZOOMS.at(-1);
    sheet.setAttribute("aria-label", gettext("Page {number} of {pages}", { number, pages }));
    const page = await pdf.getPage(number);
    if (mine !== drawn) return;
    const natural = page.getViewport({ scale: 1 });
    const room = Math.max(200, sheet.clientWidth - 24);
    const viewport = page.getViewport({ scale: Math.min(room / natural.width, 1.6) * zoom });
    const sharp = Math.min(window.devicePixelRatio || 1, 2, Math.sqrt(16e6 / (viewport.width * viewport.height)));
    const canvas = document.createElement("canvas");
    canvas.width = Math.floor(viewport.width * sharp);
    canvas.height = Math.floor(viewport.height * sharp);
    canvas.style.width = `${viewport.width}px`;
    canvas.setAttribute("aria-hidden", "true");
    drawing = page.render({ canvas, viewport, transform: sharp === 1 ? null : [sharp, 0, 0, sharp, 0, 0] });
    try {
      await drawing.promise;
    } catch {
      return; // another page was asked for
    }
    if (mine !== drawn) return;
    const text = document.createElement("div");
    text.className = "text";
    const paper = document.createElement("div");
    paper.className = "paper";
    paper.style.setProperty("--total-scale-factor", String(viewport.scale));
    paper.style.setProperty("--scale-factor", String(viewport.scale));
    paper.append(canvas, text);
    sheet.replaceChildren(paper);
    sheet.scrollTop = 0;
    await new pdfjs.TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).render().catch(() => {});
    if (mine === drawn) timer = setTimeout(read, READ);
  }

  function read() {
    if (document.hidden) {
      timer = setTimeout(read, READ);
      return;
    }
    seen = add(seen, number - 1, number);
    tracker.moved({
      progress: share(seen, pages),
      atEnd: number === pages,
      about: { time: number },
      place: { page: number, seen },
    });
    tracker.save();
    sheet.dataset.read = String(number);
  }

  const KEYS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
  document.addEventListener("keydown", (event) => {
    if (event.target === place || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in KEYS) go(number + KEYS[event.key]);
    else if (event.key === "Home") go(1);
    else if (event.key === "End") go(pages);
    else if (event.key === "+") scale(1);
    else if (event.key === "-") scale(-1);
    else return;
    event.preventDefault();
  });
  let width = sheet.clientWidth;
  new ResizeObserver(() => {
    if (sheet.clientWidth === width) return;
    width = sheet.clientWidth;
    draw();
  }).observe(sheet);
  tracker.say("experienced", { time: number });
  await draw();
  return { leave: () => clearTimeout(timer) };
}
