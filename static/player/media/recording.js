// Video and audio in the browser's own player.

import { gettext } from "../../js/words.js";
import { Follower, readIntervals, share } from "./coverage.js";

const NEAR_END = 1; // seconds before the end, where nobody is led back to

export function showRecording({ config, stage, tracker, kept }) {
  const player = document.createElement(config.medium);
  const follower = new Follower(readIntervals(kept.seen));
  player.controls = true;
  player.preload = "metadata";
  player.setAttribute("aria-label", config.title);
  for (const { source, name, language } of config.captions) {
    const track = document.createElement("track");
    Object.assign(track, { kind: "captions", src: source, label: language ? `${name} (${language})` : name });
    if (language) track.srclang = language;
    player.append(track);
  }
  const about = () => ({ time: player.currentTime });
  const seen = () => share(follower.intervals, player.duration);

  function moved(atEnd = false) {
    const place = { position: player.currentTime, seen: follower.intervals };
    tracker.moved({ progress: seen(), atEnd, about: about(), place });
  }

  function tick() {
    if (player.paused || player.seeking) return;
    follower.tick(player.currentTime, performance.now() / 1000, player.playbackRate);
    moved();
  }

  player.addEventListener("loadedmetadata", () => {
    if (kept.position > 0 && kept.position < player.duration - NEAR_END) player.currentTime = kept.position;
  });
  player.addEventListener("timeupdate", tick);
  player.addEventListener("seeking", () => follower.rest());
  player.addEventListener("play", () => {
    follower.rest();
    follower.tick(player.currentTime, performance.now() / 1000, player.playbackRate);
    tracker.say("played", about());
  });
  player.addEventListener("pause", () => {
    if (!player.seeking) follower.tick(player.currentTime, performance.now() / 1000, player.playbackRate);
    follower.rest();
    moved();
    if (!player.ended) tracker.say("paused", { ...about(), progress: seen() });
    tracker.save();
  });
  player.addEventListener("ended", () => {
    moved(true);
    tracker.save();
  });
  player.addEventListener("error", () => {
    const note = document.createElement("p");
    note.className = "note";
    note.setAttribute("role", "alert");
    note.textContent = gettext("This file cannot be played here: it is not there any more, or your browser does not know its format.");
    stage.append(note);
  });
  player.src = config.source;
  stage.append(player);
  return { leave: tick };
}
