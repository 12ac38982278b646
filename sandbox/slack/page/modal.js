// Modals: one dialog shows the top of the member's stack (apis/slack.md §5).
// Cancel and the back arrow close the top view; Escape and ✕ close the whole stack.

import { act } from "./api.js";
import { blocks } from "./blocks.js";
import { openDialog } from "./dialog.js";
import { again, announce, h, icon, ICONS, uid } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { viewMark, viewPlaces } from "./views.js";

const FOCUSABLE = ".b-input .field, .b-input .select-input, .b-input input, .modal-body button, .modal-body .field";

/** The modal layer of the page; `show(views)` after every change. */
export function modals(world) {
  const places = viewPlaces(world, "modal");
  let dialog = null;
  let drawn = "";
  let shownId = null;
  let stack = [];
  let submitting = false;

  const closeAll = () => close(true);
  function close(all) {
    const top = stack.at(-1);
    if (top) act(world.me(), "close", { view_id: top.id, all }).then((outcome) => outcome.error === "workspace_unreachable" && world.refresh());
  }

  function head(view, titleId) {
    const back = stack.length > 1 && h("button", { type: "button", class: "icon-button", "aria-label": "Back", onclick: () => close(false), "data-focus": "modal/back" }, icon(ICONS.back));
    return h("header", { class: "modal-head" }, back, h("h2", { id: titleId }, plain(view.title)),
      h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: closeAll, "data-focus": "modal/close" }, icon(ICONS.close)));
  }
  function foot(view) {
    const cancel = h("button", { type: "button", class: "button", onclick: () => close(false), "data-focus": "modal/cancel" }, plain(view.close) || (view.submit ? "Cancel" : "Close"));
    const submit = view.submit && h("button", { type: "submit", class: "button primary", "data-focus": "modal/submit" }, plain(view.submit));
    return h("footer", { class: "modal-foot" }, cancel, submit);
  }
  function banner(text) {
    return h("div", { class: "modal-banner", role: "alert" }, "⚠ ", text);
  }

  async function submit(event, view, form) {
    event.preventDefault();
    if (submitting) return;
    submitting = true;
    const button = form.querySelector("[type=submit]");
    button.setAttribute("aria-busy", "true");
    form.setAttribute("aria-busy", "true");
    const place = places.of(view);
    await place.settle();
    await act(world.me(), "submit", { view_id: view.id, values: place.values(view.blocks) });
    submitting = false;
    button.removeAttribute("aria-busy");
    form.removeAttribute("aria-busy");
    await world.refresh();
    if (stack.at(-1)?.id === view.id) firstError();
  }
  function firstError() {
    const wrong = dialog?.querySelector(".has-error .field, .has-error .select-input, .has-error input");
    wrong?.focus();
    if (wrong) announce(dialog.querySelector(".field-error").textContent);
  }

  function draw(view) {
    const titleId = uid("modal");
    const form = h("form", { class: "modal-form", novalidate: true }, head(view, titleId),
      h("div", { class: "modal-body", tabindex: "-1" }, view.trouble && banner(view.trouble), blocks(view.blocks, places.of(view))), foot(view));
    form.addEventListener("submit", (event) => submit(event, view, form));
    form.addEventListener("keydown", (event) => {
      // Enter in a text field sends the form in Slack too, but never out of a list or a dispatching field.
      if (event.key === "Enter" && event.target.matches("input.picker")) event.preventDefault();
    });
    dialog.setAttribute("aria-labelledby", titleId);
    return form;
  }
  function place(view) {
    const moved = view.id !== shownId;
    const body = dialog.querySelector(".modal-body");
    const scroll = moved ? 0 : body?.scrollTop ?? 0;
    const held = dialog.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    const caret = held && "selectionStart" in document.activeElement ? document.activeElement.selectionStart : null;
    dialog.replaceChildren(draw(view));
    dialog.querySelector(".modal-body").scrollTop = scroll;
    const same = moved ? null : again(dialog, held);
    const first = dialog.querySelector(FOCUSABLE) ?? dialog.querySelector("[data-focus='modal/submit'], [data-focus='modal/cancel']");
    // After an update that took the focused control away the form stays where it was scrolled to.
    const target = same ?? (moved ? first : dialog.querySelector(".modal-body"));
    target?.focus({ preventScroll: !moved });
    if (same && caret !== null && same.type === "text") same.setSelectionRange(caret, caret);
    shownId = view.id;
  }
  function gone() {
    dialog?.giveBack();
    dialog = null;
    shownId = null;
    drawn = "";
  }

  return {
    show(views) {
      stack = views;
      places.keepOnly(views);
      const top = views.at(-1);
      if (!top) return gone();
      if (!dialog) dialog = openDialog(h("dialog", { class: "dialog modal" }), closeAll);
      const mark = viewMark(top, `${views.length}/${world.namesVersion()}`);
      if (mark === drawn) return undefined;
      drawn = mark;
      return place(top);
    },
  };
}
