// The page of a medium: finds out where the learner was, shows it, and reports.

import { gettext, number } from "../../js/words.js";
import { openStorage } from "../queue.js";
import { showFramed, showYouTube } from "./framed.js";
import { showDocument } from "./document.js";
import { showRecording } from "./recording.js";
import { createReporter } from "./statements.js";
import { createTracker } from "./tracker.js";

const config = JSON.parse(document.getElementById("media-config").textContent);
const stage = document.getElementById("stage");
const controls = document.getElementById("controls");
const SIGNS = {
  offline: gettext("No connection. Your progress is sent when it is back."),
  refused: gettext("Your progress is not saved any more. Go back to the course and launch again."),
};
const SHOWN = { pdf: showDocument, video: showRecording, audio: showRecording, youtube: showYouTube, page: showFramed };

function showState(state) {
  document.body.dataset.saved = state === "saved" ? "yes" : "no";
  document.getElementById("sign").textContent = SIGNS[state] ?? "";
}

function showShare(progress, done) {
  document.getElementById("share").value = done && config.medium === "page" ? 1 : progress;
  const seen = gettext("{percent} % seen", { percent: number(Math.floor(progress * 100)) });
  const words = config.medium === "page" ? gettext("Opened") : seen; // of a page nothing is known
  document.getElementById("share-words").textContent = done ? gettext("Completed") : words;
  document.body.dataset.done = done ? "yes" : "no";
}

const reporter = createReporter({ config, storage: openStorage(), onState: showState });
addEventListener("online", () => reporter.hurry());
const kept = await reporter.begin();
reporter.state("initialized");
const tracker = createTracker({ config, reporter, kept, show: showShare });
showShare(kept.progress ?? 0, tracker.done);
document.getElementById("wait")?.remove();
let shown = null;
const timer = setInterval(() => document.hidden || tracker.save(), 15000);
document.addEventListener("visibilitychange", () => document.hidden && tracker.save());
addEventListener("pagehide", (event) => {
  clearInterval(timer);
  shown?.leave?.();
  tracker.save();
  reporter.state("terminated");
  reporter.leave();
  if (event.persisted) addEventListener("pageshow", () => location.reload(), { once: true });
});
shown = await SHOWN[config.medium]({ config, stage, controls, tracker, kept });
if (config.rule === "OPENED") tracker.finish();
