// The page of a medium: finds out where the learner was, shows it, and reports.

import { gettext, number } from "../../js/words.js";
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
  document.getElementById("share-words").textContent = done ? gettext("Completed") : gettext("{percent} % seen", { percent: number(Math.floor(progress * 100)) });
  document.body.dataset.done = done ? "yes" : "no";
}

const reporter = createReporter({ config, onState: showState });
const kept = await reporter.bookmark();
reporter.state("initialized");
const tracker = createTracker({ config, reporter, kept, show: showShare });
showShare(kept.progress ?? 0, tracker.done);
document.getElementById("wait")?.remove();
const shown = await SHOWN[config.medium]({ config, stage, controls, tracker, kept });
if (config.rule === "OPENED") tracker.finish();
const timer = setInterval(() => document.hidden || tracker.save(), 15000);

window.addEventListener("pagehide", () => {
  clearInterval(timer);
  shown?.leave?.();
  tracker.save();
  reporter.state("terminated");
  reporter.flush();
});
