// Threads, simply: each message is followed by the replies to it.

/** The messages in the order in which they are shown, each as {message, reply}; `reply` if it stands under another. */
export function threaded(messages) {
  const known = new Map(messages.map((message) => [message.ts, message]));
  const rootOf = (message) => {
    let root = message;
    while (root.thread_ts && root.thread_ts !== root.ts && known.has(root.thread_ts)) root = known.get(root.thread_ts);
    return root;
  };
  const replies = new Map();
  const roots = [];
  for (const message of messages) {
    const root = rootOf(message);
    if (root === message) roots.push(message);
    else replies.set(root.ts, [...(replies.get(root.ts) ?? []), message]);
  }
  return roots.flatMap((root) => [{ message: root, reply: false }, ...(replies.get(root.ts) ?? []).map((message) => ({ message, reply: true }))]);
}
