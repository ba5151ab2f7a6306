// Windows of this browser that play the same registration: the one opened last takes over, and waits until the other
// has let go of its content and sent what it had.

const ANSWER_WITHIN = 1500; // a busy machine may take that long to run another window's script
const RELEASE_WITHIN = 4000;

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** `release()` lets go of the content and resolves when all is sent; called when another window takes over. */
export function createWindows({ queue, release }) {
  const channel = new BroadcastChannel(`player:${queue}`);
  const self = `${Date.now()}-${Math.random()}`;
  const marker = `player-open:${queue}`;
  const heard = { held: null, released: null };
  let holding = false;

  channel.addEventListener("message", async ({ data }) => {
    if (data.to === self) heard[data.type]?.();
    if (data.type !== "take-over" || !holding) return;
    holding = false;
    channel.postMessage({ type: "held", to: data.from });
    await release();
    channel.postMessage({ type: "released", to: data.from });
  });

  /** Whether another window said it plays; a marker left by a crash only costs the wait. */
  async function takeOver() {
    const held = new Promise((resolve) => { heard.held = () => resolve(true); });
    const released = new Promise((resolve) => { heard.released = resolve; });
    channel.postMessage({ type: "take-over", from: self });
    if (await Promise.race([held, wait(ANSWER_WITHIN).then(() => false)])) {
      await Promise.race([released, wait(RELEASE_WITHIN)]);
    }
  }

  return {
    async claim() {
      if (read(marker)) await takeOver();
      holding = true;
      write(marker, self);
    },

    letGo() {
      holding = false;
      if (read(marker) === self) write(marker, null);
    },
  };
}

function read(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // then only the server tells the other window
  }
}
