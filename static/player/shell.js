// The player page: starts the session, shows the activity the server delivers, answers the content's API calls from
// memory, and takes the learner and the content's reports to the server.

import { gettext, ngettext } from "../js/words.js";
import { createApi as createApi12 } from "./api12.js";
import { createApi as createApi2004 } from "./api2004.js";
import { createCallLog } from "./calllog.js";
import { createClock } from "./clock.js";
import { createCommits } from "./commits.js";
import { contentUrl, createFrame, createWindow } from "./content.js";
import { createModel as createModel12 } from "./datamodel12.js";
import { createModel as createModel2004 } from "./datamodel2004.js";
import { createModel as createModelAicc } from "./datamodelaicc.js";
import { createDebug } from "./debug.js";
import { createDrawer } from "./drawer.js";
import { drawIcons } from "./icons.js";
import { createLook } from "./look.js";
import { createMenu } from "./menu.js";
import { replayStatements } from "./media/statements.js";
import { createMenus } from "./menus.js";
import { createPanel } from "./panel.js";
import { openStorage, replay } from "./queue.js";
import { createSequencing } from "./sequencing.js";
import { createWatch } from "./watch.js";
import { createWindows } from "./windows.js";
import { get, post, postNow } from "./wire.js";

const APIS = {
  scorm12: { name: "API", createModel: createModel12, createApi: createApi12 },
  scorm2004: { name: "API_1484_11", createModel: createModel2004, createApi: createApi2004 },
  aicc: { name: "API", createModel: createModelAicc, createApi: createApi12 },
};
/** Content of these talks to the server itself. */
const SERVED = ["aicc", "cmi5", "xapi"];
const SIGNS = {
  saved: gettext("Saved"),
  saving: gettext("Saving…"),
  offline: gettext("Offline – kept on this device"),
  refused: gettext("Not saved"),
};
const LOG_EVERY = 4000;
const RETRY_START = 3000;
const PAGE_MAY_GO = 1500; // after beforeunload the page may be on its way out: the content's own request waits

const CONTROL = { Initialize: true, Commit: true, Finish: true, Terminate: true }; // calls that PlayerDebugRteAudit logs

const config = JSON.parse(document.getElementById("player-config").textContent);
const storage = openStorage();
const panel = createPanel({ page: document, exitUrl: config.exitUrl, close: config.closes || closesItself() ? () => close() : null });
const menu = createMenu({ page: document, ask: askByLearner, explain: tellWhyNot, status: config.show.status });
const drawer = createDrawer({ page: document, startsOpen: config.show.menuOpen });
const look = createLook({ page: document, show: config.show, size: config.size });
const clock = createClock({ warn: (words) => panel.tell(words), onOver: timeIsUp });
const debug = config.debug ? createDebug({ page: document, showsTimes: config.show.callTimes }) : null;
const sequencing = config.debug ? createSequencing({ page: document, url: config.sequencingUrl, get }) : null;
const callLog = createCallLog({ ...config, storage, post });
const windows = createWindows({ queue: config.queue, release: handOver });
const place = {
  stage: document.getElementById("stage"),
  size: config.size,
  type: config.window,
  onShown: look.watchContent,
  onMissing: (status) => panel.tell(gettext("The file of this activity could not be loaded ({status}). Tell the author of the course.", { status })),
  onMoved: () => watch.look(),
  onClosed: () => {
    panel.tell(gettext("The window of this activity was closed. Open it again, or go on with the controls."));
    watch.look();
  },
};
const framed = config.window === "FRAMESET";
const frame = createFrame(place);
const ownWindow = createWindow(framed ? { ...place, type: "NEW_WINDOW" } : place);
let content = framed ? frame : ownWindow;
const menus = createMenus();
const watch = createWatch({ url: config.stateUrl, get: lookAt, onState: catchUp });
const commits = createCommits({
  ...config,
  storage,
  post,
  postNow,
  shows: () => menus.revision,
  on: {
    sign: showSign,
    stored: (answer) => refresh(answer?.launch),
    replaced: () => stepAside(gettext("This course was opened in another window. This one has stopped; nothing is lost.")),
    ended: () => stepAside(gettext("This session is over.")),
    bound: (message) => stepAside(message),
    refused: (message) => panel.tell(message),
    failed: (count) => {
      if (count === config.triesBeforeTelling) panel.tell(
        ngettext("The server has not answered. What you did is kept on this device and sent as soon as it answers.", "The server has not answered {count} times. What you did is kept on this device and sent as soon as it answers.", count),
      );
    },
    waiting: () => panel.tell(gettext("The server cannot be reached. What you did is kept on this device and sent as soon as it answers.")),
  },
});

