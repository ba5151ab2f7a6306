/**
 * The engine both run-time data models share: it resolves names against a table, keeps values, and answers with the
 * error codes of its standard. It knows no element; the tables are datamodel12.js and datamodel2004.js.
 *
 * A table has
 * - `groups`: [pattern, children, limit]: what _children answers; one with records `.n` also has _count, `limit` is the
 *   number of records an LMS has to keep;
 * - `elements`: [pattern, access, type, options], access "r", "w" or "rw". Options: `initial`, the value before any is
 *   set; `needs`, patterns that must have a value first; `once`, it cannot be changed; `rules`, checks after the
 *   type's; `derive(context)`, the value GetValue answers; `unbounded`, a limit of the type is never enforced;
 *   `response`, its format is a setting;
 * - `closed`: collections to which content cannot add;
 * - `lenient`: whether tolerable faults are let through where the settings do not say;
 * - `partial(path)`: the code of GetValue for a name that leads to no element, where it is a special one;
 * - `version`: what cmi._version answers; `codes`: the error codes by condition.
 *
 * `n` in a pattern is an index; a last part `{target}` takes any `{target=…}`.
 */

const INDEX = /^(?:0|[1-9]\d*)$/;
const TARGET = /^\{target=(.+)\}$/s;
const KEYWORDS = ["_children", "_count", "_version"];

/** The table, ready for createDataModel. */
export function defineTable(table) {
  return { ...table, root: buildTree(table) };
}

function buildTree({ elements, groups }) {
  const root = newNode();
  for (const [pattern, access, type, options = {}] of elements) {
    nodeAt(root, pattern).element = { pattern, access, type, ...options };
  }
  for (const [pattern, children, limit] of groups) Object.assign(nodeAt(root, pattern), { list: children, limit });
  return root;
}

function newNode() {
  return { parts: new Map(), record: null, byTarget: null, element: null, list: undefined, limit: undefined };
}

function nodeAt(root, pattern) {
  return pattern.split(".").reduce((node, part) => {
    if (part === "n") return (node.record ??= newNode());
    if (part === "{target}") return (node.byTarget ??= newNode());
    if (!node.parts.has(part)) node.parts.set(part, newNode());
    return node.parts.get(part);
  }, root);
}

/** Dots inside {target=…} belong to the identifier. */
function split(name) {
  const brace = name.indexOf("{");
  if (brace < 0) return name.split(".");
  const parts = name.slice(0, brace).split(".");
  return [...parts.slice(0, -1), parts.at(-1) + name.slice(brace)];
}

/** Where a name leads: {node, path, records, target, keyword}, or null when the table does not know it. */
function resolve(root, name) {
  const parts = split(name);
  const keyword = KEYWORDS.includes(parts.at(-1)) ? parts.pop() : "";
  let node = root;
  let target = "";
  const records = [];
  for (const [at, part] of parts.entries()) {
    if (node.parts.has(part)) {
      node = node.parts.get(part);
    } else if (node.record && INDEX.test(part)) {
      node = node.record;
      const collection = parts.slice(0, at).join(".");
      records.push({ collection, index: Number(part), path: `${collection}.${part}` });
    } else if (node.byTarget && TARGET.test(part)) {
      node = node.byTarget;
      [, target] = TARGET.exec(part);
    } else {
      return null;
    }
  }
  return node === root ? null : { node, path: parts.join("."), records, target, keyword };
}

function countRecords(names) {
  const counts = new Map();
  for (const name of names) {
    const parts = split(name);
    parts.forEach((part, at) => {
      if (INDEX.test(part)) raise(counts, parts.slice(0, at).join("."), Number(part) + 1);
    });
  }
  return counts;
}

function raise(counts, collection, count) {
  counts.set(collection, Math.max(counts.get(collection) ?? 0, count));
}

const shorten = (text) => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

