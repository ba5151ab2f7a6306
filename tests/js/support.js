/** What the tests of the run-time share. */

import * as engine12 from "../../static/player/datamodel12.js";
import * as engine2004 from "../../static/player/datamodel2004.js";
import { createApi as createApi12 } from "../../static/player/api12.js";
import { createApi as createApi2004 } from "../../static/player/api2004.js";

export const model12 = (values = {}, given = {}) => engine12.createModel({ values, ...given });
export const model2004 = (values = {}, given = {}) => engine2004.createModel({ values, ...given });
export const api12 = (model = model12(), hooks = {}) => createApi12({ model, ...hooks });
export const api2004 = (model = model2004(), hooks = {}) => createApi2004({ model, ...hooks });

/** Sets all of these, each of which must be taken. */
export function setAll(model, values) {
  for (const [name, value] of Object.entries(values)) {
    const { code, diagnostic } = model.set(name, value);
    if (code !== 0) throw new Error(`${name} = ${value}: ${code} ${diagnostic}`);
  }
  return model;
}

/** Local storage in memory; `quota` in characters. */
export function makeStorage({ quota = Infinity } = {}) {
  const held = new Map();
  return {
    get length() {
      return held.size;
    },
    key: (index) => [...held.keys()][index],
    getItem: (name) => held.get(name) ?? null,
    removeItem: (name) => held.delete(name),
    setItem(name, value) {
      if (value.length > quota) throw new Error("quota exceeded");
      held.set(name, value);
    },
  };
}

/** A clock that only passes when it is told to. */
export function makeClock() {
  const clock = { time: 0, timers: new Map(), next: 1 };
  clock.now = () => clock.time;
  clock.later = (work, wait) => {
    clock.timers.set(clock.next, { work, at: clock.time + wait });
    return clock.next++;
  };
  clock.cancel = (timer) => clock.timers.delete(timer);
  clock.pass = async (milliseconds) => {
    clock.time += milliseconds;
    for (const [timer, { work, at }] of [...clock.timers]) {
      if (at > clock.time) continue;
      clock.timers.delete(timer);
      work();
    }
    await settle();
  };
  return clock;
}

/** Lets what is on its way come to its end. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));
