// What is coloured in the text of a file.

import assert from "node:assert/strict";
import { test } from "node:test";

import { tokens } from "../../static/js/source.js";

const CASES = [
  ["xml", '<!-- a -->\n<a:b c="d">it\'s e="f"</a:b>', ["comment:<!-- a -->", "keyword:<a:b", "name:c", 'string:"d"', "keyword:>", "name:e", 'string:"f"', "keyword:</a:b", "keyword:>"]],
  ["html", "<?xml version='1.0'?><br/>", ["keyword:<?xml", "name:version", "string:'1.0'", "keyword:?>", "keyword:<br", "keyword:/>"]],
  ["xml", "<![CDATA[ <a> ", ["comment:<![CDATA[ <a> "]],
  ["js", 'let a = "b\\"c"; // d\nconst e = `f\n${g}` + 0x1f; /* h', ["keyword:let", 'string:"b\\"c"', "comment:// d", "keyword:const", "string:`f\n${g}`", "number:0x1f", "comment:/* h"]],
  ["css", "@media x { a { color: #fff; width: 10px; background: url(http://x) } }", ["keyword:@media", "name:color", "number:#fff", "name:width", "number:10px", "name:background"]],
  ["json", '{"a": ["b", -1.5e3, true]}', ['name:"a"', 'string:"b"', "number:-1.5e3", "keyword:true"]],
  ["txt", '<a b="c">', []],
];

for (const [ending, text, expected] of CASES) {
  test(`${ending}: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(tokens(text, ending).map(([kind, start, end]) => `${kind}:${text.slice(start, end)}`), expected);
  });
}

test("text made to be slow is coloured at once", () => {
  for (const ending of ["xml", "js", "css", "json"]) {
    for (const piece of ['"', "<!--", "a=", "/*", "'\\", "-", "a ", "`", "<a "]) {
      const begun = performance.now();
      tokens(piece.repeat(40_000), ending);
      assert.ok(performance.now() - begun < 5_000, `${ending} ${piece}`);
    }
  }
});
