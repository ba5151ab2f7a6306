// JSON requests to the server; no cookie goes along, the unguessable path says who asks.

const ANSWER_LIMIT = 15_000;
/** The player speaks one language, whatever the browser would ask for otherwise. */
const language = () => globalThis.document?.documentElement.lang || "en";

/** Answers {status, body}, status 0 when no answer came. `keepalive`: the request outlives the page (64 KiB at most). */
export async function post(url, body, keepalive = false) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": language() },
      body: JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      keepalive,
    });
    return { status: response.status, body: parse(await response.text()) };
  } catch {
    return { status: 0, body: {} };
  }
}

/** Answers as `post` does. */
export async function get(url) {
  try {
    const response = await fetch(url, { headers: { "Accept-Language": language() }, credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(ANSWER_LIMIT) });
    return { status: response.status, body: parse(await response.text()) };
  } catch {
    return { status: 0, body: {} };
  }
}

/** The same as `post`, synchronous; browsers refuse it while a page is being unloaded. */
export function postNow(url, body) {
  try {
    const request = new XMLHttpRequest();
    request.open("POST", url, false);
    request.setRequestHeader("Content-Type", "application/json");
    request.setRequestHeader("Accept-Language", language());
    request.send(JSON.stringify(body));
    return { status: request.status, body: parse(request.responseText) };
  } catch {
    return { status: 0, body: {} };
  }
}

function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
