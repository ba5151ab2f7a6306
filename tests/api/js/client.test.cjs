// The official JavaScript client, unmodified, against the running product: every operation that is built.
// What differs from run to run comes by the environment; tests/api/test_javascript_client.py sets it.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const { test } = require("node:test");
const cloud = require("@rusticisoftware/scormcloud-api-v2-client-javascript");

const { API, APP_ID, SECRET, MANAGER_ID, MANAGER_SECRET, PACKAGE, EMAIL, RESULTS, SITE } = process.env;
const mark = `${Date.now()}`;

function client(name, password) {
  const made = new cloud.ApiClient();
  made.basePath = API;
  made.authentications.APP_NORMAL = { type: "basic", username: name, password };
  made.authentications.APP_MANAGEMENT = { type: "basic", username: name, password };
  return made;
}

const mine = client(APP_ID, SECRET);
const manager = client(MANAGER_ID, MANAGER_SECRET);

/** The method called on the section, as a promise: its data; rejected with the status of a refusal. */
function on(section, of = mine) {
  const api = new cloud[section](of);
  return new Proxy(api, {
    get: (target, name) => (...words) => new Promise((done, fail) => {
      target[name](...words, (error, data, response) => {
        if (error) fail(Object.assign(error, { message: response?.text || error.message }));
        else done(Object.assign(new Answer(data, response)));
      });
    }),
  });
}

class Answer {
  constructor(data, response) {
    this.data = data;
    this.response = response;
  }
}

const courses = on("CourseApi");
const registrations = on("RegistrationApi");

async function refused(promise) {
  return promise.then(() => "not refused", (error) => error.status);
}

