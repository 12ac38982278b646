// Every block of Block Kit to one node. An unknown block says its name, so that nothing is silently missing.

import { chart } from "./charts.js";
import { h, icon, ICONS, uid } from "./dom.js";
import { element, picture } from "./elements.js";
import { markdown } from "./markdown.js";
import { link, plain, textObject } from "./mrkdwn.js";
import { makeSlot } from "./place.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";

const slotted = (block, item, place, options) => element(makeSlot(place, block, item, options));
const words = (object, place, tag = "div", cls = "text") => object && h(tag, { class: cls }, textObject(object, place.names));

function section(block, place) {
  const fields = block.fields?.length && h("div", { class: "fields" }, block.fields.map((field) => words(field, place)));
  return h("div", { class: "b-section" },
    h("div", { class: "b-section-main" }, words(block.text, place), fields),
    block.accessory && h("div", { class: "b-accessory" }, slotted(block, block.accessory, place)));
}

function context(block, place) {
  return h("div", { class: "b-context" }, (block.elements ?? []).map((item) =>
    item.type === "image" ? picture(item, "tiny") : words(item, place, "span")));
}

function actions(block, place) {
  return h("div", { class: "b-actions" }, (block.elements ?? []).map((item) => h("div", { class: "act" }, slotted(block, item, place))));
}

function image(block) {
  return h("figure", { class: "b-image" }, block.title && h("figcaption", {}, plain(block.title)), picture(block));
}

/** An input with its label, hint and, when the app sent one, the error under it. */
function input(block, place) {
  const id = uid("input");
  const error = place.errors[block.block_id];
  const single = !["checkboxes", "radio_buttons"].includes(block.element?.type);
  const labels = {
    "aria-labelledby": `${id}-label`,
    "aria-describedby": [error && `${id}-error`, block.hint && `${id}-hint`].filter(Boolean).join(" ") || undefined,
    "aria-invalid": error ? "true" : undefined,
    "aria-required": single && !block.optional ? "true" : undefined,
  };
  return h("div", { class: `b-input ${error ? "has-error" : ""}`, "data-block": block.block_id },
    h("div", { class: "label", id: `${id}-label` }, plain(block.label), block.optional && h("span", { class: "optional" }, " (optional)")),
    slotted(block, block.element, place, { inInput: true, labels }),
    error && h("p", { class: "field-error", id: `${id}-error` }, error),
    block.hint && h("p", { class: "hint", id: `${id}-hint` }, plain(block.hint)));
}

function video(block) {
  return h("div", { class: "b-video" }, icon(ICONS.play), h("div", {},
    link(block.title_url ?? block.video_url ?? "", plain(block.title) || "Video"), block.description && h("p", { class: "quiet" }, plain(block.description))));
}

const ALERTS = { default: "Note", info: "Info", warning: "Warning", error: "Error", success: "Done" };

function alert(block, place) {
  const level = ALERTS[block.level] ? block.level : "default";
  return h("div", { class: `b-alert ${level}`, role: level === "error" ? "alert" : "note" },
    h("strong", { class: "sr-only" }, `${ALERTS[level]}: `), words(block.text, place));
}

function card(block, place) {
  return h("article", { class: "b-card" },
    block.hero_image && picture(block.hero_image, "hero"),
    h("div", { class: "b-card-head" }, block.icon && picture(block.icon, "tiny"),
      h("div", {}, words(block.title, place, "div", "b-card-title"), words(block.subtitle, place, "div", "quiet"))),
    words(block.body, place), words(block.subtext, place, "div", "quiet"),
    block.actions?.length && h("div", { class: "b-actions" }, block.actions.map((item) => h("div", { class: "act" }, slotted(block, item, place)))));
}

function container(block, place) {
  const head = [block.title && h("strong", {}, plain(block.title)), block.rich_text_title && richText(block.rich_text_title, place.names), block.subtitle && words(block.subtitle, place, "span", "quiet")];
  const inner = h("div", { class: "b-container-body" }, blocks(block.child_blocks, place));
  if (!block.is_collapsible) return h("section", { class: "b-container" }, h("div", { class: "b-container-head" }, head), inner);
  return h("details", { class: "b-container", open: !block.default_collapsed }, h("summary", {}, head), inner);
}

const STATES = { pending: "○", in_progress: "◐", complete: "●", error: "⚠" };
const task = (block, place) => h("div", { class: "b-task" }, h("span", { title: block.status }, STATES[block.status] ?? "○"), " ", block.title ?? "",
  block.details && richText(block.details, place.names), block.output && richText(block.output, place.names));

const KINDS = {
  section, context, actions, image, input, video, alert, card, container, task_card: task,
  header: (block) => h("h3", { class: "b-header" }, plain(block.text)),
  divider: () => h("hr", { class: "b-divider" }),
  rich_text: (block, place) => h("div", { class: "text rich" }, richText(block, place.names)),
  markdown: (block) => h("div", { class: "text md" }, markdown(block.text ?? "")),
  table: (block, place) => table(block, place.names),
  data_table: (block, place) => dataTable(block, place.names),
  data_visualization: (block) => chart(block),
  context_actions: actions,
  carousel: (block, place) => h("div", { class: "b-carousel", tabindex: "0", role: "region", "aria-label": "Cards" }, (block.elements ?? []).map((item) => card({ block_id: block.block_id, ...item }, place))),
  file: (block) => h("div", { class: "b-video" }, icon(ICONS.link), `File ${block.external_id ?? ""}`),
  plan: (block, place) => h("div", { class: "b-plan" }, h("strong", {}, plain(block.title)), (block.tasks ?? []).map((item) => task(item, place))),
};

/** The nodes of a list of blocks in a place. */
export function blocks(list, place) {
  return (list ?? []).map((block, index) => {
    const known = { ...block, block_id: block.block_id ?? `b${index}`, at: index };
    return KINDS[block.type]?.(known, place) ?? h("p", { class: "unknown" }, `Unknown block: ${block.type}`);
  });
}
