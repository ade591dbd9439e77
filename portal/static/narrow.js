// Narrows a long list of boxes to those whose label holds what is typed. Without this script the
// whole list is there, and the browser's own search finds a name in it.
for (const list of document.querySelectorAll("[data-narrows]")) {
  const search = list.querySelector("[data-narrows-search]");
  const status = list.querySelector("[data-narrows-status]");
  const input = search.querySelector("input");
  const items = [...list.querySelectorAll("[data-narrows-item]")];
  const groups = [...list.querySelectorAll("[data-narrows-group]")];
  const narrow = () => {
    const wanted = input.value.trim().toLowerCase();
    for (const item of items) item.hidden = !item.textContent.toLowerCase().includes(wanted);
    for (const group of groups) {
      group.hidden = !group.querySelector("[data-narrows-item]:not([hidden])");
      group.querySelector("[data-narrows-all]").hidden = wanted !== "";
    }
    const ticked = items.filter((item) => item.querySelector("input").checked).length;
    const shown = items.filter((item) => !item.hidden).length;
    status.textContent = `${shown} shown, ${ticked} ticked`;
  };
  search.hidden = false;
  input.addEventListener("input", narrow);
  input.addEventListener("keydown", (event) => {
    // Enter would send the whole form.
    if (event.key === "Enter") event.preventDefault();
  });
  list.addEventListener("change", narrow);
  narrow();
}
