// Reports to the LRS the launch address names, with plain fetch: endpoint, auth, actor, registration, activity_id.
const given = new URLSearchParams(location.search);
const endpoint = given.get("endpoint").replace(/\/?$/, "/");
const actor = JSON.parse(given.get("actor"));
const registration = given.get("registration");
const activity = given.get("activity_id");
const headers = { Authorization: given.get("auth"), "X-Experience-API-Version": "1.0.3" };
const show = (id, text) => (document.getElementById(id).textContent = text);

async function send(verb, result) {
  const statement = {
    id: crypto.randomUUID(),
    actor,
    verb: { id: `http://adlnet.gov/expapi/verbs/${verb}`, display: { "en-US": verb } },
    object: { id: activity },
    context: { registration },
    timestamp: new Date().toISOString(),
    ...(result && { result }),
  };
  const answer = await fetch(`${endpoint}statements`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(statement),
    keepalive: true,
  });
  show("last", `${verb} ${answer.status}`);
}

function stateUrl() {
  const query = new URLSearchParams({ activityId: activity, agent: JSON.stringify(actor), registration, stateId: "place" });
  return `${endpoint}activities/state?${query}`;
}

async function keepPlace() {
  const answer = await fetch(stateUrl(), { method: "PUT", headers: { ...headers, "Content-Type": "text/plain" }, body: "page 3" });
  show("last", `place ${answer.status}`);
}

async function readPlace() {
  const answer = await fetch(stateUrl(), { headers });
  show("place", answer.ok ? await answer.text() : "none");
}

const on = (id, act) => document.getElementById(id).addEventListener("click", act);
on("attempt", () => send("attempted"));
on("complete", () => send("completed", { completion: true, duration: "PT12.5S" }));
on("pass", () => send("passed", { success: true, completion: true, score: { scaled: 0.8, raw: 80, min: 0, max: 100 } }));
on("fail", () => send("failed", { success: false, score: { scaled: 0.3 } }));
on("bookmark", keepPlace);
show("endpoint", endpoint);
show("activity", activity);
readPlace();
