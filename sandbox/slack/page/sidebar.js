// The left side: workspace, rooms, the app, and whose eyes one looks through.

import { avatar } from "./avatar.js";
import { h, icon, ICONS, replace } from "./dom.js";

const KINDS = { public: ["hash", "public channel"], private: ["lock", "private channel"], shared: ["link", "shared with another company"] };

function room(channel, { current, unread, open }) {
  const [sign, kind] = KINDS[channel.kind] ?? ["hash", "channel"];
  const on = current === channel.id;
  return h("li", {}, h("button", {
    type: "button", class: `room ${on ? "current" : ""} ${unread ? "unread" : ""}`, "aria-current": on ? "page" : undefined,
    "aria-label": [channel.name, channel.kind !== "dm" && kind, channel.partner && `with ${channel.partner}`, unread && `${unread} unread`].filter(Boolean).join(", "),
    "data-focus": `room/${channel.id}`, onclick: () => open(channel.id),
  },
  channel.kind === "dm" ? avatar({ id: channel.id, name: channel.name, is_bot: true }, "mini") : icon(ICONS[sign]),
  h("span", { class: "room-name" }, channel.name),
  channel.partner && h("span", { class: "partner", title: `Shared with ${channel.partner}` }, channel.partner),
  unread ? h("span", { class: "count" }, unread) : null));
}

const group = (title, items) => items.length > 0 && h("section", { class: "rooms" }, h("h2", {}, title), h("ul", {}, items));

function people(state, become) {
  return h("div", { class: "people", role: "radiogroup", "aria-label": "Act as" },
    h("span", { class: "people-title", "aria-hidden": "true" }, "You are"),
    state.members.map((member) => h("button", {
      type: "button", role: "radio", "aria-checked": String(member.id === state.me.id), class: "person", "data-focus": `person/${member.id}`,
      title: member.real_name, onclick: () => become(member.id),
      onkeydown: (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const siblings = [...event.currentTarget.parentElement.querySelectorAll(".person")];
        siblings[(siblings.indexOf(event.currentTarget) + step + siblings.length) % siblings.length].focus();
      },
    }, avatar({ id: member.id, name: member.real_name }), h("span", { class: "person-name" }, member.real_name.split(" ")[0]),
    h("span", { class: "person-note" }, member.outsider ? member.company : member.note))));
}

/** Draw the sidebar. */
export function drawSidebar(container, state, { current, unread, open, become, shut }) {
  const rooms = (kinds) => state.channels.filter((channel) => kinds.includes(channel.kind)).map((channel) => room(channel, { current, unread: unread(channel), open }));
  const home = state.home_tab && h("li", {}, h("button", { type: "button", class: `room ${current === "home" ? "current" : ""}`, "aria-current": current === "home" ? "page" : undefined, "data-focus": "room/home", onclick: () => open("home") },
    icon(ICONS.home), h("span", { class: "room-name" }, `${state.app.name} Home`)));
  replace(container,
    h("div", { class: "sidebar-head" }, h("img", { src: "/page/icon.svg", alt: "", class: "mark" }),
      h("div", {}, h("strong", { class: "team" }, state.team.name), h("span", { class: "team-note" }, "local workspace")),
      h("button", { type: "button", class: "icon-button only-narrow", "aria-label": "Close the sidebar", onclick: shut }, icon(ICONS.close))),
    h("div", { class: "sidebar-body" },
      group("Channels", rooms(["public", "private", "shared"])), group("Direct messages", rooms(["dm"])), group("Apps", home ? [home] : [])),
    people(state, become));
}
