// Windows of their own for the player or for content: how they open, and that they keep their size where asked to.

const CHECK = 500;

/** `type`: one of the values of PlayerLaunchType. */
export const opensByItself = (type) => !type.includes("AFTER_CLICK");

/** The features of window.open; without any a tab of the browser opens. */
export function features(type, size = {}) {
  const full = { width: screen.availWidth, height: screen.availHeight };
  const width = Math.max(size.fullScreen ? full.width : size.width || Math.round(full.width * 0.9), size.minWidth ?? 0);
  const height = Math.max(size.fullScreen ? full.height : size.height || Math.round(full.height * 0.85), size.minHeight ?? 0);
  const bars = type.includes("WITHOUT_BROWSER_TOOLBAR") ? "toolbar=no,location=no,menubar=no,status=no," : "";
  const place = size.fullScreen ? ",left=0,top=0" : "";
  return `popup,${bars}${size.isFixed ? "" : "resizable,"}scrollbars,width=${width},height=${height}${place}`;
}

/** Tells when the window is closed; `stop()` ends it. Browsers let a learner resize any window, so it is put back. */
export function watchWindow(opened, { isFixed, onClosed }) {
  let outer = null;
  const timer = setInterval(() => {
    if (opened.closed) {
      clearInterval(timer);
      onClosed();
      return;
    }
    if (isFixed) outer = keepSize(opened, outer);
  }, CHECK);
  return { stop: () => clearInterval(timer) };
}

function keepSize(opened, outer) {
  try {
    const now = [opened.outerWidth, opened.outerHeight];
    if (outer && (now[0] !== outer[0] || now[1] !== outer[1])) opened.resizeTo(...outer);
    return outer ?? (now[0] ? now : null);
  } catch {
    return outer; // a page of another origin keeps its size to itself
  }
}
