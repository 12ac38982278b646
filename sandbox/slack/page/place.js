// A place is where blocks stand (one message, one modal, the Home tab): it knows how an act there reaches the app,
// and remembers what was typed until the app takes it. A slot is one element in a place.

import { act } from "./api.js";
import { confirmed } from "./dialog.js";
import { focusName } from "./dom.js";

const TYPING_PAUSE = 150;

/** What stands in the elements according to `state.values` (apis/slack.md §4): {type, value} by block and action. */
export function standing(values) {
  const found = new Map();
  for (const [block, actions] of Object.entries(values ?? {}))
    for (const [action, entry] of Object.entries(actions)) {
      const [, value] = Object.entries(entry).find(([key]) => key !== "type" && key !== "timezone") ?? [];
      found.set(`${block}|${action}`, { type: entry.type, value });
    }
  return found;
}

/**
 * Make a place. `where` is what identifies it to the server ({channel, ts} or {view_id}), `what` the act's name
 * ("click" or "act"), `world` gives me, names, people and channels of the moment; `state` is what stands in the
 * elements already, `warnings` the action_ids whose last use the app did not answer.
 */
export function makePlace({ key, kind, what, where, world, state = {}, warnings = [] }) {
  const waiting = new Map();
  // What a member put in and the workspace does not show yet goes over what stands there.
  const mine = new Map();
  let stood = standing(state);
  let queue = Promise.resolve();

  const draftKey = (slot) => `${slot.block.block_id}|${slot.element.action_id}`;
  const put = (slot, value) => mine.set(draftKey(slot), { type: slot.element.type, value });
  // One after the other: the state an app reads must hold what was typed before the click.
  const inTurn = (work) => (queue = queue.then(work, work));
  const ids = (slot) => ({ ...where, block_id: slot.block.block_id, action_id: slot.element.action_id });

  function sendTyped(slot, value, enter) {
    waiting.delete(draftKey(slot));
    return inTurn(() => act(world.me(), "type", { ...ids(slot), value, enter }));
  }
  function later(slot, value) {
    clearTimeout(waiting.get(draftKey(slot))?.timer);
    const run = () => sendTyped(slot, value, false);
    waiting.set(draftKey(slot), { run, timer: setTimeout(run, TYPING_PAUSE) });
  }
  function flush() {
    for (const { run, timer } of [...waiting.values()]) {
      clearTimeout(timer);
      run();
    }
  }

  const place = {
    key,
    kind,
    where,
    errors: {},
    warnings,
    get names() { return world.names(); },
    people: world.people,
    channels: world.channels,
    me: world.me,
    /** What stands in an element, null if it was emptied; `initial` if the workspace has not said. */
    stands: (slot, initial) => (mine.get(draftKey(slot)) ?? stood.get(draftKey(slot)) ?? { value: initial }).value,
    /** Take in what the workspace says now; what it has taken over is no longer only ours. */
    stand(values) {
      stood = standing(values);
      for (const [name, own] of mine) {
        const there = stood.get(name);
        if (there?.type !== own.type || JSON.stringify(there.value) === JSON.stringify(own.value)) mine.delete(name);
      }
    },
    /** Do something that what follows must wait for. */
    hold: (work) => inTurn(work),
    async act(slot, value) {
      flush();
      return inTurn(() => act(world.me(), what, { ...ids(slot), value }));
    },
    async suggest(slot, typed) {
      flush();
      await queue;
      const answer = await act(world.me(), "suggest", { ...ids(slot), value: typed });
      if (!answer.acked) return Object.assign([], { error: true });
      return answer.groups ?? [{ label: null, options: answer.options ?? [] }];
    },
    async commit(slot, value) {
      put(slot, value);
      if (slot.inInput) return sendTyped(slot, value, true);
      if (slot.element.confirm && !(await confirmed(slot.element.confirm, place.names))) return null;
      return place.act(slot, value);
    },
    typed(slot, value, enter) {
      put(slot, value);
      if (!enter) return later(slot, value);
      clearTimeout(waiting.get(draftKey(slot))?.timer);
      return sendTyped(slot, value, true);
    },
    async settle() {
      flush();
      await queue;
    },
    /** What was put into the inputs of these blocks and is still ours, by block: the short form that submit takes. */
    values: (blocks) => Object.fromEntries(blocks.filter((block) => block.type === "input")
      .map((block) => [block.block_id, mine.get(`${block.block_id}|${block.element.action_id}`)])
      .filter(([, own]) => own).map(([block, own]) => [block, own.value])),
  };
  return place;
}

/**
 * One element's slot in a place. Its focus key names block and position: a block_id that the app did not choose is new
 * after each update. `labels` are the aria attributes that tie it to its label, hint and error.
 */
export function makeSlot(place, block, element, { inInput = false, labels = {} } = {}) {
  const slot = { place, block, element, inInput, labels, focusKey: focusName(place.key, block, element.action_id) };
  slot.act = (value) => place.act(slot, value);
  slot.commit = (value) => place.commit(slot, value);
  slot.typed = (value, enter) => place.typed(slot, value, enter);
  return slot;
}
