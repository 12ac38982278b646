// The box to write in: messages, and slash commands with suggestions (arrow keys, Tab, Enter).

import { attachments } from "./attach.js";
import { announce, h, icon, ICONS, uid } from "./dom.js";
import { menu } from "./menu.js";
import { floating } from "./popup.js";

/** The composer; `send(text, {files, thread_ts})` resolves to an outcome, `world` knows the commands and shortcuts. */
export function composer(world, send) {
  const listId = uid("commands");
  const field = h("textarea", {
    id: "composer-text", class: "composer-text", rows: 1, spellcheck: "true", "aria-label": "Message", "data-focus": "composer",
    role: "combobox", "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list",
    oninput: changed, onkeydown: keyed, onblur: () => popup.hide(),
  });
  const list = h("ul", { class: "listbox commands", role: "listbox", id: listId, "aria-label": "Commands" });
  const hint = h("p", { class: "composer-hint", "aria-live": "polite" });
  const shortcuts = menu(h("button", { type: "button", class: "icon-button", "aria-label": "Shortcuts", title: "Shortcuts" }, icon(ICONS.bolt)),
    () => world.shortcuts().filter((item) => item.type === "global").map((item) => ({ label: item.name, note: world.appName(), run: () => world.runShortcut(item.callback_id) })));
  const button = h("button", { type: "button", class: "icon-button send", "aria-label": "Send", onclick: () => submit() }, icon(ICONS.send));
  const attached = attachments(world, () => changed());
  const frame = h("div", { class: "composer" }, shortcuts, attached.button, attached.input, field, button);
  const popup = floating(frame, list, () => { field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); });
  const past = { texts: [], at: 0 };
  const state = { found: [], active: 0 };

  const word = () => /^\/\S*$/.exec(field.value)?.[0];
  const known = () => world.commands().find((command) => field.value === command.command || field.value.startsWith(`${command.command} `));

  const misplaced = () => attached.inThread() && /^\s*\/\S/.test(field.value);

  function changed() {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 180)}px`;
    const typed = word();
    state.found = typed && !attached.inThread() ? world.commands().filter((command) => command.command.startsWith(typed.toLowerCase())) : [];
    state.active = 0;
    const command = known();
    hint.textContent = command && field.value !== command.command ? `${command.command} ${command.usage_hint ?? ""}` : "";
    if (misplaced()) hint.textContent = "Commands are not supported in threads.";
    if (state.found.length) suggest();
    else popup.hide();
  }
  function suggest() {
    list.replaceChildren(...state.found.map((command, index) => h("li", {
      role: "option", id: `${listId}-${index}`, class: "option", "aria-selected": "false",
      onmousedown: (event) => { event.preventDefault(); take(command); }, onmousemove: () => activate(index),
    }, h("strong", {}, command.command), command.usage_hint && h("span", { class: "usage" }, ` ${command.usage_hint}`), h("small", {}, command.description))));
    popup.show();
    popup.place();
    field.setAttribute("aria-expanded", "true");
    activate(0);
  }
  function activate(index) {
    state.active = index;
    [...list.children].forEach((node, at) => {
      node.classList.toggle("active", at === index);
      node.setAttribute("aria-selected", String(at === index));
    });
    field.setAttribute("aria-activedescendant", `${listId}-${index}`);
    list.children[index]?.scrollIntoView({ block: "nearest" });
  }
  function take(command) {
    field.value = `${command.command} `;
    changed();
    popup.hide();
    field.focus();
    announce(`${command.command} ${command.usage_hint ?? ""}`);
  }

  function inList(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const command = state.found[state.active];
    if (step) activate((state.active + step + state.found.length) % state.found.length);
    else if (event.key === "Tab" || (event.key === "Enter" && field.value !== command.command)) take(command);
    else if (event.key === "Escape") popup.hide();
    else return false;
    event.preventDefault();
    return true;
  }
  function keyed(event) {
    if (event.isComposing) return;
    if (popup.shown() && inList(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && (!field.value || field.value === past.texts[past.at])) recall(event, -1);
    else if (event.key === "ArrowDown" && field.value === past.texts[past.at]) recall(event, 1);
  }
  function recall(event, step) {
    const at = Math.max(0, Math.min(past.texts.length, past.at + step));
    if (!past.texts.length) return;
    event.preventDefault();
    past.at = at;
    field.value = past.texts[at] ?? "";
    changed();
    popup.hide();
  }
  async function submit() {
    const text = field.value.trim();
    if ((!text && !attached.any()) || misplaced()) return;
    popup.hide();
    if (text) past.texts.push(text);
    past.at = past.texts.length;
    field.value = "";
    changed();
    await send(text, await attached.collect());
  }

  return {
    node: h("div", { class: "composer-holder" }, hint, attached.above, frame),
    focus: () => field.focus(),
    stand: attached.stand,
    take: attached.take,
    replyTo(message) {
      attached.replyTo(message);
      field.focus();
    },
    label(name) {
      field.placeholder = world.commands().length ? `Message ${name}, / for commands` : `Message ${name}`;
      field.setAttribute("aria-label", `Message ${name}`);
      shortcuts.hidden = !world.shortcuts().some((item) => item.type === "global");
    },
  };
}
