// The menu and what is possible, as the server last told them: of a large course it tells only what has changed.

/** `merge(launch)` answers the launch with its whole menu, null where it is a change of something that is not held. */
export function createMenus() {
  let held = { revision: "", menu: [], valid: {} };

  return {
    /** What the server may tell changes from. */
    get revision() {
      return held.revision;
    },

    merge({ change, ...launch }) {
      if (change && change.since !== held.revision) return null;
      const next = change ? changed(held, change) : launch;
      held = { revision: launch.revision ?? "", menu: next.menu, valid: next.valid };
      return { ...launch, menu: held.menu, valid: held.valid };
    },
  };
}

function changed({ menu, valid }, { lines, left = [], order, valid: differs, gone = [] }) {
  const items = new Map([...menu, ...lines].map((item) => [item.identifier, item]));
  for (const identifier of left) items.delete(identifier);
  const next = { ...valid, ...differs };
  for (const name of gone) delete next[name];
  return { menu: order ? order.map((identifier) => items.get(identifier)) : [...items.values()], valid: next };
}
