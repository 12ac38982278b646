// The `markdown` block: standard Markdown's everyday part, as DOM nodes.

import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { link } from "./mrkdwn.js";

const SPAN = /`([^`\n]+)`|\*\*(?=\S)(.+?)\*\*|__(?=\S)(.+?)__|\*(?=\S)([^*\n]+?)\*|(?<!\w)_(?=\S)([^_\n]+?)_(?!\w)|~~(.+?)~~|\[([^\]\n]+)\]\(([^)\s]+)\)/;

function spans(text) {
  const found = SPAN.exec(text);
  if (!found) return text ? [withEmoji(text)] : [];
  const [whole, code, strong, strong2, em, em2, strike, label, address] = found;
  let node;
  if (code !== undefined) node = h("code", {}, code);
  else if (strong ?? strong2) node = h("strong", {}, spans(strong ?? strong2));
  else if (em ?? em2) node = h("em", {}, spans(em ?? em2));
  else if (strike) node = h("s", {}, spans(strike));
  else node = link(address, label, address);
  return [withEmoji(text.slice(0, found.index)), node, ...spans(text.slice(found.index + whole.length))];
}

const cells = (line) => line.replace(/^\s*\||\|\s*$/g, "").split("|").map((cell) => cell.trim());
const RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function tableOf(rows) {
  const [head, ...body] = rows;
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", { class: "table" },
      h("thead", {}, h("tr", {}, cells(head).map((cell) => h("th", { scope: "col" }, spans(cell))))),
      h("tbody", {}, body.map((row) => h("tr", {}, cells(row).map((cell) => h("td", {}, spans(cell))))))));
}

// Each rule takes lines from the front of the list when it fits, and returns a node; the last one always fits.
const RULES = [
  (lines) => {
    if (!/^```/.test(lines[0])) return null;
    lines.shift();
    const end = lines.findIndex((line) => /^```/.test(line));
    const taken = lines.splice(0, end < 0 ? lines.length : end);
    lines.shift();
    return h("pre", {}, taken.join("\n"));
  },
  (lines) => {
    const found = /^(#{1,6})\s+(.*)$/.exec(lines[0]);
    return found && lines.shift() !== undefined ? h("p", { class: `md-h md-h${found[1].length}` }, spans(found[2])) : null;
  },
  (lines) => (/^\s*([-*_])(\s*\1){2,}\s*$/.test(lines[0]) && lines.shift() !== undefined ? h("hr") : null),
  (lines) => {
    if (!lines[0].includes("|") || !RULE.test(lines[1] ?? "") || !lines[1].includes("-")) return null;
    const end = lines.findIndex((line) => !line.includes("|"));
    const taken = lines.splice(0, end < 0 ? lines.length : end);
    return tableOf([taken[0], ...taken.slice(2)]);
  },
  (lines) => taken(lines, /^>\s?(.*)$/, (items) => h("blockquote", {}, items.flatMap((item) => [...spans(item), h("br")]).slice(0, -1))),
  (lines) => taken(lines, /^\s*[-*+]\s+(.*)$/, (items) => h("ul", {}, items.map((item) => h("li", {}, checkbox(item))))),
  (lines) => taken(lines, /^\s*\d+[.)]\s+(.*)$/, (items) => h("ol", {}, items.map((item) => h("li", {}, spans(item))))),
  (lines) => {
    const end = lines.findIndex((line, index) => index && (!line.trim() || /^(```|#|>|\s*[-*+]\s|\s*\d+[.)]\s)/.test(line)));
    const words = lines.splice(0, end < 0 ? lines.length : end);
    return h("p", {}, words.flatMap((line, index) => (index ? [h("br"), ...spans(line)] : spans(line))));
  },
];

function checkbox(item) {
  const found = /^\[([ xX])\]\s+(.*)$/.exec(item);
  return found ? [found[1] === " " ? "☐ " : "☑ ", ...spans(found[2])] : spans(item);
}

function taken(lines, pattern, build) {
  const items = [];
  while (lines.length && pattern.test(lines[0])) items.push(pattern.exec(lines.shift())[1]);
  return items.length ? build(items) : null;
}

/** Nodes of a Markdown text. */
export function markdown(text) {
  const lines = text.replace(/\r/g, "").split("\n");
  const nodes = [];
  while (lines.length) {
    if (!lines[0].trim()) lines.shift();
    else nodes.push(RULES.reduce((node, rule) => node ?? rule(lines), null));
  }
  return nodes;
}
