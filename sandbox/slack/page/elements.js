// Interactive elements other than select menus. Each takes a slot (see place.js) and returns one node.

import { again, h, icon, ICONS, uid } from "./dom.js";
import { confirmed } from "./dialog.js";
import { fields } from "./fields.js";
import { menu } from "./menu.js";
import { plain, textObject } from "./mrkdwn.js";
import { select } from "./select.js";

const slots = new WeakMap();
const WARNING = "The app did not answer in time. What it did is not known.";

/** Run an action with its confirm dialog, and show on the control that it is busy. */
async function press(slot, node, value) {
  const { element, place } = slot;
  if (node.getAttribute("aria-busy") === "true") return null;
  if (element.confirm && !(await confirmed(element.confirm, place.names))) return null;
  node.setAttribute("aria-busy", "true");
  const outcome = await asDrawnNow(slot, node).act(value);
  node.removeAttribute("aria-busy");
  return outcome;
}

/** What lies behind a question may be drawn anew while it stands, with other block_ids: the same control there. */
function asDrawnNow(slot, node) {
  const now = node.isConnected ? null : slots.get(again(document, slot.focusKey));
  const isSame = now?.element.action_id === slot.element.action_id && now.element.value === slot.element.value;
  return isSame ? now : slot;
}

function button(slot) {
  const { element } = slot;
  const props = { class: `button ${element.style ?? ""}`, "data-focus": slot.focusKey, "aria-label": element.accessibility_label };
  const label = plain(element.text);
  const safe = /^https?:\/\//i.test(element.url ?? "");
  const node = safe
    ? h("a", { ...props, href: element.url, target: "_blank", rel: "noopener noreferrer", onclick: () => press(slot, node) }, label, icon(ICONS.link, "small"))
    : h("button", { ...props, type: "button", onclick: () => press(slot, node, element.value) }, label);
  slots.set(node, slot);
  return node;
}

function overflow(slot) {
  const node = h("button", { type: "button", class: "button icon-only", "aria-label": "More actions", "data-focus": slot.focusKey }, icon(ICONS.more));
  slots.set(node, slot);
  return menu(node, () => (slot.element.options ?? []).map((option) => ({
    label: plain(option.text),
    note: plain(option.description),
    run: () => {
      if (/^https?:\/\//i.test(option.url ?? "")) window.open(option.url, "_blank", "noopener");
      press(slot, node, option);
    },
  })));
}

/** Radio buttons and checkboxes share one fieldset. */
function choices(slot) {
  const { element, place } = slot;
  const many = element.type === "checkboxes";
  const first = place.stands(slot, many ? element.initial_options : element.initial_option);
  const start = new Set([first ?? []].flat().map((option) => option.value));
  const name = uid("choice");
  const inputs = (element.options ?? []).map((option, index) => h("input", {
    type: many ? "checkbox" : "radio", name, value: option.value, id: `${name}-${index}`, checked: start.has(option.value),
    "data-focus": `${slot.focusKey}|${index}`, onchange: () => changed(),
  }));
  function changed() {
    const chosen = (element.options ?? []).filter((_, index) => inputs[index].checked);
    slot.commit(many ? chosen : chosen[0] ?? null);
  }
  return h("div", { class: "choices", role: many ? "group" : "radiogroup", ...slot.labels }, (element.options ?? []).map((option, index) =>
    h("label", { class: "choice", for: `${name}-${index}` }, inputs[index],
      h("span", {}, textObject(option.text, place.names), option.description && h("small", {}, textObject(option.description, place.names))))));
}

/** Images load only from this machine; others are shown by their words, so the page never calls out. */
export function picture(element, extra = "") {
  const address = element.image_url ?? "";
  const words = element.alt_text ?? "image";
  if (address.startsWith("/") || address.startsWith(`${location.origin}/`)) return h("img", { class: `picture ${extra}`, src: address, alt: words });
  return h("span", { class: `picture stand-in ${extra}`, role: "img", "aria-label": words, title: `${words} (pictures from elsewhere are not loaded here)` }, icon(ICONS.image), extra ? null : words);
}

function workflow(slot) {
  return h("button", { type: "button", class: "button", disabled: true }, plain(slot.element.text));
}

function feedback(slot) {
  const { element } = slot;
  return h("span", { class: "feedback" }, ["positive_button", "negative_button"].map((key) => element[key] && button({ ...slot, element: { ...element[key], action_id: element.action_id, type: "feedback_buttons" }, act: slot.act })));
}

function iconButton(slot) {
  return button({ ...slot, element: { ...slot.element, style: "", text: slot.element.text } });
}

const KINDS = {
  button, overflow, radio_buttons: choices, checkboxes: choices, image: (slot) => picture(slot.element, "accessory"),
  workflow_button: workflow, feedback_buttons: feedback, icon_button: iconButton, ...fields,
};

function build(slot) {
  const type = slot.element?.type ?? "";
  if (/^(multi_)?(static|external|users|conversations|channels)_select$/.test(type)) return select(slot);
  return KINDS[type]?.(slot) ?? h("span", { class: "unknown" }, `Unknown element: ${type}`);
}

/** The node of any block element, with a warning mark if the app did not answer its last use; an unknown one says its name. */
export function element(slot) {
  if (!slot.place.warnings.includes(slot.element?.action_id)) return build(slot);
  return h("span", { class: "with-late" }, build(slot), h("span", { class: "late", role: "img", title: WARNING, "aria-label": WARNING }, "⚠"));
}
