// A small assignable unit written from the cmi5 specification: fetch, launch data, preferences, statements, return.

const launch = Object.fromEntries(new URLSearchParams(location.search));
const actor = JSON.parse(launch.actor);
const CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5";
const MOVE_ON = "https://w3id.org/xapi/cmi5/context/categories/moveon";
const MASTERY = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore";
let token, data, begun;

const say = (text) => { document.getElementById("status").textContent = text; };
const show = (id, text) => { document.getElementById(id).textContent = text ?? ""; };

function call(method, resource, parameters, body) {
  const headers = { Authorization: `Basic ${token}`, "X-Experience-API-Version": "1.0.3" };
  if (body) headers["Content-Type"] = "application/json";
  const query = parameters ? `?${new URLSearchParams(parameters)}` : "";
  return fetch(`${launch.endpoint}${resource}${query}`, { method, headers, body: body && JSON.stringify(body) });
}

async function send(verb, result, { mastery } = {}) {
  const category = [{ id: CMI5 }];
  if (result && ("success" in result || "completion" in result)) category.push({ id: MOVE_ON });
  const context = structuredClone(data.contextTemplate);
  context.registration = launch.registration;
  context.contextActivities.category = category;
  if (mastery && data.masteryScore !== undefined) context.extensions[MASTERY] = data.masteryScore;
  const answer = await call("POST", "statements", null, {
    id: crypto.randomUUID(),
    actor,
    verb: { id: `http://adlnet.gov/expapi/verbs/${verb}`, display: { en: verb } },
    object: { objectType: "Activity", id: launch.activityId },
    ...(result && { result }),
    context,
    timestamp: new Date().toISOString(),
  });
  say(answer.ok ? verb : `${verb} refused: ${(await answer.json()).rule}`);
}

const duration = () => `PT${Math.max(1, Math.round((Date.now() - begun) / 1000))}S`;

async function start() {
  const given = await (await fetch(launch.fetch, { method: "POST" })).json();
  token = given["auth-token"];
  if (!token) return say(`no token: ${given["error-code"]}`);
  const state = { activityId: launch.activityId, agent: launch.actor, registration: launch.registration, stateId: "LMS.LaunchData" };
  data = await (await call("GET", "activities/state", state)).json();
  await call("GET", "agents/profile", { agent: launch.actor, profileId: "cmi5LearnerPreferences" });
  show("mode", data.launchMode);
  show("mastery", data.masteryScore);
  show("parameters", data.launchParameters);
  show("page", launch.page);
  begun = Date.now();
  return send("initialized");
}

document.getElementById("complete").onclick = () => send("completed", { completion: true, duration: duration() });
document.getElementById("pass").onclick = () => send("passed", { success: true, score: { scaled: 0.8 }, duration: duration() }, { mastery: true });
document.getElementById("fail").onclick = () => send("failed", { success: false, score: { scaled: 0.2 }, duration: duration() }, { mastery: true });
document.getElementById("exit").onclick = async () => {
  await send("terminated", { duration: duration() });
  if (data.returnURL) location.assign(data.returnURL);
};
start();