export function createDataModel(table, { values, access = {}, valid = {}, settings = {} }) {
  const { root, codes, version, closed = [] } = table;
  const kept = new Map(Object.entries(values).filter(([name]) => !KEYWORDS.includes(split(name).at(-1))));
  const counts = countRecords(kept.keys());
  const lenient = settings.lenient ?? table.lenient;

  const count = (collection) => counts.get(collection) ?? 0;
  const value = (path) => kept.get(path) ?? resolve(root, path)?.node.element?.initial;

  function contextOf({ path, records, target }) {
    return { path, target, records: records.map((record) => record.path), value, count, valid, settings };
  }

  function get(name) {
    const refuse = (code, diagnostic) => ({ value: "", code, diagnostic });
    if (name === "") return refuse(codes.noNameToGet, "GetValue was called without the name of an element.");
    const found = resolve(root, name);
    if (!found) return refuse(codes.undefinedElement, `${name} is not an element of the data model.`);
    const beyond = found.records.find(({ collection, index }) => index >= count(collection));
    const refuseBeyond = () => refuse(codes.noRecordToGet, `${beyond.path} does not exist: ${recordsOf(beyond)}.`);
    if (found.keyword) return beyond ? refuseBeyond() : keyword(found, refuse);
    const { element } = found.node;
    if (!element) {
      return refuse(table.partial?.(found.path) ?? codes.undefinedElement, `${name} has no value of its own.`);
    }
    if (!element.access.includes("r")) return refuse(codes.writeOnly, `${name} is write-only.`);
    if (beyond) return refuseBeyond();
    if (!(access[found.path] ?? "r").includes("r")) return refuse(codes.writeOnly, `${name} is write-only.`);
    const answer = element.derive ? element.derive(contextOf(found)) : value(found.path);
    if (answer === undefined) return refuse(codes.notInitialized, `${name} has no value yet.`);
    return { value: answer, code: 0, diagnostic: "" };
  }

  function keyword({ node, path, keyword: word }, refuse) {
    const answer = (text) => ({ value: text, code: 0, diagnostic: "" });
    if (word === "_children") {
      return node.list ? answer(node.list) : refuse(codes.noChildren, `${path} has no children.`);
    }
    if (word === "_count") {
      return node.record ? answer(String(count(path))) : refuse(codes.noCount, `${path} is not a collection.`);
    }
    return path === "cmi" ? answer(version) : refuse(codes.noVersion, "Only cmi has a version.");
  }

  function set(name, text) {
    const refuse = (code, diagnostic) => ({ code, diagnostic, warning: "", changed: null });
    const found = resolve(root, name);
    const refused = unwritable(name, found) ?? unchangeable(name, found, text);
    if (refused) return refuse(...refused);

    const problems = check(found, text);
    const { element } = found.node;
    const fault = problems.find((problem) => problem.fault && !isTolerated(problem, element));
    if (fault) return refuse(codes[fault.fault], `${name} cannot be "${shorten(text)}": ${fault.says}.`);

    const warnings = problems.map((problem) => problem.warning ?? problem.says);
    warnings.push(...found.records.map(tooMany).filter(Boolean));
    keep(found, text);
    const warning = warnings.length ? `${name}: ${warnings.join("; ")}.` : "";
    return { code: 0, diagnostic: "", warning, changed: { [found.path]: text } };
  }

  /** Why nothing can be set there, whatever the value: [code, diagnostic]; null where it can. */
  function unwritable(name, found) {
    if (name === "") return [codes.noNameToSet, "SetValue was called without the name of an element."];
    if (!found) return [codes.undefinedElement, `${name} is not an element of the data model.`];
    if (found.keyword) return [codes.keyword, `${name} is a keyword and cannot be set.`];
    const { element } = found.node;
    if (!element) return [codes.undefinedElement, `${name} has no value of its own and cannot be set.`];
    if (!element.access.includes("w")) return [codes.readOnly, `${name} is read-only.`];
    const lastIndex = (collection) => count(collection) - (closed.includes(collection) ? 1 : 0);
    const beyond = found.records.find(({ collection, index }) => index > lastIndex(collection));
    if (beyond) return [codes.noRecordToSet, `${beyond.path} is out of order: ${recordsOf(beyond)}.`];
    return (access[found.path] ?? "w").includes("w") ? null : [codes.readOnly, `${name} is read-only.`];
  }

  /** Why it cannot be set now: what it depends on is missing, or it is set for good. */
  function unchangeable(name, { node: { element }, path, records }, text) {
    const missing = (element.needs ?? []).map((pattern) => fill(pattern, records)).find((needed) => !kept.has(needed));
    if (missing) return [codes.dependency, `${name} cannot be set before ${missing}.`];
    if (!element.once || !kept.has(path) || kept.get(path) === text) return null;
    return [codes.conflict, `${name} is "${shorten(kept.get(path))}" and can be set only once.`];
  }

  function check(found, text) {
    const { element } = found.node;
    // what the manifest calls an objective may be no URI: setting it to itself is no fault of the content
    if (element.once && kept.has(found.path)) return [];
    const context = contextOf(found);
    const checks = [element.type.check, ...(element.rules ?? [])];
    return checks.map((one) => one(text, context)).filter(Boolean);
  }

  function isTolerated(problem, { unbounded, response }) {
    if (!problem.tolerable) return false;
    return lenient || unbounded || (response && settings.validate_interaction_responses === false);
  }

  const recordsOf = ({ collection }) => `${collection} has ${count(collection)} records`;

  function tooMany({ collection, index }) {
    const { limit } = resolve(root, collection).node;
    return limit && index >= limit ? `more than the ${limit} records an LMS has to keep; all are kept` : "";
  }

  function keep({ path, records }, text) {
    kept.set(path, text);
    for (const { collection, index } of records) raise(counts, collection, index + 1);
  }

  return { get, set, values: () => Object.fromEntries(kept) };
}

/** `cmi.interactions.n.id` with the indexes of these records. */
function fill(pattern, records) {
  const indexes = records.map((record) => record.index);
  return pattern.replace(/\.n(?=\.)/g, () => `.${indexes.shift()}`);
}
