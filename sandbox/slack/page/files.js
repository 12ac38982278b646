// Files: giving one to the workspace, and showing those that a message or a field holds.

import { upload } from "./api.js";
import { h, icon, ICONS } from "./dom.js";

const UNITS = [["MB", 1024 * 1024], ["KB", 1024]];

/** 1234 as "1.2 KB". */
export function sizeWords(bytes) {
  if (bytes === 1) return "1 byte";
  const [unit, size] = UNITS.find(([, least]) => bytes >= least) ?? ["bytes", 1];
  return `${size === 1 ? bytes : (bytes / size).toFixed(1)} ${unit}`;
}

/** The files of a message, each with a link to its content. */
export function fileCards(files) {
  if (!files?.length) return null;
  return h("ul", { class: "files" }, files.map((file) => h("li", {}, h("a", { class: "file-card", href: file.href, download: file.name, "aria-label": `Download ${file.title}, ${sizeWords(file.size)}` },
    h("span", { class: "file-sign", "aria-hidden": "true" }, icon(ICONS.file)),
    h("span", { class: "file-words" }, h("strong", {}, file.title), h("small", {}, `${file.pretty_type} · ${sizeWords(file.size)}`)),
    icon(ICONS.download, "small")))));
}

/** The names of chosen files, each with a way to take it out again. */
export function fileChips(files, drop) {
  return files.map((file) => h("span", { class: "chip" }, h("span", { class: "chip-said" }, `${file.name} · ${sizeWords(file.size)}`),
    h("button", { type: "button", "aria-label": `Remove ${file.name}`, onclick: () => drop(file) }, "×")));
}

/** Give files to the workspace one after the other; those that it took, as Slack's file objects, and what went wrong. */
export async function uploadAll(member, files) {
  const taken = [];
  const refused = [];
  for (const file of files) {
    const answer = await upload(member, file);
    if (answer.file) taken.push(answer.file);
    else refused.push(`${file.name}: ${answer.error}`);
  }
  return { taken, refused };
}

/** The input block's file field: a chosen file is uploaded at once, as in Slack. */
export function fileField(slot) {
  const { element, place } = slot;
  const most = element.max_files ?? 10;
  const state = { files: place.stands(slot, []) ?? [] };
  const chips = h("span", { class: "file-chosen" });
  const said = h("p", { class: "file-said", role: "status" });
  const input = h("input", {
    class: "field", type: "file", "data-focus": slot.focusKey, ...slot.labels, multiple: most > 1,
    accept: element.filetypes?.map((kind) => `.${kind}`).join(","), onchange: choose,
  });

  function show() {
    chips.replaceChildren(...fileChips(state.files, (file) => keep(state.files.filter((one) => one !== file))));
    chips.hidden = !state.files.length;
  }
  function keep(files) {
    state.files = files;
    show();
    return slot.commit(files);
  }
  async function choose() {
    const room = most - (most > 1 ? state.files.length : 0);
    const chosen = [...input.files].slice(0, room);
    said.textContent = chosen.length < input.files.length ? `At most ${most} files` : "Uploading…";
    const { taken, refused } = await place.hold(() => uploadAll(place.me(), chosen));
    if (refused.length) said.textContent = refused.join(". ");
    else if (said.textContent === "Uploading…") said.textContent = "";
    input.value = "";
    if (taken.length) await keep(most > 1 ? [...state.files, ...taken] : taken);
  }

  show();
  return h("div", { class: "file-field" }, input, chips, said);
}
