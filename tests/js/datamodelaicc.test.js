import assert from "node:assert/strict";
import { test } from "node:test";

import { createModel } from "../../static/player/datamodelaicc.js";

const model = (values = {}) => createModel({ values });

test("the elements SCORM 1.2 left out are there", () => {
  const aicc = model({ "cmi.student_demographics.familiar_name": "Ada", "cmi.student_data.attempt_number": "2" });

  assert.equal(aicc.get("cmi.student_demographics.familiar_name").value, "Ada");
  assert.equal(aicc.get("cmi.student_data.attempt_number").value, "2");
  assert.equal(aicc.set("cmi.evaluation.comments.0.content", "unclear").code, 0);
  assert.equal(aicc.set("cmi.paths.0.location_id", "A1").code, 0);
  assert.equal(aicc.set("cmi.student_data.tries.0.score.raw", "80").code, 0);
  assert.equal(aicc.set("cmi.student_preference.text_color", "blue").code, 0);
  assert.equal(aicc.set("cmi.student_preference.windows.0", "0,0,640,480").code, 0);
  assert.equal(aicc.get("cmi.paths._count").value, "1");
});

for (const [word, code] of [["passed", 0], ["P", 0], ["Complete", 0], ["n", 0], ["done", 405], ["", 405]]) {
  test(`the status "${word}" answers ${code}`, () => assert.equal(model().set("cmi.core.lesson_status", word).code, code));
}

test("what SCORM 1.2 has is SCORM 1.2's, and what is the system's cannot be set", () => {
  assert.equal(model().set("cmi.core.score.raw", "80").code, 0);
  assert.equal(model().set("cmi.core.student_id", "me").code, 403);
  assert.equal(model().set("cmi.student_demographics.city", "Paris").code, 403);
  assert.equal(model().get("cmi._version").value, "4.0");
});

test("by the API goes what a message may carry: scores of any range, a type of one's own, the course's id", () => {
  const aicc = model({ "cmi.evaluation.course_id": "C1" });

  for (const place of ["cmi.core.score", "cmi.objectives.0.score", "cmi.student_data.tries.0.score"]) {
    assert.equal(aicc.set(`${place}.raw`, "850").code, 0);
    assert.equal(aicc.set(`${place}.max`, "1000").code, 0);
    assert.equal(aicc.set(`${place}.min`, "many").code, 405);
  }
  assert.equal(aicc.set("cmi.interactions.0.type", "unique").code, 0);
  assert.equal(aicc.set("cmi.interactions.0.type", "own").code, 405);
  assert.equal(aicc.get("cmi.evaluation.course_id").value, "C1");
  assert.equal(aicc.set("cmi.evaluation.course_id", "C2").code, 403);
});
