// Small line icons, drawn here so that the player needs no font and no further request.

const PATHS = {
  exit: "M14 8V5a1 1 0 0 0-1-1H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h7a1 1 0 0 0 1-1v-3M10 12h10m-3-3 3 3-3 3",
  save: "M6 4h10l4 4v11a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a2 2 0 0 1 2-2zM8 4v5h7V4M8 20v-6h8v6",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  menu: "M4 7h16M4 12h16M4 17h10",
  previous: "M15 6l-6 6 6 6",
  continue: "M9 6l6 6-6 6",
  close: "M6 6l12 12M18 6L6 18",
  debug: "M8 9l-4 3 4 3M16 9l4 3-4 3M13 6l-2 12",
  sequencing: "M5 5h5v4H5zM14 15h5v4h-5zM7.5 9v8H14M7.5 12H14m0-2h5v4h-5z",
  saved: "M5 12.5l4.5 4.5L19 7.5",
  saving: "M12 4a8 8 0 1 1-7.4 5",
  offline: "M4 4l16 16M8.5 15a5 5 0 0 1 7 0M5 11.5a10 10 0 0 1 4-2.4M19 11.5a10 10 0 0 0-6-2.9M12 19h.01",
  refused: "M12 8v5m0 3h.01M12 3l9.5 17H2.5z",
  passed: "M5 12.5l4.5 4.5L19 7.5",
  completed: "M5 12.5l4.5 4.5L19 7.5",
  failed: "M7 7l10 10M17 7L7 17",
  incomplete: "M12 4a8 8 0 0 1 0 16z",
  unknown: "",
};
const RINGED = new Set(["passed", "completed", "failed", "incomplete", "unknown"]);
const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  if (RINGED.has(name)) svg.append(shape("circle", { cx: 12, cy: 12, r: 10, class: "ring" }));
  svg.append(shape("path", { d: PATHS[name] }));
  return svg;
}

function shape(kind, attributes) {
  const element = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Puts the icon a template asks for with data-icon in front of the element's text. */
export function drawIcons(root) {
  for (const element of root.querySelectorAll("[data-icon]")) element.prepend(icon(element.dataset.icon));
}
