// The words of the page's scripts in the page's language, which the page brings along in #words; English without.

const { language = "en", texts = {} } = JSON.parse(globalThis.document?.getElementById("words")?.textContent ?? "{}");
const plurals = new Intl.PluralRules(language);

/** `text` in the page's language, with {names} replaced by the values; what the server says comes in English too. */
export function gettext(text, values = {}) {
  return filled(texts[text] ?? text ?? "", values);
}

/** The form for `count`, which both may name as {count}: it is written as the language writes numbers. */
export function ngettext(one, many, count, values = {}) {
  const [singular, plural] = texts[one] ?? [one, many];
  return filled(plurals.select(count) === "one" ? singular : plural, { count: number(count), ...values });
}

/** A number as it is written in the page's language. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(language, options).format(value);
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
