// Avatars are drawn: initials on a colour that a person keeps, a parcel for the app, a square for Slackbot.

import { s } from "./dom.js";

const hue = (id) => [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 8, 7);
const initials = (name) => name.split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase();
const PARCEL = "M9 14.5 18 10l9 4.5v9L18 28l-9-4.5zM9 14.5 18 19l9-4.5M18 19v9";

/** An avatar of {id, name, is_bot, is_service}. */
export function avatar(person, size = "") {
  const drawing = person.is_bot
    ? s("path", { d: PARCEL, class: "avatar-line" })
    : s("text", { x: 18, y: 23, "text-anchor": "middle", class: "avatar-letters" }, initials(person.name));
  const tone = person.is_bot ? "tone-app" : person.is_service ? "tone-service" : `tone-${hue(person.id)}`;
  return s("svg", { viewBox: "0 0 36 36", class: `avatar ${tone} ${size}`, "aria-hidden": "true", focusable: "false" },
    s("rect", { width: 36, height: 36, rx: 10 }), drawing);
}
