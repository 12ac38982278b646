// The places of the views (modals, Home) of the moment, so that what was typed outlives a redraw, a push and a way back.

import { makePlace } from "./place.js";

/** Keeps one place for each view. */
export function viewPlaces(world, kind) {
  const places = new Map();
  return {
    of(view) {
      const key = `${world.me()}/${view.id}`;
      if (!places.has(key)) places.set(key, makePlace({ key, kind, what: "act", where: { view_id: view.id }, world, state: view.state }));
      return Object.assign(places.get(key), { errors: view.errors ?? {}, warnings: view.warnings ?? [] });
    },
    /** What the workspace says of these views now; places of views that are gone are forgotten. */
    keepOnly(views) {
      views.forEach((view) => this.of(view).stand(view.state));
      const wanted = new Set(views.map((view) => `${world.me()}/${view.id}`));
      [...places.keys()].forEach((key) => wanted.has(key) || places.delete(key));
    },
  };
}

/** What a drawing of a view depends on: not on what is typed into it. */
export const viewMark = (view, version) => JSON.stringify([view.id, view.title, view.blocks, view.submit, view.close, view.errors, view.trouble, view.warnings, version]);
