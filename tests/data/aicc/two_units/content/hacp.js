// A small AICC client: speaks HACP with the system that launched the page (CMI001 v4.0 section 6).
const query = new Map([...new URLSearchParams(location.search)].map(([name, value]) => [name.toLowerCase(), value]));
const password = query.get("unit") === "1" ? "" : "secret";

function send(command, data = "") {
  const request = new XMLHttpRequest();
  request.open("POST", query.get("aicc_url"), false);
  request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
  const fields = { command, version: "4.0", session_id: query.get("aicc_sid"), AU_password: password, AICC_Data: data };
  request.send(Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&"));
  document.getElementById("last").textContent = request.responseText.split(/\r?\n/)[1];
  return request.responseText;
}

const put = (...lines) => send("PutParam", ["[Core]", ...lines].join("\r\n"));

addEventListener("DOMContentLoaded", () => {
  const found = send("GetParam");
  const value = (name) => found.match(new RegExp(`^${name}=(.*?)\r?$`, "im"))?.[1] ?? "";
  document.getElementById("status").textContent = value("Lesson_Status");
  document.getElementById("location").textContent = value("Lesson_Location");
  document.getElementById("data").textContent = found.match(/\[Core_Lesson\]\r\n([^[]*)/)?.[1].trim() ?? "";
  const on = (id, act) => document.getElementById(id).addEventListener("click", act);
  on("pass", () => put("Lesson_Status=P", "Lesson_Location=end", "Score=80,100,0", "Time=00:01:30"));
  on("complete", () => put("Lesson_Status=completed", "Lesson_Location=end", "Score=", "Time=00:00:20"));
  on("bookmark", () => put("Lesson_Status=I,S", "Lesson_Location=page 3", "Score=", "Time=00:00:10", "[Core_Lesson]", "page=3"));
  on("answer", () => send("PutInteractions", '"interaction_id","type_interaction","student_response","result"\r\n"Q1","C","a","C"'));
  on("finish", () => send("ExitAU"));
});
