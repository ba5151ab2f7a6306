// Add Content in the browser: sends packages by tus, in pieces, and goes on where it stopped.
//
// A row is in one of these states: queued, sending, stalled (no connection; goes on by itself), paused, waiting (begun on
// an earlier page; the file must be chosen again), failed, done.

import { gettext, number } from "./words.js";

const PIECE = 16 * 1024 * 1024; // bytes of a request: a slow line holds the server for one piece only
const AT_ONCE = 3; // files sent at the same time
const STALL = { first: 1000, most: 30000 }; // milliseconds until a dropped line is tried again

// In decimal units, as the console writes sizes everywhere.
function bytes(count) {
  const units = [gettext("bytes"), gettext("kB"), gettext("MB"), gettext("GB")];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${number(value, unit ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 })} ${units[unit]}`;
}

// What is read out when the row of that name comes into another state; of a failure `text` says why.
function announcement(state, name, text) {
  if (state === "failed") return gettext("{name} was not sent. {reason}", { name, reason: text });
  if (state === "sending") return gettext("{name} is being sent", { name });
  if (state === "stalled") return gettext("{name} waits for the connection", { name });
  if (state === "paused") return gettext("{name} is paused", { name });
  if (state === "done") return gettext("{name} was sent", { name });
  return `${name}: ${text}`;
}

function token() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

// Words for what went wrong: the server's own where it gave any.
function words(error) {
  const answer = error.originalResponse;
  const said = answer?.getHeader("Content-Type")?.startsWith("text/plain") ? answer.getBody() : "";
  if (said) return said;
  if (answer?.getStatus() === 403) return gettext("This page has become old. Load it again and go on.");
  if (answer?.getStatus() === 404) return gettext("This upload is no longer on the server. Choose the file again.");
  return gettext("It could not be sent. Try again.");
}

// Words for what passes: who waits is told for what.
function passing(error) {
  const status = error.originalResponse?.getStatus() ?? 0;
  if (status === 423 || status === 429) return `${words(error)} ${gettext("It is tried again by itself.")}`;
  const reason = status === 0 ? gettext("No connection.") : gettext("The server cannot take it just now.");
  return `${reason} ${gettext("It goes on by itself; nothing that was sent is lost.")}`;
}

// Whether the line or the server is away for now, rather than that the server said no.
function isPassing(error) {
  const status = error.originalResponse?.getStatus() ?? 0;
  return status === 0 || status === 409 || status === 423 || status === 429 || (status >= 500 && status !== 507);
}

class Row {
  constructor(zone, name) {
    this.zone = zone;
    this.name = name;
    this.element = zone.template.content.firstElementChild.cloneNode(true);
    this.part("name").textContent = name;
    this.part("bar").setAttribute("aria-label", gettext("{name}: sent", { name }));
    for (const button of this.element.querySelectorAll("button")) {
      button.setAttribute("aria-label", `${button.textContent.trim()}: ${name}`);
      button.addEventListener("click", () => this[button.dataset.does]());
    }
    zone.list.append(this.element);
  }

  part(name) {
    return this.element.querySelector(`.upload-${name}`);
  }

  show(state, text, share = null) {
    const before = this.state;
    this.state = state;
    this.element.dataset.state = state;
    this.part("state").textContent = text;
    if (share !== null) this.part("bar").value = share;
    if (state !== before) this.zone.announce(announcement(state, this.name, text));
  }

  nameButton(does, word) {
    const button = this.element.querySelector(`[data-does=${does}]`);
    button.querySelector("span").textContent = word;
    button.setAttribute("aria-label", `${word}: ${this.name}`);
  }

  remove() {
    const hadFocus = this.element.contains(document.activeElement);
    this.element.remove();
    if (hadFocus) this.zone.pick.focus();
  }
}

// An upload that an earlier page began: the browser has forgotten the file, the server has not.
class WaitingRow extends Row {
  constructor(zone, previous) {
    super(zone, previous.metadata.filename);
    this.previous = previous;
    this.show("waiting", gettext("Not finished. Choose the same file again to go on."));
    this.ask();
  }

  async ask() {
    const answer = await fetch(this.previous.uploadUrl, { method: "HEAD", headers: { "Tus-Resumable": "1.0.0" } }).catch(() => null);
    if (!answer) return; // offline: what is known stays on screen
    const offset = Number(answer.headers.get("Upload-Offset"));
    if (answer.ok && offset < this.previous.size) {
      const share = offset / this.previous.size;
      const percent = number(Math.floor(share * 100));
      this.show("waiting", gettext("{percent} % sent. Choose the same file again to go on.", { percent }), share);
      return;
    }
    if (answer.status === 404 || answer.ok) this.forget();
    if (answer.ok) this.zone.changed();
  }

  again() {
    this.zone.pick.click();
  }

  async cancel() {
    const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": token() };
    const answer = await fetch(this.previous.uploadUrl, { method: "DELETE", headers }).catch(() => null);
    if (answer?.ok || answer?.status === 404) this.forget();
    else this.show("waiting", gettext("It could not be cancelled. Try again."));
  }

  forget() {
    this.zone.storage.removeUpload(this.previous.urlStorageKey);
    this.zone.waiting.delete(this);
    this.remove();
  }
}

class SendingRow extends Row {
  constructor(zone, file) {
    super(zone, file.name);
    this.file = file;
    this.stall = STALL.first;
    this.show("queued", gettext("{size}, waits for its turn", { size: bytes(file.size) }), 0);
    this.upload = new tus.Upload(file, {
      endpoint: zone.endpoint,
      chunkSize: PIECE,
      retryDelays: [0, 1000, 3000],
      metadata: { filename: file.name, ...(zone.course && { course: zone.course }) },
      removeFingerprintOnSuccess: true,
      onBeforeRequest: (request) => request.setHeader("X-CSRFToken", token()),
      onShouldRetry: (error) => this.state === "cancelled" && isPassing(error), // else `error` says so at once and waits
      onProgress: (sent, total) => this.progress(sent, total),
      onError: (error) => this.error(error),
      onSuccess: () => this.done(),
    });
  }

  async start() {
    if (this.state !== "stalled") this.show("sending", gettext("Starting")); // a stalled one says so until bytes go again
    if (!this.upload.url) {
      const [previous] = (await this.upload.findPreviousUploads()).filter((each) => this.zone.isOurs(each));
      if (previous) this.goOnWith(previous);
    }
    if (this.state === "sending" || this.state === "stalled") this.upload.start(); // not paused or cancelled meanwhile
  }

  goOnWith(previous) {
    this.upload.resumeFromPreviousUpload(previous);
    for (const row of this.zone.waiting) {
      if (row.previous.urlStorageKey !== previous.urlStorageKey) continue;
      this.zone.waiting.delete(row);
      row.remove();
    }
  }

  progress(sent, total) {
    if (this.state !== "sending" && this.state !== "stalled") return;
    const now = performance.now();
    if (sent !== this.sent) this.stall = STALL.first;
    this.since ??= { now, sent };
    const seconds = (now - this.since.now) / 1000;
    const speed = seconds > 1 ? gettext(", {size} a second", { size: bytes((sent - this.since.sent) / seconds) }) : "";
    this.sent = sent;
    const amount = gettext("{sent} of {total}", { sent: bytes(sent), total: bytes(total) });
    this.show("sending", `${amount}${speed}`, total ? sent / total : 0);
  }

  error(error) {
    this.since = null;
    if (this.state === "cancelled") return;
    if (isPassing(error)) {
      this.show("stalled", passing(error));
      this.timer = setTimeout(() => this.goOn(), this.stall);
      this.stall = Math.min(this.stall * 2, STALL.most);
      return;
    }
    this.element.toggleAttribute("data-retry", true);
    this.refuse(words(error));
    this.zone.next();
  }

  // Over for now: what is left to do is to take the row away, not to cancel anything.
  refuse(text) {
    this.nameButton("cancel", gettext("Dismiss"));
    this.show("failed", text);
  }

  goOn() {
    clearTimeout(this.timer);
    if (this.state === "stalled") this.start();
  }

  done() {
    this.show("done", gettext("Sent. The import goes on below."), 1);
    this.zone.changed();
    this.zone.next();
    setTimeout(() => this.leave(), 4000);
  }

  leave() {
    this.zone.rows.delete(this);
    this.remove();
    this.zone.changed(); // the first may have come while the list was being replaced
  }

  async pause() {
    clearTimeout(this.timer);
    this.since = null;
    const amount = { sent: bytes(this.sent ?? 0), total: bytes(this.file.size) };
    this.show("paused", gettext("Paused at {sent} of {total}", amount));
    this.element.querySelector("[data-does=resume]").focus();
    await this.upload.abort();
    this.zone.next();
  }

  resume() {
    this.element.toggleAttribute("data-retry", false);
    this.nameButton("cancel", gettext("Cancel"));
    this.show("queued", gettext("Waits for its turn"));
    this.zone.next();
    this.element.querySelector("[data-does=pause]").focus();
  }

  cancel() {
    clearTimeout(this.timer);
    const wasRefused = this.state === "failed";
    this.state = "cancelled";
    this.upload.abort(true).catch(() => {}); // what the server keeps of it goes after a day
    this.zone.rows.delete(this);
    this.remove();
    if (!wasRefused) this.zone.announce(gettext("{name} was cancelled", { name: this.name }));
    this.zone.next();
  }
}

class Zone {
  constructor(element) {
    this.element = element;
    this.endpoint = element.dataset.endpoint;
    this.path = new URL(this.endpoint, location.href).pathname; // uploads lie below it, whatever is asked of it
    this.course = element.dataset.course ?? "";
    this.most = Number(element.dataset.most);
    this.list = element.querySelector("[data-uploads]");
    this.pick = element.querySelector("[data-pick]");
    this.status = element.querySelector("[data-upload-status]");
    this.template = element.querySelector("[data-upload-row]");
    this.storage = tus.defaultOptions.urlStorage;
    this.rows = new Set();
    this.waiting = new Set();
    this.pick.addEventListener("change", () => {
      this.take(this.pick.files);
      this.pick.value = "";
    });
    this.listenToDrags();
    this.findWaiting();
  }

  // Files may be dropped anywhere on the page: a miss by a finger's breadth must not make the browser open the file.
  listenToDrags() {
    let depth = 0;
    const over = (change) => {
      depth = Math.max(0, depth + change);
      this.element.classList.toggle("drop-over", depth > 0);
    };
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    document.addEventListener("dragenter", (event) => hasFiles(event) && over(1));
    document.addEventListener("dragleave", (event) => hasFiles(event) && over(-1));
    document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    document.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      over(-depth);
      this.take(event.dataTransfer.files);
    });
  }

  isOurs(previous) {
    return (
      new URL(previous.uploadUrl, location.href).pathname.startsWith(this.path) &&
      (previous.metadata.course ?? "") === this.course
    );
  }

  async findWaiting() {
    for (const previous of await this.storage.findAllUploads()) {
      if (previous.uploadUrl && this.isOurs(previous)) this.waiting.add(new WaitingRow(this, previous));
    }
  }

  take(files) {
    for (const file of this.course ? [...files].slice(0, 1) : files) {
      if (this.isTaken(file)) continue;
      const row = new SendingRow(this, file);
      this.rows.add(row);
      if (!/\.(zip|pif|xml|pdf|mp4|mp3)$/i.test(file.name)) row.refuse(gettext("This is no package. Export the course as a zip file, or choose a cmi5 course structure (.xml), a PDF, an MP4 or an MP3."));
      else if (file.size > this.most) row.refuse(gettext("It has {size}; {most} are allowed.", { size: bytes(file.size), most: this.element.dataset.mostWords }));
    }
    this.next();
  }

  // Whether the same file is on its way already: chosen twice it must not become two courses.
  isTaken(file) {
    const over = ["failed", "done", "cancelled"];
    return [...this.rows].some(
      ({ state, file: taken }) =>
        !over.includes(state) &&
        ["name", "size", "lastModified"].every((property) => taken[property] === file[property]),
    );
  }

  next() {
    const rows = [...this.rows];
    let busy = rows.filter((row) => row.state === "sending" || row.state === "stalled").length;
    for (const row of rows) {
      if (busy >= AT_ONCE) return;
      if (row.state === "queued") {
        row.start();
        busy += 1;
      }
    }
  }

  announce(text) {
    this.status.textContent = text;
  }

  changed() {
    document.body.dispatchEvent(new CustomEvent("imports-changed"));
  }

  get isBusy() {
    return [...this.rows].some((row) => ["queued", "sending", "stalled"].includes(row.state));
  }
}

const zones = [...document.querySelectorAll("[data-upload]")].map((element) => new Zone(element));

window.addEventListener("online", () => {
  for (const zone of zones) {
    for (const row of zone.rows) row.goOn();
    zone.changed(); // what was imported meanwhile could not be asked for
  }
});
window.addEventListener("beforeunload", (event) => {
  if (zones.some((zone) => zone.isBusy)) event.preventDefault();
});

// Tell who cannot see it when an import is over; the list itself changes too often to be read out.
// What was over when the list was first shown is no news; what is over when it first appears may be, if it was quick.
let told = document.querySelector("#imports[aria-label]") ? over() : null;

function over() {
  return new Set([...document.querySelectorAll("[data-job]:is([data-state=complete], [data-state=failed])")].map((job) => job.dataset.job));
}

document.body.addEventListener("htmx:afterSwap", () => {
  const now = over();
  for (const id of told ? now : []) {
    if (told.has(id)) continue;
    const job = document.querySelector(`[data-job="${id}"]`);
    const name = job.querySelector(".job-name").textContent.trim();
    zones[0]?.announce(job.dataset.state === "complete" ? gettext("{name} is imported", { name }) : gettext("{name} could not be imported", { name }));
  }
  told = new Set([...(told ?? []), ...now]);
});
