// Where content is shown: a frame on the page, or a window of its own that the page opens.

import { gettext } from "../js/words.js";
import { features, opensByItself, watchWindow } from "./popup.js";

const REMOVAL_LIMIT = 3000;
const ALLOW = "autoplay; fullscreen; clipboard-read; clipboard-write; encrypted-media; picture-in-picture; camera; microphone; midi; screen-wake-lock";

/** The address of a member of the package, whose name may hold what looks like an escape, or of a page elsewhere. */
export function contentUrl(filesUrl, href) {
  if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(href)) return href;
  const [, path, rest] = href.match(/^([^?#]*)(.*)$/s);
  return filesUrl + path.split("/").map(encodeURIComponent).join("/") + rest;
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Content in a frame inside `stage`; `size` {width, height, minWidth, minHeight} in pixels where settings ask for one.
 * `onMoved`: the frame shows another page. `onShown(window)`: a page is there.
 */
export function createFrame({ stage, size, onMissing, onMoved, onShown }) {
  let frame = null;
  let pages = 0;

  function loaded(event) {
    const status = statusOf(event.target);
    if (event.target !== frame) return;
    if (pages === 0 && status >= 400) onMissing(status);
    if (pages > 0) onMoved();
    pages += 1;
    onShown?.(frame.contentWindow);
  }

  return {
    show(url, title) {
      frame?.remove();
      frame = document.createElement("iframe");
      frame.id = "content";
      frame.title = title;
      frame.allow = ALLOW;
      if (size?.width) frame.style.width = `${size.width}px`;
      if (size?.height) frame.style.height = `${size.height}px`;
      if (size?.minWidth) frame.style.minWidth = `${size.minWidth}px`;
      if (size?.minHeight) frame.style.minHeight = `${size.minHeight}px`;
      stage.classList.toggle("sized", Boolean(size?.width || size?.height));
      pages = 0;
      frame.addEventListener("load", loaded);
      frame.src = url;
      stage.append(frame);
      frame.focus();
    },

    /** Leads the frame away first, so that beforeunload, pagehide and unload all run and can still call the API. */
    async remove() {
      if (!frame) return;
      const leaving = frame;
      frame = null;
      try {
        const gone = new Promise((resolve) => leaving.addEventListener("load", resolve, { once: true }));
        leaving.contentWindow.location.replace("about:blank");
        await Promise.race([gone, wait(REMOVAL_LIMIT)]);
      } catch {
        // a page of another origin goes with its frame
      }
      leaving.remove();
    },

    /** At once: its pagehide and unload run before this returns. */
    removeNow() {
      frame?.remove();
      frame = null;
    },

    get shown() {
      return frame !== null;
    },
  };
}

function statusOf(frame) {
  try {
    return frame.contentWindow.performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0;
  } catch {
    return 0; // another origin
  }
}

/**
 * Content in a new window, whose opener is this one; where the browser blocks it, or `type` wants a click, the learner
 * opens it by a button.
 */
export function createWindow({ stage, size, type, onClosed, onShown }) {
  let opened = null;
  let watch = null;
  let panel = null;

  function open(url, title) {
    opened = window.open(url, "content", features(type, size));
    panel.querySelector("p").textContent = opened
      ? gettext("“{title}” is open in a new window. Keep this page open until you have finished.", { title })
      : gettext("Your browser did not open the window. Open “{title}” with the button.", { title });
    panel.querySelector("button").textContent = opened ? gettext("Show the window") : gettext("Open the content");
    watch?.stop();
    if (!opened) return;
    const shown = opened;
    shown.addEventListener("load", () => onShown?.(shown));
    watch = watchWindow(shown, { isFixed: size?.isFixed, onClosed: closed });
  }

  function closed() {
    opened = null;
    if (!panel) return;
    panel.querySelector("p").textContent = gettext("The window was closed.");
    panel.querySelector("button").textContent = gettext("Open it again");
    onClosed();
  }

  return {
    show(url, title) {
      panel?.remove();
      panel = document.createElement("section");
      panel.className = "panel";
      panel.innerHTML = '<p></p><button type="button" class="primary" data-open-content></button>';
      panel.querySelector("button").addEventListener("click", () => {
        if (opened && !opened.closed) opened.focus();
        else open(url, title);
      });
      stage.append(panel);
      if (opensByItself(type)) {
        open(url, title);
        return;
      }
      panel.querySelector("p").textContent = gettext("“{title}” opens in a new window.", { title });
      panel.querySelector("button").textContent = gettext("Open the content");
    },

    async remove() {
      watch?.stop();
      panel?.remove();
      panel = null;
      const leaving = opened;
      opened = null;
      if (!leaving || leaving.closed) return;
      leaving.close();
      for (let waited = 0; waited < REMOVAL_LIMIT && !leaving.closed; waited += 50) await wait(50);
      await wait(50); // `closed` turns true before the window's unload has run
    },

    removeNow() {
      watch?.stop();
      opened?.close();
      opened = null;
    },

    get shown() {
      return opened !== null && !opened.closed;
    },
  };
}
