// The page: reads the state of the acting member, draws it, and reads again whenever the workspace says it changed.

import { act, listen, readState } from "./api.js";
import { composer } from "./composer.js";
import { controlPanel } from "./control.js";
import { announce, h } from "./dom.js";
import { homeTab } from "./home.js";
import { mailbox } from "./mail.js";
import { messageList } from "./messages.js";
import { modals } from "./modal.js";
import { drawSidebar } from "./sidebar.js";
import { setClock } from "./time.js";
import { drawTopbar } from "./topbar.js";
import { makeWorld } from "./world.js";

const node = (id) => document.getElementById(id);
const seen = new Map();
const view = { state: null, member: "", current: "", live: false, sidebar: false, waiting: 0, homeAsked: "" };

const world = makeWorld(() => view.state, { refresh, runShortcut, replyTo: (message) => box.replyTo(message) });
const messages = messageList(world);
const home = homeTab(world);
const modal = modals(world);
const box = composer(world, sendText);
const panel = controlPanel(node("panel"), () => draw());
const mail = mailbox();
const waitingLine = h("p", { class: "waiting", hidden: true, role: "status" });

const channelOf = (id) => view.state.channels.find((channel) => channel.id === id);
const messagesOf = (id) => view.state.messages[id] ?? [];

// One read at a time; a change that comes meanwhile is read right after.
let reading = null;
let again = false;
function refresh() {
  if (reading) {
    again = true;
    return reading;
  }
  reading = (async () => {
    do {
      again = false;
      const member = view.member;
      const state = await readState(member).catch(() => null);
      if (!state || member !== view.member) continue;
      view.state = state;
      setClock(state.now);
      draw();
    } while (again);
  })().finally(() => { reading = null; });
  panel.refresh();
  mail.look();
  return reading;
}

function unread(channel) {
  const key = `${view.member}/${channel.id}`;
  const last = Number(messagesOf(channel.id).at(-1)?.ts ?? 0);
  if (!seen.has(key) || channel.id === view.current) seen.set(key, last);
  return messagesOf(channel.id).filter((message) => Number(message.ts) > seen.get(key) && message.user !== view.member).length;
}

function draw() {
  const there = view.current === "home" ? view.state.home_tab : channelOf(view.current);
  if (!there) view.current = view.state.channels[0].id;
  const channel = channelOf(view.current);
  document.title = `${channel?.name ?? "Home"} · ${view.state.team.name}`;
  drawSidebar(node("sidebar"), view.state, { current: view.current, unread, open, become, shut: () => sidebar(false) });
  drawTopbar(node("topbar"), view.state, channel, {
    openSidebar: () => sidebar(true), sidebarOpen: view.sidebar, togglePanel: panel.toggle, panelOpen: panel.isOpen(), live: view.live,
  });
  const shown = channel ? messages.node : home.node;
  if (node("stage").firstChild !== shown) node("stage").replaceChildren(shown);
  if (channel) messages.show(channel.id, messagesOf(channel.id), emptyWords(channel));
  else home.show(view.state.home, view.homeAsked === view.member && view.waiting > 0);
  node("dock").hidden = !channel;
  if (channel) box.stand(`${view.member}/${view.current}`);
  if (channel) box.label(channel.kind === "dm" ? channel.name : `#${channel.name}`);
  modal.show(view.state.views);
  mail.stand();
  node("app").dataset.ready = "yes";
}

function emptyWords(channel) {
  if (channel.kind === "dm") return `This is the beginning of your conversation with ${channel.name}. Try a command: type / below.`;
  const offer = view.state.commands.length ? ` Type / below to see what ${view.state.app.name} can do.` : "";
  return `This is the beginning of #${channel.name}.${offer}`;
}

function remember() {
  history.replaceState(null, "", `#${view.member}/${view.current}`);
}

function open(id) {
  view.current = id;
  remember();
  sidebar(false);
  draw();
  if (id === "home") openHome();
  else box.focus();
}

async function openHome() {
  view.homeAsked = view.member;
  await waitFor(act(view.member, "open_home"), null);
  refresh();
}

function become(member) {
  view.member = member;
  remember();
  refresh().then(() => {
    if (view.current === "home") openHome();
    announce(`You are now ${view.state.me.real_name}`);
  });
}

function sidebar(shown) {
  const change = view.sidebar !== shown;
  view.sidebar = shown;
  node("app").classList.toggle("sidebar-open", shown);
  node("scrim").hidden = !shown;
  node("main").inert = shown;
  if (!change) return;
  if (shown) node("sidebar").querySelector("[aria-current]")?.focus();
  else node("topbar").querySelector("[data-focus='top/menu']")?.focus();
}

/** Show that an answer is awaited once it takes long enough to be noticed. */
async function waitFor(promise, words) {
  view.waiting += 1;
  const timer = setTimeout(() => {
    waitingLine.textContent = words ?? `${view.state.app.name} is working on it…`;
    waitingLine.hidden = false;
  }, 350);
  const outcome = await promise;
  view.waiting -= 1;
  clearTimeout(timer);
  if (!view.waiting) waitingLine.hidden = true;
  return outcome;
}

/** Send a command, or a message with the files and in the thread of the moment; resolves to whether it was taken. */
async function sendText(text, { files, thread_ts }) {
  const post = files.length > 0 || Boolean(thread_ts) || !text.startsWith("/");
  const details = post ? { text, thread_ts, files: files.map((file) => file.id) } : { text };
  await waitFor(act(view.member, post ? "post" : "command", { channel: view.current, ...details }), null);
  refresh();
}

async function runShortcut(callback_id) {
  const outcome = await waitFor(act(view.member, "shortcut", { callback_id }), null);
  if (!outcome.acked) announce(`${view.state.app.name} did not answer.`);
  waitingLine.hidden = outcome.acked;
  if (!outcome.acked) waitingLine.textContent = `⚠ ${view.state.app.name} did not answer the shortcut in time.`;
}

function start() {
  node("dock").append(waitingLine, box.node);
  node("main").addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
  node("main").addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length || node("dock").hidden) return;
    event.preventDefault();
    box.take([...event.dataTransfer.files]);
  });
  node("scrim").addEventListener("click", () => sidebar(false));
  node("sidebar").addEventListener("keydown", (event) => { if (event.key === "Escape" && view.sidebar) sidebar(false); });
  [view.member, view.current] = location.hash.slice(1).split("/");
  listen(refresh, (live) => {
    view.live = live;
    if (view.state) draw();
  });
  refresh().then(() => {
    view.member = view.state.me.id;
    if (view.current === "home") openHome();
    else if (matchMedia("(min-width: 760px)").matches) box.focus();
  });
}

start();
