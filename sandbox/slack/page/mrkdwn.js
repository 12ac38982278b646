// Slack's mrkdwn to DOM nodes. Every character ends in a text node; only known constructs make elements.

import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { fillDate, fullTime } from "./time.js";

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
export const unescape = (text) => text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);

const leaf = (text) => withEmoji(unescape(text));

const LINKS = /^(https?:\/\/|mailto:)/i;

/** A link only for web and mail addresses; anything else stays text. */
export function link(address, label, title) {
  if (!LINKS.test(address)) return h("span", {}, label ?? address);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow", title }, label ?? address);
}

function dateNode(body, label) {
  const [, epoch, template, address] = body.split("^");
  if (!/^\d+$/.test(epoch ?? "") || !template) return label ?? "";
  const date = new Date(Number(epoch) * 1000);
  const node = h("time", { datetime: date.toISOString(), title: fullTime(date) }, leaf(fillDate(Number(epoch), template)));
  return address ? link(unescape(address), node) : node;
}

const mention = (text, mine) => h("span", { class: mine ? "mention mention-me" : "mention" }, text);

function special(body, label) {
  if (body.startsWith("!date^")) return dateNode(body, label && leaf(label));
  if (/^!(here|channel|everyone)$/.test(body)) return mention(`@${body.slice(1)}`, true);
  if (body.startsWith("!subteam^")) return mention(label ? leaf(label) : "@group");
  return leaf(label ?? body);
}

/** What stands between < and >: a mention, a date or a link. */
function construct(inside, names) {
  const [body, label] = inside.split(/\|(.*)/s);
  if (body.startsWith("@")) return mention(`@${names.person(body.slice(1)) ?? label ?? body.slice(1)}`, body.slice(1) === names.me);
  if (body.startsWith("#")) return mention(`#${names.channel(body.slice(1)) ?? label ?? body.slice(1)}`);
  if (body.startsWith("!")) return special(body, label);
  const address = unescape(body);
  if (!LINKS.test(address)) return leaf(`<${inside}>`);
  return link(address, label ? leaf(label) : address, label ? address : undefined);
}

const MARKS = { "*": "strong", _: "em", "~": "s" };
const TOKEN = /<([^<>\n]+)>|`([^`\n]+)`|(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\3(?![\p{L}\p{N}])|(https?:\/\/[^\s<>|"'`]+[^\s<>|"'`.,;:!?)\]*_~])/u;

/** Inline mrkdwn of one line. */
function inline(text, names, autolink) {
  const nodes = [];
  let rest = text;
  for (let found = TOKEN.exec(rest); found; found = TOKEN.exec(rest)) {
    const [whole, angle, code, mark, marked, address] = found;
    if (found.index) nodes.push(leaf(rest.slice(0, found.index)));
    if (angle !== undefined) nodes.push(construct(angle, names));
    else if (code !== undefined) nodes.push(h("code", {}, unescape(code)));
    else if (mark) nodes.push(h(MARKS[mark], {}, inline(marked, names, autolink)));
    else nodes.push(autolink ? link(unescape(address)) : unescape(address));
    rest = rest.slice(found.index + whole.length);
  }
  if (rest) nodes.push(leaf(rest));
  return nodes;
}

function lines(text, names, autolink) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, index, all) => {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = h("blockquote")));
      else quote.append(h("br"));
      quote.append(...inline(quoted[1], names, autolink));
      return;
    }
    const afterQuote = quote !== null;
    quote = null;
    if (index && !afterQuote) nodes.push(h("br"));
    if (line || index < all.length - 1) nodes.push(...inline(line, names, autolink));
  });
  return nodes;
}

/** Nodes of a mrkdwn text; `names` resolves people and channels. */
export function mrkdwn(text, names, { verbatim = false } = {}) {
  return text.split(/```\n?([\s\S]+?)```\n?/).flatMap((part, index) =>
    index % 2 ? [h("pre", {}, unescape(part.replace(/\n$/, "")))] : part ? lines(part, names, !verbatim) : [],
  );
}

/** Nodes of a text object (`plain_text` or `mrkdwn`). */
export function textObject(object, names) {
  if (!object) return [];
  if (typeof object === "string") return [object];
  if (object.type === "mrkdwn") return mrkdwn(object.text ?? "", names, { verbatim: object.verbatim });
  const text = object.text ?? "";
  return [h("span", { class: "plain" }, object.emoji === false ? text : withEmoji(text))];
}

/** The bare words of a text object, for labels. */
export const plain = (object) => (typeof object === "string" ? object : withEmoji(object?.text ?? ""));
