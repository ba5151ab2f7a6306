// The menu beside the content: open on a wide screen, a drawer over the content on a phone.

const WIDE = matchMedia("(min-width: 48rem)");

export function createDrawer({ page, startsOpen = true }) {
  const toggle = page.querySelector("#menu-toggle");
  const menu = page.querySelector("#menu");

  function show(open) {
    page.body.classList.toggle("menu-open", open);
    menu.inert = !open;
    toggle.setAttribute("aria-expanded", String(open));
  }

  toggle.addEventListener("click", () => {
    const open = !page.body.classList.contains("menu-open");
    show(open);
    if (open) (menu.querySelector('[aria-current="true"]') ?? menu.querySelector("button"))?.focus();
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || WIDE.matches) return;
    show(false);
    toggle.focus();
  });
  page.querySelector("main").addEventListener("click", () => WIDE.matches || show(false));
  WIDE.addEventListener("change", () => show(WIDE.matches && startsOpen));
  show(WIDE.matches && startsOpen);

  return {
    /** Makes room for the content after a choice. */
    makeRoom() {
      if (!WIDE.matches) show(false);
    },
  };
}
