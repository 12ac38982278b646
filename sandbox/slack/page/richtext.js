// The `rich_text` block: sections, lists, preformatted text and quotes.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { link } from "./mrkdwn.js";
import { fillDate } from "./time.js";

const STYLES = [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"], ["underline", "u"]];

function styled(node, style) {
  return STYLES.reduce((inner, [name, tag]) => (style?.[name] ? h(tag, {}, inner) : inner), node);
}

const PARTS = {
  text: (part) => styled(part.text ?? "", part.style),
  link: (part) => styled(link(part.url ?? "", part.text || part.url, part.url), part.style),
  emoji: (part) => part.unicode ? String.fromCodePoint(...part.unicode.split("-").map((code) => parseInt(code, 16))) : emoji(part.name) ?? `:${part.name}:`,
  user: (part, names) => h("span", { class: part.user_id === names.me ? "mention mention-me" : "mention" }, `@${names.person(part.user_id) ?? part.user_id}`),
  channel: (part, names) => h("span", { class: "mention" }, `#${names.channel(part.channel_id) ?? part.channel_id}`),
  usergroup: (part) => h("span", { class: "mention" }, `@${part.usergroup_id}`),
  broadcast: (part) => h("span", { class: "mention mention-me" }, `@${part.range}`),
  date: (part) => h("time", { datetime: new Date(part.timestamp * 1000).toISOString() }, fillDate(part.timestamp, part.format ?? "{date_pretty} {time}")),
  color: (part) => h("code", {}, part.value ?? ""),
};

const parts = (elements, names) => (elements ?? []).map((part) => PARTS[part.type]?.(part, names) ?? part.text ?? "");

function list(element, names) {
  const tag = element.style === "ordered" ? "ol" : "ul";
  const items = (element.elements ?? []).map((item) => h("li", {}, parts(item.elements, names)));
  return h(tag, { class: `rt-list indent-${Math.min(element.indent ?? 0, 6)}`, start: element.offset ? element.offset + 1 : undefined }, items);
}

const KINDS = {
  rich_text_section: (element, names) => h("div", { class: "rt-section" }, parts(element.elements, names)),
  rich_text_list: list,
  rich_text_preformatted: (element, names) => h("pre", {}, parts(element.elements, names)),
  rich_text_quote: (element, names) => h("blockquote", {}, parts(element.elements, names)),
};

/** Nodes of a rich_text block. */
export const richText = (block, names) => (block.elements ?? []).map((element) => KINDS[element.type]?.(element, names));

/** The bare words of a rich_text block, for sorting and labels. */
export const richWords = (block) =>
  (block.elements ?? []).flatMap((element) => (element.elements ? [richWords(element)] : [element.text ?? element.name ?? ""])).join("");
