// Every select menu and multi-select: one combobox with typing, live suggestions and chips (ARIA combobox pattern).

import { announce, h, icon, ICONS, uid } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { floating } from "./popup.js";

const optionOf = (value, label, description) => ({ value, text: { type: "plain_text", text: label }, description });
const people = (place) => place.people().map((person) => optionOf(person.id, person.real_name ?? person.name, `@${person.name}`));
const channels = (place, kinds) => place.channels().filter((channel) => kinds(channel)).map((channel) => optionOf(channel.id, channel.kind === "dm" ? channel.name : `#${channel.name}`));

function listed(element) {
  if (element.option_groups) return element.option_groups.map((group) => ({ label: plain(group.label), options: group.options ?? [] }));
  return [{ label: null, options: element.options ?? [] }];
}

const typedIn = (option, typed) => plain(option.text).toLowerCase().includes(typed.toLowerCase());
const filtered = (groups, typed) => groups.map((group) => ({ ...group, options: group.options.filter((option) => typedIn(option, typed)) })).filter((group) => group.options.length);

/** Where a menu's options come from: its own list, people, channels, or the app. */
function source(slot) {
  const { element, place } = slot;
  const kind = element.type.replace(/^multi_/, "");
  if (kind === "users_select") return async (typed) => filtered([{ label: null, options: people(place) }], typed);
  if (kind === "channels_select") return async (typed) => filtered([{ label: null, options: channels(place, (channel) => channel.kind !== "dm") }], typed);
  if (kind === "conversations_select") return async (typed) => filtered([{ label: null, options: channels(place, () => true) }], typed);
  if (kind !== "external_select") return async (typed) => filtered(listed(element), typed);
  return async (typed) => (typed.length < (element.min_query_length ?? 3) ? null : place.suggest(slot, typed));
}

const byId = (kind) => /^(users|channels|conversations)_select$/.test(kind);

function initial(slot) {
  const { element, place } = slot;
  const kind = element.type.replace(/^multi_/, "");
  const first = place.stands(slot, element.initial_options ?? element.initial_option ?? element.initial_users ?? element.initial_user
    ?? element.initial_channels ?? element.initial_channel ?? element.initial_conversations ?? element.initial_conversation);
  const known = kind === "users_select" ? people(place) : channels(place, () => true);
  return [first ?? []].flat().map((item) => (typeof item === "string" ? known.find((option) => option.value === item) ?? optionOf(item, item) : item));
}

/** The menu of one select element. */
export function select(slot) {
  const { element } = slot;
  const many = element.type.startsWith("multi_");
  const ids = byId(element.type.replace(/^multi_/, ""));
  const fetchGroups = source(slot);
  const state = { chosen: initial(slot), groups: [], flat: [], active: -1, asked: 0, typed: "" };
  const listId = uid("list");
  const input = h("input", {
    class: "select-input", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list",
    "aria-expanded": "false", "aria-controls": listId, placeholder: plain(element.placeholder) || "Choose…",
    "data-focus": slot.focusKey, ...slot.labels, oninput: typed, onkeydown: keyed, onclick: open, onblur: () => popup.hide(),
  });
  const list = h("ul", { class: "listbox", role: "listbox", id: listId, "aria-label": input.placeholder, "aria-multiselectable": many || undefined });
  const chips = h("span", { class: "chips" });
  const frame = h("div", { class: `select ${many ? "select-many" : ""}` }, chips, input, icon(ICONS.down, "select-mark"));
  const popup = floating(frame, list, closed);

  function commit() {
    const values = state.chosen.map((option) => (ids ? option.value : option));
    show();
    slot.commit(many ? values : values[0] ?? null);
  }
  function show() {
    const labels = state.chosen.map((option) => plain(option.text));
    if (!many) input.value = labels[0] ?? "";
    else chips.replaceChildren(...state.chosen.map((option, index) => h("span", { class: "chip" }, labels[index],
      h("button", { type: "button", "aria-label": `Remove ${labels[index]}`, onclick: () => drop(option) }, "×"))));
  }
  function drop(option) {
    state.chosen = state.chosen.filter((item) => item.value !== option.value);
    commit();
    input.focus();
  }
  function choose(option) {
    const has = state.chosen.some((item) => item.value === option.value);
    if (!many) state.chosen = [option];
    else if (has) state.chosen = state.chosen.filter((item) => item.value !== option.value);
    else if (state.chosen.length < (element.max_selected_items ?? 100)) state.chosen = [...state.chosen, option];
    if (many) input.value = "";
    state.typed = "";
    commit();
    popup.hide();
  }
  function closed() {
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    if (!many) show();
  }
  async function open() {
    if (popup.shown()) return;
    input.select();
    await load("");
  }
  async function typed() {
    state.typed = input.value;
    await load(input.value);
  }
  async function load(text) {
    const ask = ++state.asked;
    note(element.type.includes("external") ? "Looking…" : "");
    popup.show();
    input.setAttribute("aria-expanded", "true");
    const groups = await fetchGroups(text);
    if (ask !== state.asked || !popup.shown()) return;
    if (groups === null) note(`Type at least ${element.min_query_length ?? 3} characters`);
    else if (groups.error) note("Something went wrong: no options came back.", "warn");
    else draw(groups);
  }
  function note(text, kind = "") {
    Object.assign(state, { flat: [], active: -1 });
    list.replaceChildren(h("li", { class: `listbox-note ${kind}`, role: "presentation" }, text));
  }
  function draw(groups) {
    state.flat = groups.flatMap((group) => group.options);
    if (!state.flat.length) return note("No result");
    let index = 0;
    list.replaceChildren(...groups.flatMap((group) => [
      group.label && h("li", { class: "listbox-group", role: "presentation" }, group.label),
      ...group.options.map((option) => item(option, index++)),
    ]).filter(Boolean));
    activate(0);
    announce(`${state.flat.length} options`);
  }
  function item(option, index) {
    const on = state.chosen.some((chosen) => chosen.value === option.value);
    return h("li", { role: "option", id: `${listId}-${index}`, "aria-selected": String(on), class: "option",
      onmousedown: (event) => { event.preventDefault(); choose(option); }, onmousemove: () => activate(index) },
    plain(option.text), option.description && h("small", {}, plain(option.description)));
  }
  function activate(index) {
    state.active = index;
    list.querySelectorAll("[role=option]").forEach((node, at) => node.classList.toggle("active", at === index));
    const node = list.querySelector(".option.active");
    if (node) input.setAttribute("aria-activedescendant", node.id);
    node?.scrollIntoView({ block: "nearest" });
  }
  function keyed(event) {
    const shown = popup.shown();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!shown) open();
      else if (state.flat.length) activate((state.active + (event.key === "ArrowDown" ? 1 : -1) + state.flat.length) % state.flat.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (shown && state.flat[state.active]) choose(state.flat[state.active]);
      else if (!shown) open();
    } else if (event.key === "Escape" && shown) {
      event.preventDefault();
      event.stopPropagation();
      popup.hide();
    } else if (event.key === "Backspace" && many && !input.value && state.chosen.length) drop(state.chosen.at(-1));
  }

  show();
  return h("div", { class: "select-holder" }, frame);
}