let launch = null; // what the server last told us to show
let current = null; // the API object of the activity shown; content may put its own in our window, this one counts
let session = "starting"; // starting | open | ended | replaced
let busy = false; // a navigation request is on its way
let unloading = false;
let mayGoUntil = 0;
let toldFinished = false; // content that talks to the server itself has ended, and what follows has been asked

// --- start ------------------------------------------------------------------------------------------------------------

async function start() {
  setSession("starting");
  await windows.claim();
  const before = await replay({ storage, queue: config.queue, post });
  before.offline ||= (await replayStatements({ storage, queue: config.queue })).offline; // they count for their own launch
  if (!before.offline) await callLog.replay();
  for (const lost of before.dropped) note(`Report ${lost.number} of launch ${lost.key} was not taken (${lost.status})`);
  const answer = before.offline ? { status: 0 } : await post(config.startUrl, {});
  if (answer.status !== 200) return cannotStart(answer);
  commits.begin(answer.body.number);
  callLog.begin(answer.body.logNumber);
  panel.clear();
  setSession("open");
  clock.begin(answer.body.secondsLeft);
  return follow(menus.merge(answer.body.launch));
}

function cannotStart({ status, body }) {
  const down = status === 0 || status >= 500;
  const message = down ? gettext("The server cannot be reached. It is tried again by itself.") : (body?.message ?? gettext("This launch cannot be opened."));
  showSign(down ? "offline" : "refused");
  panel.show({
    heading: gettext("The course could not be started"),
    message,
    action: { label: gettext("Try again"), act: start },
  });
  if (down) retryStart();
}

function retryStart() {
  const again = () => {
    clearTimeout(timer);
    removeEventListener("online", again);
    if (session === "starting") start();
  };
  const timer = setTimeout(again, RETRY_START);
  addEventListener("online", again);
}

// --- showing what the server decided ----------------------------------------------------------------------------------

/** Shows a launch whose activity is newly delivered, or that none is. */
function follow(next) {
  launch = next;
  draw();
  if (next.ended) return end();
  if (!next.activity) {
    watch.stop();
    removeApis();
    commits.show("");
    return panel.show({ heading: next.title || config.title, message: gettext(next.message) || gettext("Choose where to begin in the menu.") });
  }
  panel.clear();
  panel.tell(gettext(next.message));
  installApi(next);
  toldFinished = false;
  if (SERVED.includes(next.api)) watch.begin();
  else watch.stop();
  commits.show(next.activity);
  document.title = `${next.title} – ${config.title}`;
  useWindow(!framed || next.own_window);
  return content.show(contentUrl(config.filesUrl, next.href), next.title || config.title);
}

/** Some activities must not be in a frame, whatever the course's settings are (cmi5 13.1.4 launchMethod). */
function useWindow(own) {
  const wanted = own ? ownWindow : frame;
  if (wanted !== content) content.remove();
  content = wanted;
}

function draw() {
  document.body.dataset.current = launch.activity;
  menu.draw(launch, { busy });
  look.drawProgress(launch);
  sequencing?.refresh();
}

/** A menu item that cannot be chosen explains itself. */
function tellWhyNot({ identifier, why_not: words }) {
  if (sequencing) sequencing.explain(identifier);
  else if (words) panel.tell(gettext(words));
}

/** A report may have opened what was closed before. */
function refresh(told) {
  if (!told || busy || session !== "open" || told.activity !== launch.activity) return;
  const next = menus.merge(told);
  if (!next) return; // a change of what another answer has changed meanwhile: the next one tells it
  launch = { ...launch, menu: next.menu, valid: next.valid, hidden: next.hidden, outcome: next.outcome };
  draw();
}

