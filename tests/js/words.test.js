// The words of scripts in another language, as a page brings them along.

import assert from "node:assert/strict";
import test from "node:test";

const brought = { language: "fr", texts: { Saved: "Enregistré", "{count} file": ["{count} fichier", "{count} fichiers"] } };
globalThis.document = { getElementById: (id) => (id === "words" ? { textContent: JSON.stringify(brought) } : null) };
const { gettext, ngettext, number } = await import("../../static/js/words.js");

test("a text is said in the page's language, and in English where it has none", () => {
  assert.deepEqual(["Saved", "Lost {name}", "", undefined].map((text) => gettext(text, { name: "a {b}" })), ["Enregistré", "Lost a {b}", "", ""]);
});

test("a count chooses the form by the rule of the language", () => {
  const said = [0, 1, 2].map((count) => [ngettext("{count} file", "{count} files", count), ngettext("{count} act", "{count} acts", count)]);

  assert.deepEqual(said, [["0 fichier", "0 act"], ["1 fichier", "1 act"], ["2 fichiers", "2 acts"]]);
});

test("a number is written as the language does", () => {
  assert.equal(number(87.5), "87,5");
});
