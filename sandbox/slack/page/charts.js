// `data_visualization`: pie, bar, line and area as inline SVG, each with a legend and a table for screen readers.

import { h, s, uid } from "./dom.js";

const HEIGHT = 220;
// A narrow screen gets a narrower drawing, not a smaller one: the letters must stay readable.
const width = () => (matchMedia("(max-width: 759px)").matches ? 310 : 520);
const plot = () => ({ left: 48, right: width() - 12, top: 14, bottom: 178 });
const NUMBER = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const SHORT = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });

const series = (index) => `series-${index % 12}`;

function legend(names, values) {
  return h("ul", { class: "legend" }, names.map((name, index) =>
    h("li", {}, h("span", { class: `swatch ${series(index)}`, "aria-hidden": "true" }), name, values && h("strong", {}, values[index]))));
}

/** The same numbers as words, for those who do not see the drawing. */
function asTable(title, head, rows) {
  return h("table", { class: "sr-only" }, h("caption", {}, title),
    h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, cell)))),
    h("tbody", {}, rows.map(([key, ...cells]) => h("tr", {}, h("th", { scope: "row" }, key), cells.map((cell) => h("td", {}, cell))))));
}

function slicePath(from, to) {
  const at = (turn, radius) => [110 + radius * Math.sin(turn * 2 * Math.PI), 110 - radius * Math.cos(turn * 2 * Math.PI)].map((value) => value.toFixed(2));
  const large = to - from > 0.5 ? 1 : 0;
  const end = to - from >= 1 ? to - 0.0001 : to;
  return `M${at(from, 96)} A96 96 0 ${large} 1 ${at(end, 96)} L${at(end, 54)} A54 54 0 ${large} 0 ${at(from, 54)} Z`;
}

function pie(chart, title) {
  const segments = (chart.segments ?? []).filter((segment) => segment.value > 0);
  const total = segments.reduce((sum, segment) => sum + segment.value, 0);
  const share = (value) => `${Math.round((value / total) * 100)} %`;
  let at = 0;
  const slices = segments.map((segment, index) => {
    const from = at;
    at += segment.value / total;
    return s("path", { d: slicePath(from, at), class: `slice ${series(index)}` }, s("title", {}, `${segment.label}: ${NUMBER.format(segment.value)} (${share(segment.value)})`));
  });
  const sum = s("text", { x: 110, y: 117, class: "pie-total", "text-anchor": "middle" }, SHORT.format(total));
  return {
    drawing: s("svg", { viewBox: "0 0 220 220", class: "chart-pie" }, slices, sum),
    legend: legend(segments.map((segment) => segment.label), segments.map((segment) => `${NUMBER.format(segment.value)} · ${share(segment.value)}`)),
    words: asTable(title, ["Part", "Value", "Share"], segments.map((segment) => [segment.label, NUMBER.format(segment.value), share(segment.value)])),
  };
}

function niceStep(span) {
  const rough = span / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

function scaleOf(values, area) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const step = niceStep(high - low);
  const [bottom, top] = [Math.floor(low / step) * step, Math.ceil(high / step) * step || step];
  const y = (value) => area.bottom - ((value - bottom) / (top - bottom)) * (area.bottom - area.top);
  const ticks = [];
  for (let tick = bottom; tick <= top + step / 2; tick += step) ticks.push(tick);
  return { y, ticks };
}

function axes(categories, x, { y, ticks }, area, config) {
  const every = Math.ceil((categories.length * 60) / (area.right - area.left));
  return s("g", { class: "axes" },
    ticks.map((tick) => [
      s("line", { x1: area.left, x2: area.right, y1: y(tick), y2: y(tick), class: tick === 0 ? "zero" : "grid" }),
      s("text", { x: area.left - 8, y: y(tick) + 4, "text-anchor": "end" }, SHORT.format(tick)),
    ]),
    categories.map((name, index) => index % every === 0 && s("text", { x: x(index), y: area.bottom + 18, "text-anchor": "middle" }, name)),
    config?.x_label && s("text", { x: (area.left + area.right) / 2, y: HEIGHT - 4, "text-anchor": "middle", class: "axis-name" }, config.x_label));
}

const tip = (line, point) => s("title", {}, `${line.name}, ${point.label}: ${NUMBER.format(point.value)}`);

function bars(lines, x, scale, width) {
  const each = Math.min(40, (width * 0.72) / lines.length);
  return lines.map((line, row) => line.data.map((point, index) => {
    const left = x(index) - (each * lines.length) / 2 + row * each;
    const [top, base] = [scale.y(Math.max(0, point.value)), scale.y(Math.min(0, point.value))];
    return s("rect", { x: left + 1, y: top, width: Math.max(1, each - 2), height: Math.max(0, base - top), rx: 3, class: `bar ${series(row)}` }, tip(line, point));
  }));
}

function strokes(lines, x, scale, filled) {
  return lines.map((line, row) => {
    const points = line.data.map((point, index) => `${x(index).toFixed(1)},${scale.y(point.value).toFixed(1)}`);
    const ground = `${x(line.data.length - 1)},${scale.y(0)} ${x(0)},${scale.y(0)}`;
    return s("g", { class: series(row) },
      filled && s("polygon", { points: `${points.join(" ")} ${ground}`, class: "area" }),
      s("polyline", { points: points.join(" "), class: "line" }),
      line.data.map((point, index) => s("circle", { cx: x(index), cy: scale.y(point.value), r: 3.5, class: "dot" }, tip(line, point))));
  });
}

/** Each series brought into the order of the categories; a missing point counts as 0. */
function aligned(chart, categories) {
  return (chart.series ?? []).map((line) => ({
    name: line.name ?? "",
    data: categories.map((label) => ({ label, value: line.data?.find((point) => point.label === label)?.value ?? 0 })),
  }));
}

function plotted(chart, title) {
  const categories = chart.axis_config?.categories ?? (chart.series?.[0]?.data ?? []).map((point) => point.label);
  const lines = aligned(chart, categories);
  const area = plot();
  const scale = scaleOf(lines.flatMap((line) => line.data.map((point) => point.value)), area);
  const step = (area.right - area.left) / Math.max(1, categories.length);
  const x = (index) => area.left + step * (index + 0.5);
  const marks = chart.type === "bar" ? bars(lines, x, scale, step) : strokes(lines, x, scale, chart.type === "area");
  return {
    drawing: s("svg", { viewBox: `0 0 ${width()} ${chart.axis_config?.x_label ? HEIGHT : HEIGHT - 18}`, class: "chart-plot" }, axes(categories, x, scale, area, chart.axis_config), marks),
    legend: lines.length > 1 || lines[0]?.name ? legend(lines.map((line) => line.name)) : null,
    words: asTable(title, ["", ...lines.map((line) => line.name)], categories.map((name, index) => [name, ...lines.map((line) => NUMBER.format(line.data[index].value))])),
    yName: chart.axis_config?.y_label,
  };
}

/** A figure with title, drawing, legend and text alternative. */
export function chart(block) {
  const title = typeof block.title === "string" ? block.title : block.title?.text ?? "Chart";
  const kind = block.chart?.type ?? "bar";
  const { drawing, legend: key, words, yName } = kind === "pie" ? pie(block.chart, title) : plotted(block.chart ?? {}, title);
  const name = uid("chart");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-labelledby", name);
  return h("figure", { class: `chart chart-of-${kind}` },
    h("figcaption", { id: name }, title, h("span", { class: "sr-only" }, ` (${kind} chart, numbers in the table that follows)`)),
    yName && h("span", { class: "y-name" }, yName),
    h("div", { class: "chart-body" }, drawing, key), words);
}