/** What content that talks to the server itself has changed there. */
async function catchUp({ status, body }) {
  if (busy || unloading || session !== "open") return;
  if (status === 409) {
    stepAside(gettext("This course was opened in another window. This one has stopped; nothing is lost."));
    return;
  }
  if (status !== 200) return;
  if (body.launch.ended || body.launch.activity !== launch.activity) {
    const next = menus.merge(body.launch);
    if (!next) return;
    watch.stop();
    await content.remove();
    follow(next);
    return;
  }
  refresh(body.launch);
  if (!body.finished || toldFinished) return;
  toldFinished = true;
  await askByContent();
}

/** The time limit of the course is reached: all is saved, and nothing opens any more. */
async function timeIsUp() {
  if (session !== "open") return;
  await askByLearner("suspendAll");
  if (session === "ended") panel.show({ heading: gettext("Time is up"), message: gettext("The time allowed for this course is used up. What you did is saved.") });
}

/** Whether this page is a window that the page before opened for it (PlayerLaunchType). */
function closesItself() {
  return Boolean(window.opener) && new URLSearchParams(location.search).get("window") === "1";
}

async function end() {
  setSession("ended");
  clock.stop();
  watch.stop();
  removeApis();
  commits.show("");
  commits.stop();
  windows.letGo();
  panel.showEnd(launch);
  await callLog.drain();
  await replayStatements({ storage, queue: config.queue }); // of a medium that was left while the line was down
}

function setSession(next) {
  session = next;
  document.body.dataset.session = next;
}

function showSign(state) {
  const sign = document.getElementById("sign");
  if (sign.dataset.sign === state) return;
  sign.dataset.sign = state;
  sign.title = sign.querySelector("span").textContent = SIGNS[state];
}

// --- the content's API ------------------------------------------------------------------------------------------------

function installApi(shown) {
  removeApis();
  const kind = APIS[shown.api];
  if (!kind) return;
  const model = kind.createModel({
    values: shown.values,
    access: shown.access ?? {},
    valid: shown.valid,
    settings: config.settings ?? {},
  });
  const isShown = () => current === api && session === "open";
  const api = kind.createApi({
    model,
    settings: config.settings ?? {},
    onInitialize: () => ({ ok: isShown() }),
    onChange: (changed) => isShown() && commits.add(changed),
    onCommit: () => ({ ok: isShown() && commits.commit({ unloading: isGoing() }) }),
    onTerminate: () => ({ ok: isShown() && terminate() }),
    onCall: (entry) => logCall({ ...entry, activity: shown.activity }),
  });
  current = window[kind.name] = api;
}

function removeApis() {
  current = null;
  for (const { name } of Object.values(APIS)) delete window[name];
}

/** Whether the content goes away, by the learner's request or with the page: no synchronous request, no own request. */
function isGoing() {
  return unloading || busy;
}

/** Answers at once; what the content asks for next is decided by the server after its call has returned. */
function terminate() {
  commits.finish();
  if (isGoing()) return commits.commit({ unloading: true });
  const kept = commits.commit({ hold: true });
  setTimeout(askByContent, performance.now() < mayGoUntil ? PAGE_MAY_GO : 0);
  return kept;
}

/** What is logged: all calls, or those that begin, save and end, and what fails. */
function isLogged({ method, code }) {
  if (config.log.detailed || method === "player") return true;
  return config.log.audit && (code !== 0 || Boolean(CONTROL[method.replace(/^LMS/, "")]));
}

function logCall(entry) {
  if (!isLogged(entry)) return;
  if (config.log.kept) callLog.add(entry);
  debug?.add(entry);
}

function note(text) {
  logCall({ at: new Date().toISOString(), activity: "", method: "player", arguments: [], result: "", code: 0, diagnostic: "", warning: text });
}

// --- navigation -------------------------------------------------------------------------------------------------------

