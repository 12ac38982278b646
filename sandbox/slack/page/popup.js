// Lists that float over the page. They live in the top layer, so no scrolling box or dialog cuts them off.

/** Hang `content` under `anchor`; it hides on scroll, resize, or when asked. */
export function floating(anchor, content, onHide = () => {}) {
  content.setAttribute("popover", "manual");

  function place() {
    const box = anchor.getBoundingClientRect();
    const room = window.innerHeight - box.bottom;
    const above = room < 220 && box.top > room;
    content.style.minWidth = `${Math.min(box.width, window.innerWidth - 16)}px`;
    content.style.maxHeight = `${Math.max(120, Math.min(300, (above ? box.top : room) - 16))}px`;
    const left = Math.max(8, Math.min(box.left, window.innerWidth - content.offsetWidth - 8));
    content.style.left = `${left}px`;
    content.style.top = above ? "" : `${box.bottom + 4}px`;
    content.style.bottom = above ? `${window.innerHeight - box.top + 4}px` : "";
  }
  const shown = () => content.isConnected && content.matches(":popover-open");
  function moved(event) {
    if (event?.target instanceof Node && content.contains(event.target)) return;
    if (anchor.isConnected) place();
    else hide();
  }
  function show() {
    if (shown()) return;
    // Inside the nearest dialog when there is one: what is outside an open modal is inert.
    (anchor.closest("dialog") ?? document.body).append(content);
    content.showPopover();
    place();
    window.addEventListener("scroll", moved, true);
    window.addEventListener("resize", moved);
  }
  function hide() {
    window.removeEventListener("scroll", moved, true);
    window.removeEventListener("resize", moved);
    if (!shown()) return;
    content.hidePopover();
    content.remove();
    onHide();
  }
  return { show, hide, shown, place };
}
