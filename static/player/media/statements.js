// What a medium reports: statements and the learner's place, sent to the endpoint of its launch in order, kept on the
// device until they are there. What a page that went away left behind is sent at the next start, of the player or of this.

import { byteLength, KEEPALIVE_BYTES } from "../commits.js";
import { dropReports, isTemporary, keepReports, keptReports, replay } from "../queue.js";
import { add, readIntervals } from "./coverage.js";

const VERBS = {
  experienced: "http://adlnet.gov/expapi/verbs/experienced",
  progressed: "http://adlnet.gov/expapi/verbs/progressed",
  completed: "http://adlnet.gov/expapi/verbs/completed",
  initialized: "http://adlnet.gov/expapi/verbs/initialized",
  played: "https://w3id.org/xapi/video/verbs/played",
  paused: "https://w3id.org/xapi/video/verbs/paused",
  terminated: "http://adlnet.gov/expapi/verbs/terminated",
};
const VIDEO = "https://w3id.org/xapi/video/extensions/";
const RETRY = [1000, 3000, 10000, 30000];
const ANSWER_LIMIT = 30_000;

export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** A request to the endpoint; answers {status, body}, status 0 when no answer came. */
async function request(send, url, { auth, method = "GET", content }) {
  try {
    const body = content === undefined ? undefined : JSON.stringify(content);
    const response = await send(url, {
      method,
      body,
      headers: { Authorization: auth, "Content-Type": "application/json", "X-Experience-API-Version": "1.0.3" },
      credentials: "omit",
      cache: "no-store",
      keepalive: body !== undefined && byteLength(content) <= KEEPALIVE_BYTES,
      signal: AbortSignal.timeout(ANSWER_LIMIT),
    });
    return { status: response.status, body: method === "GET" && response.ok ? await response.json() : {} };
  } catch {
    return { status: 0, body: {} };
  }
}

/** A statement has its id: sent twice it is stored once. */
async function put(send, url, statement, auth) {
  const { status } = await request(send, `${url}?statementId=${statement.id}`, { auth, method: "PUT", content: statement });
  return { status: status === 204 || status === 409 ? 200 : status };
}

const statementsOf = (queue) => `statements-${queue}`;
const placesOf = (queue) => `place-${queue}`;

/** Sends what earlier pages of the medium could not; answers as `replay` does. */
export function replayStatements({ storage, queue, send = (...args) => fetch(...args) }) {
  return replay({ storage, queue: statementsOf(queue), post: (...sent) => put(send, ...sent) });
}

/** One place of two that are known of a learner: the later of both, and all that was seen by either. */
export function joined(one, other) {
  const [earlier, later] = (one.at ?? 0) > (other.at ?? 0) ? [other, one] : [one, other];
  const seen = readIntervals(earlier.seen).reduce((all, [from, to]) => add(all, from, to), readIntervals(later.seen));
  return {
    ...earlier,
    ...later,
    ...(seen.length && { seen }),
    done: earlier.done === true || later.done === true,
    progress: Math.max(earlier.progress ?? 0, later.progress ?? 0),
  };
}