async function imported(answer) {
  for (let tries = 0; tries < 600; tries += 1) {
    const job = (await courses.getImportJobStatus(answer.data.result)).data;
    if (job.status !== "RUNNING") return job;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error("the import takes too long");
}

async function newCourse(name) {
  const courseId = `${name}/ä+% ${mark}`;
  const made = await courses.createUploadAndImportCourseJob(courseId, { file: fs.createReadStream(PACKAGE) });
  assert.equal((await imported(made)).status, "COMPLETE");
  return courseId;
}

const settings = (value) => ({ settings: [{ settingId: "PlayerShowNavBar", value, explicit: true }] });
const valueIn = (answer) => answer.data.settingItems.find((each) => each.id === "PlayerShowNavBar").effectiveValue;

test("ping, about and tokens", async () => {
  assert.match((await on("PingApi").pingAppId()).data.apiMessage, new RegExp(APP_ID));
  assert.equal((await on("AboutApi").getAbout()).data.version, "2.0");
  assert.equal(await refused(on("PingApi", client(APP_ID, "wrong")).pingAppId()), 401);
  const byForm = (await on("AuthenticationApi").getAppToken("read:course", { expiration: 60 })).data;
  const wish = { permissions: { scopes: ["read:ping"] }, expiry: new Date(Date.now() + 3600_000) };
  const byJson = (await on("ApplicationManagementApi").createToken(wish)).data;
  assert.equal(byForm.expires_in ?? byForm.expiresIn, 60);
  const bearer = new cloud.ApiClient();
  bearer.basePath = API;
  bearer.authentications.OAUTH.accessToken = byJson.result;
  assert.match((await on("PingApi", bearer).pingAppId()).data.apiMessage, /Hello/);
  assert.equal(await refused(on("CourseApi", bearer).getCourses({})), 403);
});

test("applications and their keys", async () => {
  const manages = on("ApplicationManagementApi", manager);
  const made = (await manages.createApplication({ name: "By JavaScript" })).data;
  await manages.updateApplication(made.id, { name: "Renamed", allowDelete: true });
  const info = (await manages.getApplicationInfo(made.id, { includeCourseCount: true })).data;
  assert.deepEqual([info.name, info.courseCount], ["Renamed", 0]);
  assert.ok((await manages.getApplicationList()).data.applications.some((each) => each.id === made.id));
  const listed = await manages.getApplications({ filter: made.id, includeTotalCount: true });
  assert.deepEqual([listed.data.applications.length, listed.response.headers["x-total-count"]], [1, "1"]);
  const key = (await manages.createCredential(made.id, { name: "LMS", active: true })).data;
  assert.match((await on("PingApi", client(made.id, key.credential)).pingAppId()).data.apiMessage, /Renamed/);
  await manages.updateCredential(made.id, key.id, { name: "LMS", active: false });
  assert.deepEqual((await manages.getCredentials(made.id)).data.credentials.map((each) => each.status), ["inactive"]);
  await manages.deleteCredential(made.id, key.id);
  await manages.deleteApplication(made.id);
  assert.equal(await refused(manages.getApplicationInfo(made.id, {})), 404);
});

test("settings of the application", async () => {
  const own = on("ApplicationManagementApi");
  const of = { learningStandard: "AICC", singleSco: true };
  await own.setApplicationConfiguration(settings("NO"), of);
  assert.equal(valueIn(await own.getApplicationConfiguration({ ...of, includeMetadata: true })), "NO");
  await own.deleteApplicationConfigurationSetting("PlayerShowNavBar", of);
  assert.notEqual(valueIn(await own.getApplicationConfiguration(of)), "NO");
});

test("imports", async () => {
  const url = `${SITE}/package.zip`;
  const fetched = await courses.createFetchAndImportCourseJob(`fetched-${mark}`, { url, contentMetadata: {} }, {});
  assert.equal((await imported(fetched)).status, "COMPLETE");
  const link = { mediaFileReference: { url: `${SITE}/film.mp4`, contentType: "video/mp4" }, title: "Film" };
  const noUpload = courses.createNoUploadAndImportCourseJob(`film-${mark}`, link, {});
  const status = await noUpload.then(async (answer) => (await imported(answer)).status, (error) => error.status);
  assert.ok(["COMPLETE", "ERROR", 400].includes(status), `${status}`);
  assert.equal(await refused(courses.createUploadAndImportCourseJob(`none-${mark}`, {})), 400);
});

test("courses: list, detail, title, tags, versions", async () => {
  const courseId = await newCourse("golf");
  const again = { file: fs.createReadStream(PACKAGE), mayCreateNewVersion: true };
  assert.equal((await imported(await courses.createUploadAndImportCourseJob(courseId, again))).status, "COMPLETE");
  await courses.setCourseTitle(courseId, { title: "Golf" });
  await courses.putCourseTags(courseId, { tags: ["a", "b"] });
  await courses.putCourseTagsBatch({ ids: [courseId], tags: ["c"] });
  await courses.deleteCourseTags(courseId, { tags: ["b"] });
  assert.deepEqual((await courses.getCourseTags(courseId)).data.tags, ["a", "c"]);
  const found = (await courses.getCourse(courseId, { includeRegistrationCount: true, includeCourseMetadata: true })).data;
  assert.deepEqual([found.title, found.version, found.registrationCount], ["Golf", 1, 0]);
  assert.ok(found.created instanceof Date && found.rootActivity);
  const listed = await courses.getCourses({ tags: ["a"], filter: courseId, orderBy: "created_desc", includeTotalCount: true });
  assert.deepEqual([listed.data.courses.map((each) => each.id), listed.response.headers["x-total-count"]], [[courseId], "1"]);
  assert.equal((await courses.getCourseVersions(courseId, {})).data.courses.length, 2);
  assert.equal((await courses.getCourseVersionInfo(courseId, 0, {})).data.version, 0);
  await courses.deleteCourseVersion(courseId, 1);
  await courses.deleteCourse(courseId);
  assert.equal(await refused(courses.getCourse(courseId, {})), 404);
});

test("settings of courses and versions", async () => {
  const courseId = await newCourse("settings");
  await courses.setCourseConfiguration(courseId, settings("NO"));
  await courses.setCourseVersionConfiguration(courseId, 0, settings("YES"));
  assert.equal(valueIn(await courses.getCourseConfiguration(courseId, { includeMetadata: true })), "NO");
  assert.equal(valueIn(await courses.getCourseVersionConfiguration(courseId, 0, {})), "YES");
  await courses.deleteCourseVersionConfigurationSetting(courseId, 0, "PlayerShowNavBar");
  await courses.deleteCourseConfigurationSetting(courseId, "PlayerShowNavBar");
  assert.notEqual(valueIn(await courses.getCourseVersionConfiguration(courseId, 0, {})), "NO");
});

test("files, zips and statements of courses", async () => {
  const courseId = await newCourse("files");
  const file = () => ({ file: fs.createReadStream(PACKAGE) });
  await courses.uploadCourseAssetFile(courseId, "extra/", file());
  await courses.uploadCourseVersionAssetFile(courseId, 0, "more/", file());
  await courses.importCourseAssetFile(courseId, { fetchUrl: `${SITE}/package.zip`, destination: "extra/a.zip" }, {});
  await courses.importCourseVersionAssetFile(courseId, 0, { fetchUrl: `${SITE}/package.zip`, destination: "extra/b.zip" }, {});
  const paths = (await courses.getCourseFileList(courseId)).data.files.map((each) => each.path);
  assert.ok(paths.includes("extra/a.zip") && paths.includes("extra/b.zip"));
  assert.equal((await courses.getCourseVersionFileList(courseId, 0)).data.files.length, paths.length);
  assert.equal((await courses.getCourseAsset(courseId, "imsmanifest.xml")).response.status, 200);
  assert.equal((await courses.getCourseVersionAsset(courseId, 0, "imsmanifest.xml")).response.status, 200);
  await courses.deleteCourseAsset(courseId, "extra/a.zip");
  await courses.deleteCourseVersionAsset(courseId, 0, "extra/b.zip");
  for (const zip of [await courses.getCourseZip(courseId), await courses.getVersionedCourseZip(courseId, 0)]) {
    assert.equal(zip.response.headers["content-type"], "application/zip");
  }
  assert.deepEqual((await courses.getCourseStatements(courseId, { learnerId: "ada" })).data.statements, []);
  assert.deepEqual((await courses.getCourseVersionStatements(courseId, 0, { since: new Date() })).data.statements, []);
});

test("previews", async () => {
  const courseId = await newCourse("preview");
  const wish = { expiry: 60, redirectOnExitUrl: "https://example.com/" };
  for (const made of [
    await courses.buildCoursePreviewLaunchLink(courseId, wish),
    await courses.buildCoursePreviewLaunchLinkWithVersion(courseId, 0, wish),
  ]) {
    assert.equal((await fetch(made.data.launchLink)).status, 200);
  }
});

test("registrations", async () => {
  const postback = { authType: "FORM", userName: "", password: "", resultsFormat: "COURSE" };
  const courseId = await newCourse("course");
  const id = `registration/ä+% ${mark}`;
  const learner = { id: `ada-${mark}`, firstName: "Ada", lastName: "Lovelace" };
  await registrations.createRegistration({ courseId, learner, registrationId: id, registrationTags: ["x"] }, {});
  assert.equal(await refused(registrations.createRegistration({ courseId, learner, registrationId: id }, {})), 400);
  await registrations.getRegistration(id);
  assert.equal(await refused(registrations.getRegistration("nowhere")), 404);
  await registrations.putRegistrationTags(id, { tags: ["a", "b"] });
  await registrations.putRegistrationTagsBatch({ ids: [id], tags: ["c"] });
  await registrations.deleteRegistrationTags(id, { tags: ["b"] });
  assert.deepEqual((await registrations.getRegistrationTags(id)).data.tags, ["a", "c", "x"]);
  const listed = await registrations.getRegistrations({ courseId, learnerId: learner.id, includeTotalCount: true });
  assert.deepEqual([listed.data.registrations[0].id, listed.response.headers["x-total-count"]], [id, "1"]);
  const progress = (await registrations.getRegistrationProgress(id, { includeChildResults: true, includeRuntime: true })).data;
  assert.deepEqual([progress.registrationCompletion, progress.learner.firstName], ["UNKNOWN", "Ada"]);
  await registrations.createNewRegistrationInstance(id);
  assert.equal((await registrations.getRegistrationInstances(id, {})).data.registrations.length, 2);
  assert.equal((await registrations.getRegistrationInstanceProgress(id, 0, {})).data.instance, 0);
  const link = registrations.buildRegistrationLaunchLink(id, { expiry: 60, redirectOnExitUrl: "https://example.com/" });
  const opened = await link.then((made) => fetch(made.data.launchLink).then((page) => page.status), (error) => error.status);
  assert.equal(opened, 200);
  assert.ok((await registrations.getRegistrationLaunchHistory(id, {})).data.launchHistory.length <= 1);
  assert.ok((await registrations.getRegistrationInstanceLaunchHistory(id, 1, {})).data.launchHistory.length <= 1);
  assert.deepEqual((await registrations.getRegistrationStatements(id, {})).data.statements, []);
  assert.deepEqual((await registrations.getRegistrationInstanceStatements(id, 1, {})).data.statements, []);
  await registrations.setRegistrationConfiguration(id, settings("NO"));
  await registrations.setRegistrationInstanceConfiguration(id, 1, settings("YES"));
  assert.equal(valueIn(await registrations.getRegistrationConfiguration(id, {})), "NO");
  assert.equal(valueIn(await registrations.getRegistrationInstanceConfiguration(id, 1, {})), "YES");
  await registrations.deleteRegistrationInstanceConfigurationSetting(id, 1, "PlayerShowNavBar");
  await registrations.deleteRegistrationConfigurationSetting(id, "PlayerShowNavBar");
  await registrations.deleteRegistrationInstance(id, 1);
  await registrations.deleteRegistrationProgress(id);
  await registrations.deleteRegistrationGlobalData(id);
  await registrations.testRegistrationPostback({ ...postback, url: RESULTS });
  await registrations.deleteRegistration(id);
  assert.equal(await refused(registrations.getRegistrationProgress(id, {})), 404);
});

test("learners", async () => {
  const courseId = await newCourse("learners");
  const learner = { id: `bob/ä+% ${mark}`, firstName: "Bob" };
  await registrations.createRegistration({ courseId, learner, registrationId: `of bob ${mark}` }, {});
  const learners = on("LearnerApi");
  await learners.putLearnerTags(learner.id, { tags: ["a", "b"] });
  await learners.putLearnerTagsBatch({ ids: [learner.id], tags: ["c"] });
  await learners.deleteLearnerTags(learner.id, { tags: ["b"] });
  assert.deepEqual((await learners.getLearnerTags(learner.id)).data.tags, ["a", "c"]);
  await learners.updateLearnerInfo(learner.id, { id: learner.id, lastName: "Builder" });
  const found = (await registrations.getRegistrationProgress(`of bob ${mark}`, {})).data.learner;
  assert.deepEqual([found.firstName, found.lastName], ["Bob", "Builder"]);
  assert.equal(await refused(learners.deleteAllLearnerData(learner.id, "nobody@example.com")), 403);
  await learners.deleteAllLearnerData(learner.id, EMAIL);
  for (let tries = 0; (await refused(learners.getLearnerTags(learner.id))) !== 404; tries += 1) {
    assert.ok(tries < 300);
    await new Promise((done) => setTimeout(done, 200));
  }
});

test("xAPI credentials, the account, and what is not built", async () => {
  const xapi = on("XapiApi");
  const wish = {
    name: "Content",
    secret: "s3cret",
    isEnabled: true,
    auth: { xapiCredentialAuthType: "BASICAUTH" },
    permissionsLevel: { xapiCredentialPermissionsLevel: "READONLY" },
  };
  const key = (await xapi.createXapiCredential(wish)).data.result;
  await xapi.setXapiCredential(key, { ...wish, name: "Renamed" });
  assert.equal((await xapi.getXapiCredential(key)).data.name, "Renamed");
  assert.ok((await xapi.getXapiCredentials({ filter: key })).data.xapiCredentials.some((each) => each.id === key));
  await xapi.deleteXapiCredential(key);
  assert.equal((await on("ReportingApi").getAccountInfo()).data.email, EMAIL);
  assert.equal(await refused(xapi.getStatementPipes()), 501);
});
