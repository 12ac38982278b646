// The line above the messages: which room this is, whether the app is there, and the way to the two drawers.

import { h, icon, ICONS, replace } from "./dom.js";

const SIGNS = { public: "hash", private: "lock", shared: "link" };

function about(channel, state) {
  if (!channel) return "App · Home";
  if (channel.kind === "dm") return "App · direct message";
  if (channel.kind === "shared") return `Shared with ${channel.partner}: people outside your company read this`;
  return channel.kind === "private" ? `Private · ${channel.members} members` : `${channel.members} members`;
}

/** Draw the top bar. */
export function drawTopbar(container, state, channel, { openSidebar, sidebarOpen, togglePanel, panelOpen, live }) {
  const name = channel ? channel.name : `${state.app.name} Home`;
  const there = live && state.app.connected;
  const said = !live ? "Reconnecting…" : there ? `${state.app.name} is here` : `${state.app.name} is not connected`;
  replace(container,
    h("button", { type: "button", class: "icon-button only-narrow", "aria-label": "Open the sidebar", "aria-expanded": String(sidebarOpen), "aria-controls": "sidebar", "data-focus": "top/menu", onclick: openSidebar }, icon(ICONS.menu)),
    h("div", { class: "room-title" },
      h("h1", {}, icon(channel ? ICONS[SIGNS[channel.kind]] ?? ICONS.bolt : ICONS.home), h("span", {}, name)),
      h("p", { class: `about ${channel?.kind === "shared" ? "outside" : ""}` }, about(channel, state))),
    h("span", { class: `presence ${there ? "there" : ""}`, role: "status", title: said }, h("span", { class: "presence-dot", "aria-hidden": "true" }), h("span", { class: "presence-said" }, said)),
    h("button", { type: "button", class: "icon-button", "aria-label": "Control panel", title: "Control panel", "aria-expanded": String(panelOpen), "aria-controls": "panel", "data-focus": "top/panel", onclick: togglePanel }, icon(ICONS.sliders)));
}
