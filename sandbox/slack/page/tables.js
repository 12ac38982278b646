// `table` and `data_table`. The latter sorts by its headings and turns pages of `page_size`.

import { announce, h, icon, ICONS } from "./dom.js";
import { richText, richWords } from "./richtext.js";

const NUMBER = new Intl.NumberFormat();
const isNumber = (cell) => cell?.type === "raw_number";

function number(cell) {
  const value = Number(cell.value ?? cell.number ?? cell.text);
  return Number.isNaN(value) ? String(cell.text ?? "") : cell.text ?? NUMBER.format(value);
}

function content(cell, names) {
  if (!cell) return "";
  if (isNumber(cell)) return number(cell);
  return cell.type === "rich_text" ? richText(cell, names) : cell.text ?? "";
}

function sortKey(cell) {
  if (isNumber(cell)) return Number(cell.value ?? cell.number ?? cell.text);
  return cell?.type === "rich_text" ? richWords(cell) : String(cell?.text ?? "");
}

function compare(a, b) {
  const [left, right] = [sortKey(a), sortKey(b)];
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right), undefined, { numeric: true, sensitivity: "base" });
}

const scroll = (label, table) => h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label }, table);

function setting(block, column) {
  const { align, is_wrapped: wrapped } = block.column_settings?.[column] ?? {};
  return [align ? `align-${align}` : "", wrapped ? "wrapped" : ""].join(" ").trim();
}

/** The simple table: first row is the heading. */
export function table(block, names) {
  const [head = [], ...body] = block.rows ?? [];
  const numeric = (column) => isNumber(body[0]?.[column]);
  const row = (cells, tag) => h("tr", {}, cells.map((cell, column) =>
    h(tag, { class: `${setting(block, column)} ${numeric(column) ? "number" : ""}`, scope: tag === "th" ? "col" : undefined }, content(cell, names))));
  return scroll("Table", h("table", { class: "table" },
    h("thead", {}, row(head, "th")), h("tbody", {}, body.map((cells) => row(cells, "td")))));
}

/** The data table; its view (sort, page) lives in the closure. */
export function dataTable(block, names) {
  const [head = [], ...rows] = block.rows ?? [];
  const size = block.page_size ?? 5;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const view = { page: 0, column: null, down: false };
  const keyColumn = block.row_header_column_index ?? 0;
  const body = h("tbody");
  const said = h("span", { class: "pager-said" });
  const headings = head.map((cell, column) => heading(cell, column));
  const previous = turner("Previous page", ICONS.back, -1);
  const next = turner("Next page", ICONS.back, +1, "flip");

  function heading(cell, column) {
    const button = h("button", { type: "button", class: "sort", onclick: () => sortBy(column) }, content(cell, names), icon(ICONS.down, "sort-mark"));
    return h("th", { scope: "col", "aria-sort": "none", class: isNumber(rows[0]?.[column]) ? "number" : "" }, button);
  }
  function turner(label, path, step, extra = "") {
    return h("button", { type: "button", class: "icon-button small", "aria-label": label, onclick: () => turn(step) }, icon(path, extra));
  }
  function sortBy(column) {
    view.down = view.column === column ? !view.down : false;
    Object.assign(view, { column, page: 0 });
    headings.forEach((node, index) => node.setAttribute("aria-sort", index !== column ? "none" : view.down ? "descending" : "ascending"));
    draw();
  }
  function turn(step) {
    view.page = Math.min(pages - 1, Math.max(0, view.page + step));
    draw();
    announce(said.textContent);
  }
  function sorted() {
    if (view.column === null) return rows;
    const way = view.down ? -1 : 1;
    return [...rows].sort((a, b) => way * compare(a[view.column], b[view.column]));
  }
  function cellNode(cell, column) {
    const props = { class: isNumber(cell) ? "number" : "" };
    return column === keyColumn ? h("th", { ...props, scope: "row" }, content(cell, names)) : h("td", props, content(cell, names));
  }
  function draw() {
    const from = view.page * size;
    const shown = sorted().slice(from, from + size);
    body.replaceChildren(...shown.map((cells) => h("tr", {}, cells.map(cellNode))));
    said.textContent = `${from + 1}–${from + shown.length} of ${rows.length}`;
    // aria-disabled, not disabled: the button under the keyboard must not lose the focus on the last page.
    previous.setAttribute("aria-disabled", String(view.page === 0));
    next.setAttribute("aria-disabled", String(view.page === pages - 1));
  }

  draw();
  const pager = h("div", { class: "pager" }, said, previous, next);
  return h("div", { class: "data-table" },
    scroll(block.caption ?? "Table", h("table", { class: "table" }, h("caption", {}, block.caption ?? ""), h("thead", {}, h("tr", {}, headings)), body)),
    pages > 1 && pager);
}
