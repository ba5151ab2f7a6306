/**
 * The engine both run-time data models share: it resolves names against a table, keeps values, and answers with the
 * error codes of its standard. It knows no element; the tables are datamodel12.js and datamodel2004.js.
 *
 * A table has
 * - `groups`: [pattern, children, limit]: what _children answers; one with records `.n` also has _count, `limit` is the
 *   number of records an LMS has to keep;
 * - `elements`: [pattern, access, type, options], access "r", "w" or "rw". Options: `initial`, the value before any is
 *   set; `needs`, patterns that must have a value first; `rules`, checks after the type's; `derive(context)`, the value
 *   GetValue answers; `unbounded`, a limit of the type is never enforced.
 * - `closed`: collections to which content cannot add;
 * - `version`: what cmi._version answers; `codes`: the error codes by condition.
 *
 * `n` in a pattern is an index; a last part `{target}` takes any `{target=…}`.
 */

const INDEX = /^(?:0|[1-9]\d*)$/;
const TARGET = /^\{target=(.+)\}$/s;
const KEYWORDS = ["_children", "_count", "_version"];

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
      records.push({ collection: parts.slice(0, at).join("."), index: Number(part), path: parts.slice(0, at + 1).join(".") });
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
  const root = table.root ?? (table.root = buildTree(table));
  const { codes, version, closed = [] } = table;
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
    const beyondSays = beyond && `${beyond.path} does not exist: ${beyond.collection} has ${count(beyond.collection)} records.`;
    if (found.keyword) return beyond ? refuse(codes.noRecordToGet, beyondSays) : keyword(found, refuse);
    const { element } = found.node;
    if (!element) return refuse(table.partial?.(found.path) ?? codes.undefinedElement, `${name} has no value of its own.`);
    if (!element.access.includes("r")) return refuse(codes.writeOnly, `${name} is write-only.`);
    if (beyond) return refuse(codes.noRecordToGet, beyondSays);
    if (!(access[found.path] ?? "r").includes("r")) return refuse(codes.writeOnly, `${name} is write-only.`);
    const answer = element.derive ? element.derive(contextOf(found)) : value(found.path);
    if (answer === undefined) return refuse(codes.notInitialized, codes.notInitialized ? `${name} has no value yet.` : "");
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
    if (name === "") return refuse(codes.noNameToSet, "SetValue was called without the name of an element.");
    const found = resolve(root, name);
    if (!found) return refuse(codes.undefinedElement, `${name} is not an element of the data model.`);
    if (found.keyword) return refuse(codes.keyword, `${name} is a keyword and cannot be set.`);
    const { element } = found.node;
    if (!element) return refuse(codes.undefinedElement, `${name} has no value of its own and cannot be set.`);
    if (!element.access.includes("w")) return refuse(codes.readOnly, `${name} is read-only.`);
    const beyond = found.records.find(({ collection, index }) => index > count(collection) - (closed.includes(collection) ? 1 : 0));
    if (beyond) return refuse(codes.noRecordToSet, `${beyond.path} is out of order: ${beyond.collection} has ${count(beyond.collection)} records.`);
    if (!(access[found.path] ?? "w").includes("w")) return refuse(codes.readOnly, `${name} is read-only.`);
    const missing = (element.needs ?? []).map((pattern) => fill(pattern, found.records)).find((path) => !kept.has(path));
    if (missing) return refuse(codes.dependency, `${name} cannot be set before ${missing}.`);

    const problems = [element.type.check(text, contextOf(found))];
    for (const rule of element.rules ?? []) problems.push(rule(text, contextOf(found)));
    const fault = problems.find((problem) => problem?.fault && !isTolerated(problem, element));
    if (fault) return refuse(codes[fault.fault], `${name} cannot be "${shorten(text)}": ${fault.says}.`);

    const warnings = problems.filter(Boolean).map((problem) => problem.warning ?? problem.says);
    warnings.push(...found.records.map((record) => tooMany(record)).filter(Boolean));
    keep(found, text);
    return { code: 0, diagnostic: "", warning: warnings.length ? `${name}: ${warnings.join("; ")}.` : "", changed: { [found.path]: text } };
  }

  function isTolerated(problem, { unbounded, response }) {
    if (!problem.tolerable) return false;
    return lenient || unbounded || (response && settings.validate_interaction_responses === false);
  }

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
