// Times by the workspace's clock, in the reader's own zone.

let offset = 0;

/** Tell the page what the workspace's clock says now (epoch seconds). */
export function setClock(epoch) {
  offset = epoch * 1000 - Date.now();
}

export const workspaceNow = () => new Date(Date.now() + offset);

const format = (options) => new Intl.DateTimeFormat(undefined, options);
const TIME = format({ hour: "2-digit", minute: "2-digit" });
const SECONDS = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = format({ weekday: "long", day: "numeric", month: "long" });
const FULL = format({ dateStyle: "full", timeStyle: "medium" });
const DATE = {
  date_num: format({ year: "numeric", month: "2-digit", day: "2-digit" }),
  date: format({ year: "numeric", month: "long", day: "numeric" }),
  date_short: format({ year: "numeric", month: "short", day: "numeric" }),
  date_long: format({ weekday: "long", year: "numeric", month: "long", day: "numeric" }),
};

export const fromTs = (ts) => new Date(Number(ts) * 1000);
export const clockTime = (date) => TIME.format(date);
/** Hours and minutes alone, for narrow places. */
export const shortTime = (date) =>
  TIME.formatToParts(date).filter((part) => ["hour", "minute"].includes(part.type)).map((part) => part.value).join(":");
export const fullTime = (date) => FULL.format(date);
export const dayKey = (date) => date.toDateString();

function daysFromNow(date) {
  const midnight = (value) => new Date(value.getFullYear(), value.getMonth(), value.getDate()).getTime();
  return Math.round((midnight(date) - midnight(workspaceNow())) / 86_400_000);
}

const NEAR = { "-1": "yesterday", 0: "today", 1: "tomorrow" };

/** "Today", "Yesterday", or the weekday and date. */
export function dayName(date) {
  const near = NEAR[daysFromNow(date)];
  return near ? near[0].toUpperCase() + near.slice(1) : DAY.format(date);
}

function ago(date) {
  const seconds = (date - workspaceNow()) / 1000;
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const [unit, size] of [["day", 86_400], ["hour", 3600], ["minute", 60]])
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  return relative.format(Math.round(seconds), "second");
}

/** The text of `<!date^…>`: its tokens filled in for this reader (apis/slack.md §4). */
export function fillDate(epoch, template) {
  const date = new Date(epoch * 1000);
  return template.replace(/\{(\w+)\}/g, (whole, token) => {
    if (token === "time") return TIME.format(date);
    if (token === "time_secs") return SECONDS.format(date);
    if (token === "ago") return ago(date);
    const plain = token.replace(/_pretty$/, "");
    if (!DATE[plain]) return whole;
    const near = token.endsWith("_pretty") ? NEAR[daysFromNow(date)] : undefined;
    return near ?? DATE[plain].format(date);
  });
}
