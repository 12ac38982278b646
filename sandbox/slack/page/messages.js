// The list of messages of one channel. A message whose content did not change keeps its node (and its focus).

import { act } from "./api.js";
import { avatar } from "./avatar.js";
import { blocks } from "./blocks.js";
import { again, announce, h, icon, ICONS } from "./dom.js";
import { fileCards } from "./files.js";
import { menu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { makePlace } from "./place.js";
import { threaded } from "./threads.js";
import { clockTime, dayKey, dayName, fromTs, fullTime, shortTime } from "./time.js";

/** A list of messages bound to the page's world. */
export function messageList(world) {
  const scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": "Messages" });
  const list = h("ol", { class: "messages", role: "log", "aria-live": "off" });
  scroller.append(list);
  let kept = new Map();
  let showing = null;
  // The list stays at its end when the composer below it grows.
  let atBottom = true;
  scroller.addEventListener("scroll", () => { atBottom = isAtEnd(); });
  new ResizeObserver(() => { if (atBottom) scroller.scrollTop = scroller.scrollHeight; }).observe(scroller);
  const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;

  function byline(message, author, when) {
    return h("div", { class: "byline" }, h("strong", { class: "author" }, author.name),
      author.is_bot && h("span", { class: "app-badge" }, "APP"), author.company && h("span", { class: "company" }, author.company),
      h("time", { datetime: when.toISOString(), title: fullTime(when) }, clockTime(when)));
  }
  function content(message, place) {
    const said = message.text && h("div", { class: "text" }, mrkdwn(message.text, place.names));
    const body = message.blocks?.length ? blocks(message.blocks, place) : [said];
    const attached = (message.attachments ?? []).map((item) => h("div", { class: "attachment" }, item.blocks ? blocks(item.blocks, place) : h("div", { class: "text" }, mrkdwn(item.text ?? item.fallback ?? "", place.names))));
    return [...body, ...attached, fileCards(message.files), message.edited && h("span", { class: "edited" }, "(edited)")];
  }
  function more(message, channel) {
    const shortcuts = world.shortcuts().filter((shortcut) => shortcut.type === "message");
    if (message.ephemeral) return null;
    const button = h("button", { type: "button", class: "icon-button small message-more", "aria-label": "Message actions" }, icon(ICONS.more));
    const reply = { label: "Reply in thread", run: () => world.replyTo(message) };
    return menu(button, () => [reply, ...shortcuts.map((shortcut) => ({
      label: shortcut.name, note: world.appName(),
      run: () => act(world.me(), "message_shortcut", { channel, ts: message.ts, callback_id: shortcut.callback_id }).then((outcome) => !outcome.acked && announce(`${world.appName()} did not answer.`)),
    }))]);
  }
  function reactions(message) {
    if (!message.reactions?.length) return null;
    return h("div", { class: "reactions" }, message.reactions.map((item) => h("span", { class: "reaction" }, mrkdwn(`:${item.name}:`, world.names()), ` ${item.count ?? item.users?.length ?? 1}`)));
  }
  function row(message, channel, follows, reply) {
    const author = world.author(message);
    const when = fromTs(message.ts);
    const place = makePlace({ key: `${channel}/${message.ts}`, kind: "message", what: "click", where: { channel, ts: message.ts }, world,
      state: message.picked, warnings: message.warnings });
    return h("li", { class: `message ${message.ephemeral ? "ephemeral" : ""} ${follows ? "follows" : ""} ${reply ? "reply" : ""}`, "data-ts": message.ts },
      h("div", { class: "gutter" }, follows ? h("time", { class: "small-time", title: fullTime(when) }, shortTime(when)) : avatar(author)),
      h("div", { class: "message-body" },
        message.ephemeral && h("p", { class: "only-you" }, icon(ICONS.eye, "small"), "Only visible to you"),
        follows ? h("span", { class: "sr-only" }, `${author.name}: `) : byline(message, author, when),
        message.command && h("p", { class: "typed-command" }, message.command),
        content(message, place), reactions(message)),
      more(message, channel));
  }
  function sameBreath(before, message) {
    return before && !before.ephemeral && !message.ephemeral && before.user === message.user && Number(message.ts) - Number(before.ts) < 300
      && dayKey(fromTs(before.ts)) === dayKey(fromTs(message.ts));
  }

  /** Show these messages; new ones are read out, and the list stays at its end if it was there. */
  function show(channel, messages, empty) {
    const other = `${world.me()}/${channel}` !== showing;
    showing = `${world.me()}/${channel}`;
    if (other) kept = new Map();
    const atEnd = isAtEnd();
    const next = new Map();
    const fresh = [];
    const nodes = [];
    let before = null;
    let root = null;
    threaded(messages).forEach(({ message, reply }) => {
      const newDay = !reply && (!root || dayKey(fromTs(root.ts)) !== dayKey(fromTs(message.ts)));
      if (newDay) nodes.push(dayLine(message));
      const follows = !newDay && before?.reply === reply && sameBreath(before.message, message);
      before = { message, reply };
      if (!reply) root = message;
      // What the member picked shows already: drawing it again would take an open list from under the keyboard.
      const mark = JSON.stringify([{ ...message, picked: null }, follows, reply, world.namesVersion()]);
      const old = kept.get(message.ts);
      const node = old?.mark === mark ? old.node : row(message, channel, follows, reply);
      if (!old) fresh.push(message);
      next.set(message.ts, { mark, node });
      nodes.push(node);
    });
    kept = next;
    if (nodes.length) settle(nodes);
    else list.replaceChildren(h("li", { class: "empty" }, empty));
    const newest = fresh.at(-1);
    const wanted = other || atEnd || fresh.some((message) => message.user === world.me() || message.ephemeral);
    if (wanted && !other && newest?.thread_ts) next.get(newest.ts).node.scrollIntoView({ block: "nearest" });
    else if (wanted) scroller.scrollTop = scroller.scrollHeight;
    if (!other && fresh.length) read(fresh.at(-1));
  }
  // Only what differs is touched: moving a node would take the focus out of it.
  function settle(nodes) {
    const held = list.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    const wanted = new Set(nodes);
    [...list.children].forEach((node) => wanted.has(node) || node.remove());
    nodes.forEach((node, index) => list.children[index] === node || list.insertBefore(node, list.children[index] ?? null));
    if (held && !list.contains(document.activeElement)) again(list, held)?.focus();
  }
  const days = new Map();
  function dayLine(message) {
    const label = dayName(fromTs(message.ts));
    const key = `${showing}/${dayKey(fromTs(message.ts))}/${label}`;
    if (!days.has(key)) days.set(key, h("li", { class: "day", role: "separator", "aria-label": label }, h("span", {}, label)));
    return days.get(key);
  }
  function read(message) {
    const author = world.author(message);
    const text = kept.get(message.ts).node.querySelector(".message-body")?.innerText ?? "";
    announce(`${author.name}${message.ephemeral ? ", only to you" : ""}: ${text.slice(0, 300)}`);
  }
  return { node: scroller, show };
}
