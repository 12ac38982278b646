// Building elements. Text from outside only ever enters the page as a text node or an attribute of a known name.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") node[name] = value;
    else if (name === "class") node.setAttribute("class", value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** One HTML element with its attributes, `on…` listeners and children; strings become text nodes. */
export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);

/** The same for SVG. */
export const s = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

/** A 20-pixel line icon from path data; decoration only, so hidden from screen readers. */
export const icon = (path, extra = "") =>
  s("svg", { class: `icon ${extra}`, viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" }, s("path", { d: path }));

export const ICONS = {
  menu: "M3 5h14M3 10h14M3 15h14",
  close: "M5 5l10 10M15 5L5 15",
  back: "M12 4l-6 6 6 6",
  hash: "M8 3 6.5 17M13.5 3 12 17M3.5 7.5h14M2.5 12.5h14",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  home: "M3 9.5 10 4l7 5.5M5 8.5V16h10V8.5",
  link: "M8 12l4-4M9 6l2-2a3.5 3.5 0 0 1 5 5l-2 2M11 14l-2 2a3.5 3.5 0 0 1-5-5l2-2",
  sliders: "M3 6h8m4 0h2M3 14h2m4 0h8M13 4v4M7 12v4",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  bolt: "M11 2.5 4.5 11.5H10L9 17.5l6.5-9H10z",
  send: "M3.5 10 16.5 4l-4.5 12.5-2.5-5z",
  eye: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  down: "M5 8l5 5 5-5",
  image: "M3 4h14v12H3zM3 13l4-4 4 4 2-2 4 4M13 7.5h.01",
  play: "M7 5l8 5-8 5z",
  up: "M5 12l5-5 5 5",
  clip: "M15.5 9 10 14.5a3.2 3.2 0 0 1-4.5-4.5l6-6a2.2 2.2 0 0 1 3 3l-6 6a1 1 0 0 1-1.5-1.5L12 6.5",
  file: "M5 2.5h6.5L15 6v11.5H5zM11.5 2.5V6H15M7.5 10h5M7.5 13h5",
  download: "M10 3v9M6 8.5l4 4 4-4M4 16.5h12",
};

/** The name of an element that finds it again after a redraw; `|` parts place, block, position and element. */
export const focusName = (place, block, action) => [place, block.block_id ?? "", block.at ?? 0, action].join("|");

/** The control that stands for the one that held the focus: the same, else by block, by position, or the only such one. */
export function again(container, held) {
  if (!held) return null;
  const exact = container.querySelector(`[data-focus="${CSS.escape(held)}"]`);
  if (exact || !held.includes("|")) return exact;
  const parts = held.split("|");
  const others = [...container.querySelectorAll("[data-focus]")].map((node) => [node, node.dataset.focus.split("|")]);
  const but = (...ignored) => others.filter(([, other]) => other.length === parts.length && parts.every((part, at) => ignored.includes(at) || part === other[at]));
  const [found] = [but(2), but(1), but(1, 2)].find((hits) => hits.length === 1) ?? [[null]];
  return found[0];
}

/** Swap what a container shows, keeping the keyboard focus on the control with the same `data-focus`. */
export function replace(container, ...children) {
  const held = container.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  container.replaceChildren(...children.flat(Infinity).filter(Boolean));
  again(container, held)?.focus();
}

/** Say something to screen readers without showing it. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

let counter = 0;
/** A fresh id for label/for and aria pairs. */
export const uid = (prefix) => `${prefix}-${++counter}`;
