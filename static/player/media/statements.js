// Statements and the bookmark of a medium, sent to the endpoint of its launch in order and again until they are there.

const VERBS = {
  experienced: "http://adlnet.gov/expapi/verbs/experienced",
  progressed: "http://adlnet.gov/expapi/verbs/progressed",
  completed: "http://adlnet.gov/expapi/verbs/completed",
  initialized: "http://adlnet.gov/expapi/verbs/initialized",
  played: "https://w3id.org/xapi/video/verbs/played",
  paused: "https://w3id.org/xapi/video/verbs/paused",
  seeked: "https://w3id.org/xapi/video/verbs/seeked",
  terminated: "http://adlnet.gov/expapi/verbs/terminated",
};
const VIDEO = "https://w3id.org/xapi/video/extensions/";
const RETRY = [1000, 3000, 10000, 30000];

export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function createReporter({ config, onState, send = (...args) => fetch(...args) }) {
  const queue = [];
  const began = performance.now();
  let busy = false;
  let failures = 0;

  const headers = {
    Authorization: config.auth,
    "Content-Type": "application/json",
    "X-Experience-API-Version": "1.0.3",
  };
  const place = new URLSearchParams({
    activityId: config.activity,
    agent: JSON.stringify(config.actor),
    registration: config.registration,
    stateId: "bookmark",
  });
  const stateUrl = `${config.endpoint}activities/state?${place}`;

  function push(request) {
    queue.push(request);
    pump();
  }

  async function pump() {
    if (busy || !queue.length) return;
    busy = true;
    onState("saving");
    const request = queue[0];
    let status = 0;
    try {
      status = (await send(request.url, { method: request.method, headers, body: request.body, keepalive: true })).status;
    } catch {
      status = 0;
    }
    busy = false;
    if (status === 0 || status === 429 || status >= 500) {
      onState("offline");
      setTimeout(pump, RETRY[Math.min(failures, RETRY.length - 1)]);
      failures += 1;
      return;
    }
    failures = 0;
    queue.splice(queue.indexOf(request), 1);
    if (status >= 400 && status !== 409) {
      queue.length = 0;
      onState("refused");
      return;
    }
    onState(queue.length ? "saving" : "saved");
    pump();
  }

  const seconds = () => (performance.now() - began) / 1000;

  return {
    seconds,

    /** `about` {time, progress, completion}: the position in seconds or pages, the share seen, whether it is done. */
    state(verb, about = {}) {
      const extensions = {};
      if (about.time !== undefined) extensions[`${VIDEO}time`] = Math.round(about.time * 1000) / 1000;
      if (about.progress !== undefined) extensions[`${VIDEO}progress`] = Math.round(about.progress * 1000) / 1000;
      if (about.segments) extensions[`${VIDEO}played-segments`] = about.segments;
      const statement = {
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
      };
      push({ url: `${config.endpoint}statements?statementId=${statement.id}`, method: "PUT", body: JSON.stringify(statement) });
    },

    /** Keep where the learner is. What waits to be sent of an earlier place is dropped. */
    keep(bookmark) {
      const waiting = queue.findIndex((request, place) => request.isBookmark && !(busy && place === 0));
      if (waiting >= 0) queue.splice(waiting, 1);
      push({ url: stateUrl, method: "PUT", body: JSON.stringify(bookmark), isBookmark: true });
    },

    /** The bookmark of an earlier visit, {} where there is none. */
    async bookmark() {
      try {
        const answer = await send(stateUrl, { headers });
        return answer.ok ? await answer.json() : {};
      } catch {
        return {};
      }
    },

    /** The page goes away: what waits is sent without waiting for answers. */
    flush() {
      for (const request of queue.slice(busy ? 1 : 0)) {
        send(request.url, { method: request.method, headers, body: request.body, keepalive: true }).catch(() => {});
      }
      queue.length = 0;
    },
  };
}
