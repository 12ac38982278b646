// What goes along with the next message: files, and the thread that it replies to.

import { announce, h, icon, ICONS } from "./dom.js";
import { fileChips, uploadAll } from "./files.js";

const MOST_FILES = 10;

/** The attachments of the composer; `changed()` runs when there are other ones. */
export function attachments(world, changed) {
  let files = [];
  let parent = null;
  let where = "";
  let uploading = Promise.resolve();
  const input = h("input", { type: "file", class: "sr-only", multiple: true, tabindex: "-1", "aria-label": "Files to attach", onchange: () => { take([...input.files]); input.value = ""; } });
  const button = h("button", { type: "button", class: "icon-button", "aria-label": "Attach files", title: "Attach files", "data-focus": "composer/attach", onclick: () => input.click() }, icon(ICONS.clip));
  const said = h("span", { class: "file-said", role: "status" });
  const chips = h("div", { class: "composer-files" });
  const thread = h("div", { class: "composer-thread" });

  function show() {
    chips.replaceChildren(...fileChips(files, (file) => { files = files.filter((one) => one !== file); show(); }), said);
    chips.hidden = !files.length && !said.textContent;
    thread.hidden = !parent;
    thread.replaceChildren(...(parent ? [h("span", {}, "Replying to ", h("strong", {}, world.author(parent).name)),
      h("button", { type: "button", class: "icon-button small", "aria-label": "Leave the thread", onclick: () => { parent = null; show(); } }, icon(ICONS.close, "small"))] : []));
    changed();
  }
  async function take(chosen) {
    const home = where;
    said.textContent = "Uploading…";
    show();
    const working = uploadAll(world.me(), chosen.slice(0, MOST_FILES - files.length));
    uploading = working;
    const { taken, refused } = await working;
    said.textContent = refused.join(". ");
    if (where === home) files = [...files, ...taken];
    show();
  }

  chips.hidden = thread.hidden = true;
  return {
    button, input, above: [thread, chips],
    take,
    replyTo(message) {
      parent = message;
      show();
      announce(`Replying to ${world.author(message).name}`);
    },
    inThread: () => parent !== null,
    any: () => files.length > 0,
    /** Wait for what is on its way, then give everything out and start anew; the thread stays until it is left. */
    async collect() {
      await uploading;
      const all = { files, thread_ts: parent ? parent.thread_ts ?? parent.ts : undefined };
      files = [];
      said.textContent = "";
      show();
      return all;
    },
    /** Another room, or another member: what was attached here stays behind. */
    stand(place) {
      if (place === where) return;
      where = place;
      files = [];
      parent = null;
      said.textContent = "";
      show();
    },
  };
}
