// The control panel: what a developer may do to the world around the bot.

import { control, readControl } from "./api.js";
import { announce, h, icon, ICONS, replace, uid } from "./dom.js";

const STEPS = [["+1 min", 60], ["+1 h", 3600], ["+1 day", 86_400]];
const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

function ahead(offset) {
  const seconds = Math.round(Math.abs(offset));
  if (seconds < 1) return "the same as this machine's";
  const parts = [[Math.floor(seconds / 86_400), "d"], [Math.floor((seconds % 86_400) / 3600), "h"], [Math.floor((seconds % 3600) / 60), "min"]];
  const words = parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(" ") || `${seconds} s`;
  return `${words} ${offset > 0 ? "ahead" : "behind"}`;
}

/** The drawer; `toggle()` opens or shuts it, `refresh()` after every change. */
export function controlPanel(container, onToggle) {
  let open = false;
  let filter = "";
  let latest = null;

  const section = (title, ...children) => {
    const id = uid("control");
    return h("section", { class: "control", "aria-labelledby": id }, h("h3", { id }, title), children);
  };
  const tool = (label, key, run, extra = "") => h("button", { type: "button", class: `button ${extra}`, "data-focus": `control/${key}`, onclick: run }, label);

  async function run(what, details, said) {
    const answer = await control(what, details);
    announce(answer.error ? `Not done: ${answer.error}` : said);
    await refresh();
  }

  function clock(now) {
    return section("Clock",
      h("p", { class: "quiet" }, WHEN.format(new Date(now.clock * 1000)), h("br"), h("small", {}, ahead(now.offset))),
      h("div", { class: "row" }, STEPS.map(([label, seconds]) => tool(label, `clock/${seconds}`, () => run("advance", { seconds }, `Clock moved ${label}`))),
        Math.abs(now.offset) >= 1 && tool("Reset", "clock/reset", () => run("advance", { seconds: -now.offset }, "Clock reset"))));
  }
  function order(item, statuses) {
    const id = uid("order");
    return h("li", { class: "control-order" }, h("label", { for: id }, h("strong", {}, item.reference || "no reference"), h("small", {}, String(item.id))),
      h("select", { id, class: "native-select", "data-focus": `control/order/${item.id}`, onchange: (event) => run("status", { order: item.id, status: event.target.value }, `Order ${item.id} is ${event.target.value}`) },
        [...new Set([item.status, ...statuses])].map((status) => h("option", { value: status, selected: status === item.status }, status))));
  }
  function orders(now) {
    const list = h("ul", { class: "control-orders", tabindex: "0", "aria-label": "Orders" });
    const fill = () => {
      const hits = now.orders.filter((item) => `${item.id} ${item.reference} ${item.status}`.toLowerCase().includes(filter.toLowerCase()));
      list.replaceChildren(...hits.map((item) => order(item, now.statuses)));
    };
    fill();
    return section("Orders at Quivo",
      h("input", { class: "field", type: "search", placeholder: "Find an order…", "aria-label": "Find an order", value: filter, "data-focus": "control/find", oninput: (event) => { filter = event.target.value; fill(); } }), list);
  }
  function fault(item, at) {
    const id = uid("fault");
    return h("li", {}, h("label", { class: "toggle", for: id },
      h("input", { type: "checkbox", role: "switch", id, checked: item.on, "data-focus": `control/fault/${item.id}`, onchange: (event) => run("fault", { at, id: item.id, on: event.target.checked }, `${item.label}: ${event.target.checked ? "on" : "off"}`) }),
      h("span", { class: "track", "aria-hidden": "true" }), h("span", {}, item.label, item.note && h("small", {}, item.note))));
  }
  function faults(now) {
    const on = now.faults.filter((item) => item.on).length;
    return section(on ? `Faults · ${on} on` : "Faults", h("ul", { class: "control-faults" }, now.faults.map((item) => fault(item))));
  }
  function choice(item, at) {
    const id = uid("switch");
    return h("li", { class: "control-order" }, h("label", { for: id }, item.label),
      h("select", { id, class: "native-select", "data-focus": `control/switch/${at ?? ""}${item.name}`,
        onchange: (event) => run("switch", { at, name: item.name, value: item.choices[event.target.selectedIndex] }, `${item.label}: ${words(item.choices[event.target.selectedIndex])}`) },
      item.choices.map((value) => h("option", { selected: value === item.value }, words(value)))));
  }
  const words = (value) => ({ at_once: "at once", after: "later" })[value] ?? String(value);
  const switches = (now) => section("How Quivo behaves", h("ul", { class: "control-switches" }, now.switches.map((item) => choice(item))));
  function letter(item) {
    return h("li", {}, h("code", {}, item.text), " ", h("small", {}, `to ${item.to}, ${WHEN.format(new Date(item.at * 1000))}`));
  }
  function other(side) {
    const on = side.faults.filter((item) => item.on).length;
    return section(on ? `${side.title} · ${on} on` : side.title,
      side.mail.length > 0 && [h("p", { class: "quiet" }, "Mail with one-time codes, newest first."), h("ul", { class: "control-refused", "aria-label": `Mail of ${side.title}` }, side.mail.map(letter))],
      h("div", { class: "row" }, tool(`Expire ${side.title}'s tokens`, `expire/${side.id}`, () => run("expire", { at: side.id }, `${side.title}'s tokens expired`))),
      h("ul", { class: "control-faults" }, side.faults.map((item) => fault(item, side.id))),
      h("ul", { class: "control-switches" }, side.switches.map((item) => choice(item, side.id))));
  }
  function refused(now) {
    if (!now.refused.length) return null;
    return section("Refused calls", h("p", { class: "quiet" }, h("small", {}, "What the app asked for and the workspace turned down, newest first.")),
      h("ul", { class: "control-refused" }, now.refused.map((call) => h("li", {}, h("code", {}, call.method), " ", h("strong", {}, call.error), call.detail && h("small", {}, call.detail)))));
  }
  function draw() {
    const body = container.querySelector(".panel-body");
    const scroll = body?.scrollTop ?? 0;
    replace(container,
      h("header", { class: "panel-head" }, h("h2", {}, "Control panel"), h("button", { type: "button", class: "icon-button", "aria-label": "Close the control panel", onclick: toggle }, icon(ICONS.close))),
      h("div", { class: "panel-body" }, clock(latest), section("Sessions", h("p", { class: "quiet" }, "End every token that Quivo has handed out."), h("div", { class: "row" }, tool("Expire tokens", "expire", () => run("expire", {}, "Tokens expired")))),
        orders(latest), faults(latest), switches(latest), latest.others.map(other), refused(latest)));
    container.querySelector(".panel-body").scrollTop = scroll;
  }
  async function refresh() {
    if (!open) return;
    const now = await readControl().catch(() => null);
    // The clock runs; nothing else changed, nothing is redrawn under the keyboard.
    const mark = (value) => value && JSON.stringify({ ...value, clock: Math.round(value.clock - Date.now() / 1000) });
    if (!now || mark(now) === mark(latest)) return;
    latest = now;
    draw();
  }
  async function toggle() {
    open = !open;
    latest = null;
    if (open) await refresh();
    container.hidden = !open;
    if (open) container.querySelector("button")?.focus();
    onToggle(open);
  }
  container.addEventListener("keydown", (event) => event.key === "Escape" && toggle());
  return { toggle, refresh, isOpen: () => open };
}
