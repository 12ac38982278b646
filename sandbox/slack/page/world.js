// What the page knows at this moment: the latest state of the acting member, asked by every drawing module.

/** Bind lookups to a state that changes; `state()` gives the latest one. */
export function makeWorld(state, { refresh, runShortcut, replyTo }) {
  const person = (id) => state().people[id];

  function author(message) {
    const known = person(message.user) ?? { id: message.user ?? "?", name: message.username ?? message.user ?? "somebody" };
    const outside = known.team && known.team !== state().me.team && !known.is_bot;
    return { ...known, name: known.real_name ?? known.name, company: outside ? known.company : undefined };
  }
  return {
    me: () => state().me.id,
    names: () => ({
      me: state().me.id,
      person: (id) => person(id)?.real_name,
      channel: (id) => state().channels.find((channel) => channel.id === id)?.name,
    }),
    /** Changes whenever a mention or a date may read differently. */
    namesVersion: () => new Date().toDateString(),
    people: () => Object.values(state().people).filter((known) => !known.is_service),
    channels: () => state().channels,
    commands: () => state().commands,
    shortcuts: () => state().shortcuts,
    appName: () => state().app.name,
    author,
    refresh,
    runShortcut,
    replyTo,
  };
}
