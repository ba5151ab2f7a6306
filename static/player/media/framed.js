// What another site shows: a video of YouTube, whose player tells what it does by messages, and any page.

import { gettext } from "../../js/words.js";
import { Follower, readIntervals, share } from "./coverage.js";

function frame(stage, source, title) {
  const shown = document.createElement("iframe");
  shown.title = title;
  shown.allow = "autoplay; fullscreen; encrypted-media; picture-in-picture";
  shown.referrerPolicy = "strict-origin-when-cross-origin";
  shown.src = source;
  stage.append(shown);
  return shown;
}

function newWindow(controls, url) {
  const link = document.createElement("a");
  link.className = "button";
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = gettext("Open in a new window");
  controls.append(link);
}

function finishing(controls, tracker) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "primary";
  button.textContent = gettext("I have finished");
  button.disabled = tracker.done;
  button.addEventListener("click", () => {
    tracker.finish();
    button.disabled = true;
  });
  controls.append(button);
}

/** Any page; nothing tells how much of it was read, nor whether its site allows frames. */
export function showFramed({ config, stage, controls, tracker }) {
  const note = document.createElement("p");
  note.className = "hint";
  note.textContent = gettext("Is there nothing to see? Some sites only show themselves in a window of their own.");
  stage.append(note);
  frame(stage, config.source, config.title);
  newWindow(controls, config.source);
  if (config.rule !== "OPENED") finishing(controls, tracker);
  tracker.say("experienced");
}

const YOUTUBE = "https://www.youtube-nocookie.com";
const PLAYING = 1;
const PAUSED = 2;
const ENDED = 0;

/** A video of YouTube, spoken to as its frame API does, without any script of theirs on this page. */
export function showYouTube({ config, stage, controls, tracker, kept }) {
  const follower = new Follower(readIntervals(kept.seen));
  const now = { state: -1, position: kept.position ?? 0, length: 0, rate: 1 };
  const parameters = new URLSearchParams({ enablejsapi: "1", origin: location.origin, rel: "0", playsinline: "1" });
  if (kept.position > 1 && !kept.ended) parameters.set("start", String(Math.floor(kept.position)));
  const shown = frame(stage, `${config.source}?${parameters}`, config.title);
  newWindow(controls, config.activity);
  const listen = () => shown.contentWindow?.postMessage(JSON.stringify({ event: "listening", id: 1 }), YOUTUBE);
  let heard = false;
  const timer = setInterval(() => (heard ? clearInterval(timer) : listen()), 500);
  const late = setTimeout(() => heard || finishing(controls, tracker), 15000); // it tells nothing: the learner does
  shown.addEventListener("load", listen);

  function moved(atEnd = false) {
    const progress = share(follower.intervals, now.length);
    const place = { position: now.position, seen: follower.intervals, ended: atEnd };
    tracker.moved({ progress, atEnd, about: { time: now.position }, place });
  }

  function changed(state) {
    if (state === now.state) return;
    now.state = state;
    follower.rest();
    if (state === PLAYING) tracker.say("played", { time: now.position });
    if (state === PAUSED) tracker.say("paused", { time: now.position, progress: share(follower.intervals, now.length) });
    if (state === ENDED) moved(true);
    if (state === PAUSED || state === ENDED) tracker.save();
  }

  window.addEventListener("message", (event) => {
    if (event.source !== shown.contentWindow || event.origin !== YOUTUBE || typeof event.data !== "string") return;
    let info;
    try {
      info = JSON.parse(event.data)?.info;
    } catch {
      return;
    }
    heard = true;
    clearTimeout(late);
    if (!info || typeof info !== "object") return;
    if (Number.isFinite(info.duration)) now.length = info.duration;
    if (Number.isFinite(info.playbackRate)) now.rate = info.playbackRate;
    if (Number.isFinite(info.currentTime)) now.position = info.currentTime;
    if (info.playerState === PLAYING) changed(PLAYING); // before what is played is followed, all else after it
    if (now.state === PLAYING && Number.isFinite(info.currentTime)) {
      follower.tick(now.position, performance.now() / 1000, now.rate);
      moved();
    }
    if (Number.isInteger(info.playerState)) changed(info.playerState);
  });
}
