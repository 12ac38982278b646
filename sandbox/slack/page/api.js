// The page's only way to the workspace: same-origin JSON, and one stream that says "something changed".

async function send(path, body) {
  const reply = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await reply.json().catch(() => ({}));
  if (!reply.ok) return { acked: false, error: answer.error ?? `http_${reply.status}` };
  return answer;
}

const unreachable = () => ({ acked: false, error: "workspace_unreachable" });

/** What one member sees at this moment. */
export async function readState(member) {
  const reply = await fetch(`/ui/state?as=${encodeURIComponent(member)}`);
  if (!reply.ok) throw new Error(`state ${reply.status}`);
  return reply.json();
}

/** One thing a member does; the answer says whether the app acknowledged it. */
export const act = (member, what, details = {}) => send("/ui/do", { as: member, what, ...details }).catch(unreachable);

/** Give the workspace a file as a member: {file} as Slack shows it, or {error}. */
export async function upload(member, file) {
  const query = new URLSearchParams({ as: member, name: file.name, type: file.type });
  const sending = fetch(`/ui/upload?${query}`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
  return sending.then((reply) => reply.json()).catch(unreachable);
}

export const readControl = () => fetch("/ui/control").then((reply) => reply.json());

export const control = (what, details = {}) => send("/ui/control", { what, ...details }).catch(unreachable);

/** Call `onChange` at the start and after every change; `onState` with whether the stream is open. */
export function listen(onChange, onState) {
  const source = new EventSource("/ui/stream");
  source.addEventListener("message", onChange);
  source.addEventListener("open", () => onState(true));
  source.addEventListener("error", () => onState(false));
  return source;
}
