// Steps that a person folded or unfolded stay so when the page around them is drawn anew, and so does the place in a
// list. `data-fold` names a step, `data-place` a list that scrolls.

const chosen = new Map(); // name -> whether it is open
const places = new Map(); // name -> pixels from the top
let focused = ""; // name of the step whose line had the focus before a swap

const foldOf = (element) => element?.closest?.("summary")?.parentElement?.dataset.fold ?? "";

document.addEventListener("click", (event) => {
  const name = foldOf(event.target);
  if (name) chosen.set(name, !event.target.closest("details").open); // it turns over once the click is through
});

document.addEventListener("htmx:beforeSwap", () => {
  focused = foldOf(document.activeElement);
  places.clear();
  for (const list of document.querySelectorAll("[data-place]")) places.set(list.dataset.place, list.scrollTop);
});

document.addEventListener("htmx:afterSwap", () => {
  for (const fold of document.querySelectorAll("details[data-fold]")) {
    const { fold: name } = fold.dataset;
    if (chosen.has(name)) fold.open = chosen.get(name);
    if (focused && name === focused) fold.querySelector("summary").focus({ preventScroll: true });
  }
  for (const list of document.querySelectorAll("[data-place]")) list.scrollTop = places.get(list.dataset.place) ?? 0;
});
