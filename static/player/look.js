// How settings make the player look: what of it is shown, the progress bar, full screen, the context menu.

/** `show` and `size` as player/options.py gives them. */
export function createLook({ page, show, size }) {
  const body = page.body;
  const bar = page.getElementById("progress");
  const fullScreen = page.getElementById("full-screen");

  body.classList.toggle("no-bar", !show.bar);
  body.classList.toggle("no-title", !show.title);
  body.classList.toggle("no-menu", !show.menu);
  if (show.menuWidth) page.documentElement.style.setProperty("--menu-width", `${show.menuWidth}px`);
  if (!show.contextMenu) page.addEventListener("contextmenu", (event) => event.preventDefault());
  if (size.fullScreen && page.fullscreenEnabled) offerFullScreen();

  function offerFullScreen() {
    fullScreen.hidden = false;
    fullScreen.addEventListener("click", () => (page.fullscreenElement ? page.exitFullscreen() : page.documentElement.requestFullscreen()).catch(() => {}));
    if (size.mustBeFullScreen) cover();
  }

  /** Content is covered until the learner goes to full screen; the same again when they leave it. */
  function cover() {
    const sheet = page.getElementById("full-screen-needed");
    const draw = () => { sheet.hidden = page.fullscreenElement !== null; };
    sheet.querySelector("button").addEventListener("click", () => page.documentElement.requestFullscreen().catch(() => { sheet.remove(); }));
    page.addEventListener("fullscreenchange", draw);
    draw();
  }

  return {
    /** Content shown in a window or frame: its context menu, where it lies on this origin. */
    watchContent(shown) {
      if (show.contextMenu) return;
      try {
        shown.document.addEventListener("contextmenu", (event) => event.preventDefault());
      } catch {
        // another origin keeps its own
      }
    },

    drawProgress(launch) {
      const share = show.progress ? progressOf(launch) : null;
      bar.hidden = share === null;
      if (share === null) return;
      bar.value = share;
      bar.title = `${Math.round(share * 100)} %`;
      bar.textContent = bar.title;
    },
  };
}

/** The measure of the course where the server gives one, else the share of activities that are completed. */
export function progressOf({ progress, menu }) {
  if (typeof progress === "number") return progress;
  const leaves = menu.filter((item) => item.launchable);
  if (!leaves.length) return null;
  return leaves.filter((item) => item.completion === "completed").length / leaves.length;
}
