// Dialogs on the browser's own <dialog>: what lies behind is inert, and the focus returns to where it was.

import { again, h, uid } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";

/** Open a modal dialog; `onCancel` runs on Escape. Gives the element back. */
export function openDialog(dialog, onCancel) {
  const before = document.activeElement;
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); onCancel(); });
  // Chromium closes a dialog by itself at a second Escape; the key is ours.
  dialog.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) { event.preventDefault(); onCancel(); } });
  document.body.append(dialog);
  dialog.showModal();
  dialog.giveBack = () => {
    dialog.close();
    dialog.remove();
    const back = before?.isConnected ? before : again(document, before?.dataset?.focus);
    (back || document.getElementById("composer-text"))?.focus();
  };
  return dialog;
}

/** Ask "are you sure" with a confirm object's words; resolves to true or false. */
export function confirmed(confirm, names) {
  return new Promise((resolve) => {
    const title = uid("confirm");
    const answer = (yes) => { dialog.giveBack(); resolve(yes); };
    const yes = h("button", { type: "button", class: `button ${confirm.style === "danger" ? "danger" : "primary"}`, onclick: () => answer(true) }, plain(confirm.confirm) || "Yes");
    const no = h("button", { type: "button", class: "button", onclick: () => answer(false) }, plain(confirm.deny) || "No");
    const dialog = h("dialog", { class: "dialog confirm", role: "alertdialog", "aria-labelledby": title, "aria-describedby": `${title}-text` },
      h("h2", { id: title }, plain(confirm.title)),
      h("div", { id: `${title}-text`, class: "dialog-body" }, textObject(confirm.text, names)),
      h("div", { class: "dialog-foot" }, no, yes));
    openDialog(dialog, () => answer(false));
    (confirm.style === "danger" ? no : yes).focus();
  });
}
