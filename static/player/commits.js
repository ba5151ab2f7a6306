// What content reports on its way to the server: numbered, one request in flight, kept on the device until stored.
//
// A report carries differences, so a later one may repeat what an earlier one carried: values are absolute and newer
// ones win. Whatever leaves on its own connection (a closing page, a navigation request, a synchronous commit) carries
// everything not yet acknowledged, and the order in which the server sees them no longer matters.

import { isTemporary, keepReports } from "./queue.js";

/** Browsers let a closing page send 64 KiB in all; the rest of it is left for headers and the last of the log. */
export const KEEPALIVE_BYTES = 48 * 1024;
const LONGEST_WAIT = 30_000;
const TIME_ONLY_AFTER = 60_000;

export const byteLength = (body) => new TextEncoder().encode(JSON.stringify(body)).length;

/**
 * `post(url, body, keepalive)` -> promise of {status, body}, status 0 when the line is down; `postNow` is the same,
 * synchronous. `on.sign(saved | saving | offline | refused)`, `on.stored(answer)`, `on.replaced()`,
 * `on.ended()`, `on.bound(message)`, `on.refused(message)`, `on.failed(tries)`, `on.waiting()`. `shows()`: the revision of the menu shown.
 */
export function createCommits({ queue, key, reportUrl, navigateUrl, waitForServer = false, storage, post, postNow, on, shows = () => "", clock }) {
  const now = clock?.now ?? (() => performance.now());
  const later = clock?.later ?? ((work, wait) => setTimeout(work, wait));
  const cancel = clock?.cancel ?? ((timer) => clearTimeout(timer));

  let number = 0; // the highest one used
  let activity = "";
  let sealed = []; // numbered and not acknowledged; the first may be in flight
  let pending = null; // differences that have no number yet
  let since = null; // when the seconds of `pending` began to count; null while nothing is shown
  let inFlight = null;
  let sentOnce = new Set(); // numbers whose seconds may have been counted already
  let failures = 0;
  let retry = null;
  let stopped = false;
  let navigating = false;
  let lastSent = now();

  const place = { queue, key, reportUrl };

  function secondsSoFar() {
    return since === null ? 0 : Math.max(0, (now() - since) / 1000);
  }

  function open() {
    pending ??= { values: {}, finished: false, committed: false };
    return pending;
  }

  function isDirty() {
    return pending !== null && (pending.finished || Object.keys(pending.values).length > 0);
  }

  /** Everything not acknowledged as one report under the next number. */
  function everything() {
    number += 1;
    const report = { number, activity, values: {}, finished: false, seconds: 0 };
    for (const part of sealed) {
      Object.assign(report.values, part.values);
      report.finished ||= part.finished;
      if (!sentOnce.has(part.number)) report.seconds += part.seconds;
    }
    Object.assign(report.values, pending?.values);
    report.finished ||= pending?.finished ?? false;
    report.seconds = rounded(report.seconds + secondsSoFar());
    return report;
  }

  function takePending() {
    pending = null;
    if (since !== null) since = now();
  }

  /** Gives the differences their number; from here on that number always carries the same. */
  function seal() {
    if (!isDirty() && secondsSoFar() < 1) return;
    number += 1;
    sealed.push({
      number,
      activity,
      values: pending?.values ?? {},
      finished: pending?.finished ?? false,
      seconds: rounded(secondsSoFar()),
    });
    takePending();
  }

  /** Puts what the server does not have yet into the durable queue, now. */
  function keep() {
    const reports = [...sealed];
    if (isDirty()) {
      const { values, finished } = pending;
      reports.push({ number: number + 1, activity, values, finished, seconds: rounded(secondsSoFar()) });
    }
    return keepReports(storage, place, reports);
  }

  function acknowledge(stored) {
    sealed = sealed.filter((report) => report.number > stored);
    sentOnce = new Set([...sentOnce].filter((sent) => sent > stored));
    failures = 0;
    keep();
    sign();
  }

  function sign() {
    if (failures > 0 || (globalThis.navigator?.onLine === false && (sealed.length || isDirty()))) on.sign("offline");
    else on.sign(sealed.length || isDirty() || navigating ? "saving" : "saved");
  }

  function send() {
    if (stopped || navigating || inFlight) return inFlight;
    cancel(retry);
    if (!sealed.length) seal();
    if (!sealed.length) {
      sign();
      return null;
    }
    keep();
    inFlight = sendFirst().finally(() => {
      inFlight = null;
      if (!failures && !stopped && (sealed.length || pending?.committed)) send();
    });
    sign();
    return inFlight;
  }

  async function sendFirst() {
    const report = sealed[0];
    sentOnce.add(report.number);
    lastSent = now();
    const answer = await post(reportUrl, named(report), byteLength(report) <= KEEPALIVE_BYTES);
    if (!stopped) settle(answer, report);
  }

  /** With the revision of the menu that is shown, so that the answer need tell only what has changed. */
  function named(body) {
    const revision = shows();
    return revision ? { ...body, revision } : body;
  }

  /** What an answer means for the queue; true when the server has the report. */
  function settle({ status, body }, report) {
    if (status === 200) {
      acknowledge(body?.stored ?? report.number);
      on.stored?.(body);
      return true;
    }
    if (isTemporary(status)) fail();
    else refuse(status, body, report);
    return false;
  }

  function fail() {
    failures += 1;
    on.failed?.(failures);
    keep();
    sign();
    cancel(retry);
    if (!stopped) retry = later(send, Math.min(LONGEST_WAIT, 500 * 2 ** failures));
  }

  function refuse(status, body, report) {
    if (body?.bound) return stopBound(body.message);
    sealed = sealed.filter((entry) => entry.number !== report.number);
    if (status === 409) return stopWith(on.replaced);
    if (status === 410) return stopWith(on.ended);
    keep();
    on.sign("refused");
    return on.refused(body?.message ?? `The server refused what was reported (${status}).`);
  }

  /** The launch is bound to another network or browser: what is kept waits until it is opened from there again. */
  function stopBound(message) {
    keep();
    stop();
    on.bound(message);
  }

  function stopWith(tell) {
    stop();
    sealed = [];
    pending = null;
    keep();
    tell();
  }

  function stop() {
    stopped = true;
    since = null;
    cancel(retry);
  }

  /** Sends everything at once and waits for the answer: the synchronous request browsers allow outside unload. */
  function sendNow() {
    const report = everything();
    sealed = [report];
    takePending();
    keep();
    sentOnce.add(report.number);
    return settle(postNow(reportUrl, named(report)), report);
  }

  /**
   * Whether what was reported so far is kept: on this device, else (or where the setting asks for it) by the server.
   *
   * `unloading`: no synchronous request can be made; `hold`: a navigation request that carries it all follows.
   */
  function commit({ unloading = false, hold = false } = {}) {
    if (stopped) return false;
    if (pending) pending.committed = true;
    const kept = keep();
    if (unloading) return kept;
    if (waitForServer || !kept) return isDirty() || sealed.length ? sendNow() : true;
    if (!hold) send();
    return true;
  }

  /**
   * Sends a navigation request with all that was reported; answers {status, body} of the server's decision.
   *
   * While the line is down it is tried again under the same number; `on.waiting()` is told each time.
   */
  async function navigate(request, { byLearner, finished }) {
    navigating = true;
    cancel(retry);
    if (inFlight) await Promise.race([inFlight, new Promise((resolve) => later(resolve, 3000))]);
    if (stopped) return { status: 409, body: {} };
    if (finished) open().finished = true;
    const report = everything();
    sealed = [report];
    takePending();
    keep();
    sign();
    const answer = await tryUntilAnswered(named({ ...report, request, by_learner: byLearner }));
    navigating = false;
    if (answer.status === 200) {
      acknowledge(answer.body.stored ?? report.number);
    } else if (!stopped) {
      refuse(answer.status, answer.body, report);
    }
    return answer;
  }

  async function tryUntilAnswered(body) {
    sentOnce.add(body.number);
    for (;;) {
      const answer = await post(navigateUrl, body, byteLength(body) <= KEEPALIVE_BYTES);
      if (!isTemporary(answer.status) || stopped) return answer;
      failures += 1;
      sign();
      on.waiting?.();
      await new Promise((resolve) => {
        wake = resolve;
        retry = later(resolve, Math.min(LONGEST_WAIT, 500 * 2 ** failures));
      });
    }
  }

  let wake = () => {};

  /** The page goes away: what fits is sent on its way, all of it stays in the queue until the server has it. */
  function leave() {
    if (stopped) return;
    const report = everything();
    const [fits, over] = split({ ...report, leaving: true }, KEEPALIVE_BYTES);
    number = (over ?? fits).number;
    sealed = over ? [fits, over] : [fits];
    takePending();
    keep();
    sentOnce.add(fits.number);
    post(reportUrl, fits, true).then((answer) => {
      if (answer.status === 200) acknowledge(answer.body?.stored ?? fits.number);
    });
    stop();
  }

  return {
    /** Reports continue after the number the server last stored. */
    begin(stored) {
      number = Math.max(number, stored);
    },

    /** An activity is shown from now on; its seconds count. "" when none is. */
    show(identifier) {
      activity = identifier;
      pending = null;
      since = identifier ? now() : null;
    },

    add(changed) {
      Object.assign(open().values, changed);
      sign();
    },

    finish() {
      open().finished = true;
    },

    /** Called on a timer: sends what has changed, and now and then only the time. */
    tick() {
      if (failures || navigating) return;
      if (isDirty() || sealed.length || (since !== null && now() - lastSent > TIME_ONLY_AFTER)) send();
    },

    /** The line may be up again. */
    hurry() {
      wake();
      if (failures && !navigating) send();
      else sign();
    },

    get settled() {
      return !sealed.length && !isDirty();
    },

    commit,
    navigate,
    leave,
    send,
    sign,
    stop,
  };
}

function rounded(seconds) {
  return Math.round(seconds * 100) / 100;
}

/**
 * The report cut into one that fits a closing page's allowance and one that waits for the next start; small values
 * first. What ends the session comes with the last of it.
 */
export function split(report, limit) {
  if (byteLength(report) <= limit) return [report, null];
  const { leaving, ...rest } = report;
  const fits = { ...rest, values: {}, finished: false };
  const over = { ...rest, values: {}, number: report.number + 1, seconds: 0, leaving };
  const sized = Object.entries(report.values).map(([name, value]) => [name, value, byteLength([name, value])]);
  let room = limit - byteLength(fits);
  for (const [name, value, size] of sized.sort((one, other) => one[2] - other[2])) {
    room -= size;
    (room >= 0 ? fits : over).values[name] = value;
  }
  return [fits, over];
}
