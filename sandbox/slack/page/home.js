// The app's Home tab.

import { blocks } from "./blocks.js";
import { h, replace } from "./dom.js";
import { viewMark, viewPlaces } from "./views.js";

/** The Home surface; `show(view, waiting)` after every change. */
export function homeTab(world) {
  const places = viewPlaces(world, "home");
  const node = h("div", { class: "scroller home", tabindex: "0", role: "region", "aria-label": "Home" });
  let drawn = "";

  function nothing(waiting) {
    return h("p", { class: "empty" }, waiting ? "Opening Home…" : `${world.appName()} has not published a Home tab yet.`);
  }
  return {
    node,
    show(view, waiting) {
      const mark = view ? viewMark(view, `${world.me()}/${world.namesVersion()}`) : `none/${waiting}`;
      places.keepOnly(view ? [view] : []);
      if (mark === drawn) return;
      drawn = mark;
      replace(node, h("div", { class: "home-sheet" }, view ? blocks(view.blocks, places.of(view)) : nothing(waiting)));
    },
  };
}
