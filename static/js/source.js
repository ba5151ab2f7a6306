// Colours in the text of a file, by the browser's own highlights (CSS Custom Highlight API): the page stays plain text,
// and where a browser has none of them nothing is missing but colour.

const MOST = 300_000; // characters that are coloured; of minified scripts more says nothing

// What is quoted ends soon: without an end each quotation mark would be followed to the end of the file.
const TEXT = String.raw`"(?:[^"\\\n]|\\[^]){0,2000}"|'(?:[^'\\\n]|\\[^]){0,2000}'`;
const MARKUP = String.raw`(?<comment><!--[^]*?(?:-->|$)|<!\[CDATA\[[^]*?(?:\]\]>|$))|(?<keyword><[!?/]?[A-Za-z][\w:.-]*|[?/]?>)|(?<name>(?<![\w:.-])[\w:.-]+(?=\s{0,9}=\s{0,9}["']))|(?<==\s{0,9})(?<string>"[^"]*"|'[^']*')`;
const SCRIPT = String.raw`(?<comment>\/\*[^]*?(?:\*\/|$)|\/\/[^\n]*)|(?<string>${TEXT}|\`(?:[^\`\\]|\\[^]){0,2000}\`)|(?<keyword>\b(?:async|await|break|case|catch|class|const|continue|default|delete|do|else|export|extends|false|finally|for|from|function|if|import|in|instanceof|let|new|null|of|return|static|super|switch|this|throw|true|try|typeof|undefined|var|void|while|yield)\b)|(?<number>\b\d[\w.]*)`;
const STYLE = String.raw`(?<comment>\/\*[^]*?(?:\*\/|$))|(?<string>${TEXT})|(?<keyword>@[\w-]+)|(?<name>(?<![\w-])[\w-]+(?=\s{0,9}:\s))|(?<number>#[0-9a-fA-F]{3,8}\b|\b\d[\w.%]*)`;
const DATA = String.raw`(?<name>"(?:[^"\\\n]|\\.){0,2000}"(?=\s{0,9}:))|(?<string>"(?:[^"\\\n]|\\.){0,2000}")|(?<keyword>\b(?:true|false|null)\b)|(?<number>-?\b\d[\d.eE+-]*)`;
const GRAMMARS = {
  ...Object.fromEntries(["xml", "xsd", "html", "htm", "xhtml", "svg", "vxml"].map((name) => [name, MARKUP])),
  ...Object.fromEntries(["js", "mjs"].map((name) => [name, SCRIPT])),
  json: DATA,
  css: STYLE,
};

/** What of the text is a comment, keyword, name, string or number: [kind, start, end] in order; none of other files. */
export function tokens(text, ending) {
  const grammar = GRAMMARS[ending];
  if (!grammar) return [];
  const found = [];
  for (const match of text.slice(0, MOST).matchAll(new RegExp(grammar, "g"))) {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    found.push([kind, match.index, match.index + match[0].length]);
  }
  return found;
}

/** Colours the lines of the element, whose text nodes follow each other as the text does. */
function colour(source) {
  const lines = [...source.querySelectorAll(".source-line")].map((line) => line.firstChild);
  const starts = [];
  let length = 0;
  for (const line of lines) {
    starts.push(length);
    length += line.data.length;
  }
  const ranges = {};
  let at = 0;
  const place = (offset) => {
    while (at + 1 < starts.length && starts[at + 1] <= offset) at += 1;
    return [lines[at], offset - starts[at]];
  };
  for (const [kind, start, end] of tokens(lines.map((line) => line.data).join(""), source.dataset.source)) {
    const range = new StaticRange({ ...named("start", place(start)), ...named("end", place(end - 1), 1) });
    (ranges[kind] ??= []).push(range);
  }
  for (const [kind, found] of Object.entries(ranges)) CSS.highlights.set(`source-${kind}`, new Highlight(...found));
}

const named = (side, [node, offset], more = 0) => ({ [`${side}Container`]: node, [`${side}Offset`]: offset + more });

const source = globalThis.document?.querySelector("[data-source]");
if (source && globalThis.CSS?.highlights) colour(source);