async function askByContent() {
  if (busy || unloading || session !== "open") return;
  setBusy(true);
  const { status, body } = await commits.navigate({ name: "content", target: "" }, { byLearner: false, finished: false });
  const next = status === 200 ? await whole(body.launch) : null;
  setBusy(false);
  if (!next) return draw();
  if (isNew(body)) {
    await content.remove();
    return follow(next);
  }
  launch = next;
  draw();
  if (launch.asks_to_leave) return panel.ask({ question: gettext(launch.message), label: gettext("Leave the course"), act: () => askByLearner("exitAll") });
  return panel.tell(gettext(launch.message));
}

async function askByLearner(name, target = "") {
  if (busy || session !== "open") return;
  setBusy(true);
  drawer.makeRoom();
  const shown = launch;
  watch.stop();
  await content.remove();
  await replayStatements({ storage, queue: config.queue });
  const { status, body } = await commits.navigate({ name, target }, { byLearner: true, finished: shown.kind === "asset" && Boolean(shown.activity) });
  const next = status === 200 ? await whole(body.launch) : null;
  setBusy(false);
  if (!next) return status === 409 || status === 410 ? undefined : offerAgain();
  if (isNew(body) || !next.activity || !next.message) return follow(next);
  launch = next;
  draw();
  return offerAgain();
}

/** A launch with its whole menu; asked for anew where it was told as a change of another one. Null: no answer. */
async function whole(told) {
  const next = menus.merge(told);
  if (next) return next;
  const { status, body } = await get(config.stateUrl);
  return status === 200 ? menus.merge(body.launch) : null;
}

function lookAt(url) {
  return get(menus.revision ? `${url}?revision=${menus.revision}` : url);
}

/** A request sent twice is answered with what is shown now, so that is looked at too. */
function isNew({ delivered, launch: next }) {
  return delivered || Boolean(next.ended) || next.activity !== launch.activity;
}

/** The content is gone and nothing was delivered in its place. */
function offerAgain() {
  commits.show("");
  panel.show({
    heading: launch.title || config.title,
    message: gettext(launch.message) || gettext("Choose where to go on in the menu."),
    action: { label: gettext("Open it again"), act: start },
  });
}

function setBusy(next) {
  busy = next;
  document.body.toggleAttribute("data-busy", next);
  if (next && launch) draw();
}

// --- going away -------------------------------------------------------------------------------------------------------

/** Another window of this browser takes over: lets go of the content and sends what it reported. */
async function handOver() {
  setBusy(true);
  await content.remove();
  commits.commit();
  for (let waited = 0; waited < 2500 && !commits.settled; waited += 50) await new Promise((resolve) => setTimeout(resolve, 50));
  await callLog.drain();
  setBusy(false);
  stepAside(gettext("This course was opened in another window. This one has stopped; nothing is lost."));
}

function stepAside(message) {
  if (session === "replaced" || session === "ended") return;
  setSession("replaced");
  watch.stop();
  commits.stop();
  windows.letGo();
  content.remove();
  removeApis();
  panel.show({ heading: gettext("Stopped here"), message, action: { label: gettext("Take over here"), act: () => location.reload() } });
}

function leavePage(event) {
  if (unloading) return;
  unloading = true;
  const wasOpen = session === "open";
  content.removeNow(); // its own unload runs now and can still report
  if (wasOpen) commits.leave();
  callLog.leave();
  windows.letGo();
  if (event.persisted) addEventListener("pageshow", () => location.reload(), { once: true });
}

addEventListener("beforeunload", () => { mayGoUntil = performance.now() + PAGE_MAY_GO; });
addEventListener("pagehide", leavePage);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") watch.look();
  if (document.visibilityState === "hidden" && session === "open") {
    commits.send();
    callLog.send();
  }
});
addEventListener("message", ({ data, origin }) => origin === location.origin && data === "returned" && watch.look());
addEventListener("online", () => commits.hurry());
addEventListener("offline", () => commits.sign());

setInterval(() => session === "open" && commits.tick(), config.commitMilliseconds);
setInterval(() => callLog.send(), LOG_EVERY);
drawIcons(document);
start();
