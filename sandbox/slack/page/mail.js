// Mail that a back end sent, such as a one-time code: shown over everything, as a phone would, until it is put away.

import { readControl } from "./api.js";
import { h, icon, ICONS } from "./dom.js";

/** Looks for new mail at every change; what lay there when the page was opened is old. */
export function mailbox() {
  let newest = null;
  let letter = null;

  function put(item) {
    letter?.remove();
    letter = h("div", { class: "mail", popover: "manual", role: "status" },
      h("small", { class: "quiet" }, `Mail from ${item.from} to ${item.to}`), h("strong", {}, item.text),
      h("button", { type: "button", class: "icon-button", "aria-label": "Put the mail away", onclick: () => { letter.remove(); letter = null; } }, icon(ICONS.close)));
    stand();
  }
  /** Keep it in front: inside the dialog in front when there is one, for what is outside of it is inert. */
  function stand() {
    const place = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
    if (!letter || letter.parentNode === place) return;
    place.append(letter);
    letter.showPopover();
  }
  async function look() {
    const now = await readControl().catch(() => null);
    if (!now) return;
    const [last] = now.others.flatMap((side) => side.mail.map((item) => ({ ...item, from: side.title }))).sort((a, b) => b.at - a.at);
    const mark = last ? `${last.at} ${last.to}` : "";
    if (newest !== null && mark !== newest) put(last);
    newest = mark;
  }
  return { look, stand };
}
