// Fields to type into or pick from: text, e-mail, address, number, date, time, file.

import { h } from "./dom.js";
import { fileField } from "./files.js";
import { plain } from "./mrkdwn.js";

const base = (slot, extra) => ({
  class: "field", "data-focus": slot.focusKey, placeholder: plain(slot.element.placeholder) || undefined, ...slot.labels, ...extra,
});

const start = (slot) => slot.place.stands(slot, slot.element.initial_value) ?? "";

function typing(slot, tag, extra) {
  const on = slot.element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const node = h(tag, base(slot, {
    maxlength: slot.element.max_length, ...extra, value: start(slot),
    oninput: () => slot.typed(node.value, false),
    onkeydown: (event) => {
      if (event.key === "Enter" && tag === "input" && slot.block.dispatch_action && on.includes("on_enter_pressed")) {
        event.preventDefault();
        slot.typed(node.value, true);
      }
    },
  }));
  if (slot.element.focus_on_load) node.setAttribute("autofocus", "");
  return node;
}

const text = (slot) => (slot.element.multiline ? typing(slot, "textarea", { rows: 4 }) : typing(slot, "input", { type: "text", autocomplete: "off" }));
const email = (slot) => typing(slot, "input", { type: "email", autocomplete: "off", inputmode: "email" });
const address = (slot) => typing(slot, "input", { type: "url", autocomplete: "off", inputmode: "url" });

function number(slot) {
  const { element } = slot;
  return typing(slot, "input", { type: "text", inputmode: element.is_decimal_allowed ? "decimal" : "numeric", autocomplete: "off" });
}

function picker(type, first) {
  return (slot) => {
    const node = h("input", base(slot, { type, value: slot.place.stands(slot, slot.element[first]) ?? "", onchange: () => slot.commit(node.value || null) }));
    node.classList.add("picker");
    return node;
  };
}

/** Epoch seconds to the value of a datetime-local input, in the reader's zone. */
function localStamp(epoch) {
  const date = new Date(epoch * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function dateTime(slot) {
  const first = slot.place.stands(slot, slot.element.initial_date_time);
  const node = h("input", base(slot, {
    type: "datetime-local", value: first ? localStamp(first) : "",
    onchange: () => slot.commit(node.value ? Math.floor(new Date(node.value).getTime() / 1000) : null),
  }));
  node.classList.add("picker");
  return node;
}

/** A rich-text input, simple: what is typed becomes one section of plain words. */
function richTextInput(slot) {
  const words = (value) => (value ? [{ type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: value }] }] }][0] : null);
  const first = slot.place.stands(slot, slot.element.initial_value)?.elements?.[0]?.elements?.[0]?.text ?? "";
  const node = h("textarea", base(slot, { rows: 4, value: first, oninput: () => slot.typed(words(node.value), false) }));
  return node;
}

export const fields = {
  plain_text_input: text,
  email_text_input: email,
  url_text_input: address,
  number_input: number,
  datepicker: picker("date", "initial_date"),
  timepicker: picker("time", "initial_time"),
  datetimepicker: dateTime,
  file_input: fileField,
  rich_text_input: richTextInput,
};
