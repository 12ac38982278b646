// A small menu under a button: arrow keys, Enter, Escape; focus goes back to the button.

import { h, uid } from "./dom.js";
import { floating } from "./popup.js";

/** Make `button` open a menu; `entries()` gives [{label, note, run}] each time it opens. */
export function menu(button, entries) {
  const list = h("ul", { class: "listbox menu", role: "menu", id: uid("menu"), onkeydown: keyed });
  const popup = floating(button, list, () => button.setAttribute("aria-expanded", "false"));
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => (popup.shown() ? popup.hide() : open()));

  function open() {
    list.replaceChildren(...entries().map((entry) => h("li", { role: "none" },
      h("button", { type: "button", role: "menuitem", class: "option", tabindex: "-1", onclick: () => { away(); entry.run(); } },
        entry.label, entry.note && h("small", {}, entry.note)))));
    popup.show();
    button.setAttribute("aria-expanded", "true");
    list.querySelector("button")?.focus();
    document.addEventListener("pointerdown", outside, true);
  }
  function outside(event) {
    if (!list.contains(event.target) && !button.contains(event.target)) away();
  }
  function away() {
    document.removeEventListener("pointerdown", outside, true);
    popup.hide();
    button.focus();
  }
  function keyed(event) {
    const items = [...list.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") away();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return button;
}