/** `onState(saved | saving | offline | refused)`; `config` is the page's. */
export function createReporter({ config, storage, onState, send = (...args) => fetch(...args), clock }) {
  const later = clock?.later ?? ((work, wait) => setTimeout(work, wait));
  const cancel = clock?.cancel ?? ((timer) => clearTimeout(timer));
  const { queue, key, auth, endpoint } = config;
  const waiting = []; // statements that are not known to be stored; the first may be in flight
  let place = null; // of the learner, where it is not known to be stored
  const began = performance.now();
  let inFlight = null;
  let failures = 0;
  let stopped = false;
  let retry = null;
  let wake = () => {};

  const document = new URLSearchParams({
    activityId: config.activity,
    agent: JSON.stringify(config.actor),
    registration: config.registration,
    stateId: "bookmark",
  });
  const placeUrl = `${endpoint}activities/state?${document}`;
  const statementsUrl = `${endpoint}statements`;
  const keptStatements = { queue: statementsOf(queue), key, reportUrl: statementsUrl, auth };
  const keptPlace = { queue: placesOf(queue), key, reportUrl: placeUrl, auth };

  const keepStatements = () => keepReports(storage, keptStatements, waiting);
  const sendPlace = (content) => request(send, placeUrl, { auth, method: "PUT", content });

  async function pump() {
    if (inFlight || stopped) return;
    const next = waiting[0] ?? place;
    if (!next) return;
    cancel(retry);
    inFlight = next;
    onState("saving");
    const { status } = await (next === place ? sendPlace(next) : put(send, statementsUrl, next, auth));
    inFlight = null;
    settle(next, status);
  }

  function settle(sent, status) {
    if (stopped) return;
    if (isTemporary(status)) {
      onState("offline");
      retry = later(pump, RETRY[Math.min(failures, RETRY.length - 1)]);
      failures += 1;
      return;
    }
    failures = 0;
    if (status >= 400) {
      stop();
      onState("refused");
      return;
    }
    if (sent === waiting[0]) {
      waiting.shift();
      keepStatements();
    } else if (sent === place) {
      place = null;
      dropReports(storage, keptPlace.queue);
    }
    if (!waiting.length && !place) onState("saved");
    pump();
  }

  /** Nothing of this launch is taken any more. */
  function stop() {
    stopped = true;
    waiting.length = 0;
    place = null;
    keepStatements();
    dropReports(storage, keptPlace.queue);
  }

  async function whileOffline() {
    onState("offline");
    await new Promise((resolve) => {
      wake = resolve;
      retry = later(resolve, RETRY[Math.min(failures, RETRY.length - 1)]);
    });
    failures += 1;
  }

  const seconds = () => (performance.now() - began) / 1000;

  function keep(bookmark) {
    place = { ...bookmark, at: Date.now() };
    keepReports(storage, keptPlace, [place]);
    pump();
  }

  return {
    seconds,

    /**
     * Sends what earlier pages left behind, then answers where the learner was: {} at the first visit.
     *
     * Without an answer of the server it waits: who begins at the beginning would write over what was seen before.
     */
    async begin() {
      for (;;) {
        const before = await replayStatements({ storage, queue, send });
        const { status, body } = before.offline ? { status: 0 } : await request(send, placeUrl, { auth });
        if (isTemporary(status)) {
          await whileOffline();
          continue;
        }
        failures = 0;
        if (status !== 200 && status !== 404) {
          stop();
          onState("refused");
          return {};
        }
        onState("saved");
        const left = keptReports(storage, keptPlace.queue).flatMap((entry) => entry.reports);
        if (!left.length) return body;
        const found = left.reduce(joined, body);
        keep(found);
        return found;
      }
    },

    /** `about` {time, progress, completion}: the position in seconds or pages, the share seen, whether it is done. */
    state(verb, about = {}) {
      if (stopped) return;
      const extensions = {};
      if (about.time !== undefined) extensions[`${VIDEO}time`] = rounded(about.time);
      if (about.progress !== undefined) extensions[`${VIDEO}progress`] = rounded(about.progress);
      waiting.push({
        id: uuid(),
        timestamp: new Date().toISOString(),
        actor: config.actor,
        verb: { id: VERBS[verb], display: { "en-US": verb } },
        object: {
          objectType: "Activity",
          id: config.activity,
          definition: { type: "http://adlnet.gov/expapi/activities/media", name: { und: config.title } },
        },
        result: {
          duration: `PT${seconds().toFixed(2)}S`,
          ...(about.completion && { completion: true }),
          ...(Object.keys(extensions).length && { extensions }),
        },
        context: { registration: config.registration },
      });
      keepStatements();
      pump();
    },

    /** Keep where the learner is; the latest place is sent after the statements before it. */
    keep(bookmark) {
      if (!stopped) keep(bookmark);
    },

    /** The line may be up again. */
    hurry() {
      wake();
      pump();
    },

    /** The page goes away: what fits is sent on its way, and all of it stays kept until it is known to be stored. */
    leave() {
      let room = KEEPALIVE_BYTES;
      const fits = (content) => (room -= byteLength(content)) >= 0;
      for (const each of [...waiting, place].filter((content) => content && content !== inFlight)) {
        if (!fits(each)) break;
        if (each === place) sendPlace(each);
        else put(send, statementsUrl, each, auth);
      }
      cancel(retry);
      stopped = true;
    },
  };
}

const rounded = (value) => Math.round(value * 1000) / 1000;
