// The page that opens the player in a window of its own, and goes back when that window is closed.

import { gettext } from "../js/words.js";
import { features, opensByItself, watchWindow } from "./popup.js";

const config = JSON.parse(document.getElementById("player-config").textContent);
const words = document.getElementById("opener-words");
const button = document.getElementById("opener-button");
let opened = null;

function open() {
  opened = window.open(config.url, "player", features(config.type, config.size));
  if (!opened) {
    words.textContent = gettext("Your browser did not open the window. Open the course with the button.");
    return;
  }
  words.textContent = gettext("The course is open in a window of its own. This page goes on when you close it.");
  button.textContent = gettext("Show the window");
  watchWindow(opened, { isFixed: config.size.isFixed, onClosed });
}

function onClosed() {
  opened = null;
  words.textContent = gettext("The window of the course was closed. What you did is saved.");
  button.textContent = gettext("Open it again");
  if (config.exitUrl) location.assign(config.exitUrl);
}

button.addEventListener("click", () => {
  if (opened && !opened.closed) opened.focus();
  else open();
});
document.body.dataset.session = "opener";
if (opensByItself(config.type)) open();
else words.textContent = gettext("The course opens in a window of its own when you are ready.");
