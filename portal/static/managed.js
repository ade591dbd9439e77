// Moves people between the two lists of managed providers: by their buttons, or dragged by mouse,
// pen or finger. Without this script the buttons are plain forms. Each move is saved before it shows.
const board = document.querySelector(".core-managed");
const said = document.querySelector(".core-managed__said");
const lists = [...board.querySelectorAll(".core-managed__list")];
const START_AFTER = 6;

const other = (list) => lists.find((one) => one !== list);
const itemsOf = (list) => list.querySelector(".core-managed__items");
const listOf = (item) => item.closest(".core-managed__list");

function count(list, difference) {
  const shown = list.querySelector(".core-managed__count");
  shown.textContent = (Number(shown.textContent.replaceAll(",", "")) + difference).toLocaleString("en-GB");
  list.querySelector(".core-managed__empty").hidden = itemsOf(list).children.length > 0;
}

function place(item, list) {
  const name = item.dataset.name.toLowerCase();
  const after = [...itemsOf(list).children].find((one) => one.dataset.name.toLowerCase() > name);
  itemsOf(list).insertBefore(item, after ?? null);
  const target = list.dataset.list;
  const form = item.querySelector("form");
  // What follows the question mark says for which institution the page was opened.
  form.action = `/people/managed/${target}${new URL(form.action).search}`;
  item.querySelector(".core-managed__verb").textContent = target === "add" ? "Add" : "Remove";
}

// Where the keyboard goes on: the next person of the list, else the one before, else its heading.
function nextAfter(item) {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  return next?.querySelector("button") ?? listOf(item).querySelector("h2");
}

async function move(item, keepsFocus) {
  if (item.dataset.moving) return;
  item.dataset.moving = "yes";
  const form = item.querySelector("form");
  const from = listOf(item);
  const next = nextAfter(item);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
      redirect: "error",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { message } = await answer.json();
    place(item, other(from));
    count(from, -1);
    count(other(from), 1);
    said.textContent = message;
    if (keepsFocus) next.focus();
  } catch {
    said.textContent = `${item.dataset.name} was not moved. Load the page again to see how things stand, then try once more.`;
  } finally {
    delete item.dataset.moving;
  }
}

board.addEventListener("submit", (event) => {
  const item = event.target.closest(".core-managed__item");
  if (!item) return;
  event.preventDefault();
  move(item, true);
});

let held = null;

function listUnder(event) {
  return document.elementFromPoint(event.clientX, event.clientY)?.closest(".core-managed__list") ?? null;
}

function mark(target) {
  for (const list of lists) {
    list.classList.toggle("core-managed__list--target", list === target && list !== listOf(held.item));
  }
}

function letGo() {
  if (!held) return;
  held.item.classList.remove("core-managed__item--lifted");
  held.item.style.transform = "";
  for (const list of lists) list.classList.remove("core-managed__list--target");
  held = null;
}

board.addEventListener("pointerdown", (event) => {
  const item = event.target.closest(".core-managed__item");
  const onGrip = event.target.closest(".core-managed__grip");
  // A finger scrolls the page everywhere but on the grip.
  if (!item || event.button !== 0 || event.target.closest("button") || (event.pointerType !== "mouse" && !onGrip)) return;
  held = { item, pointer: event.pointerId, x: event.pageX, y: event.pageY, lifted: false };
});

document.addEventListener("pointermove", (event) => {
  if (!held || event.pointerId !== held.pointer) return;
  const x = event.pageX - held.x;
  const y = event.pageY - held.y;
  if (!held.lifted && Math.hypot(x, y) < START_AFTER) return;
  if (!held.lifted) document.getSelection()?.removeAllRanges();
  held.lifted = true;
  held.item.classList.add("core-managed__item--lifted");
  held.item.style.transform = `translate(${x}px, ${y}px)`;
  mark(listUnder(event));
});

document.addEventListener("pointerup", (event) => {
  if (!held || event.pointerId !== held.pointer) return;
  const { item, lifted } = held;
  const target = listUnder(event);
  letGo();
  if (lifted && target && target !== listOf(item)) move(item, false);
});
document.addEventListener("pointercancel", letGo);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") letGo();
});

for (const item of board.querySelectorAll(".core-managed__item")) {
  const grip = document.createElement("span");
  grip.className = "core-managed__grip";
  grip.setAttribute("aria-hidden", "true");
  grip.textContent = "⠿";
  item.prepend(grip);
}
document.querySelector(".core-managed__how").hidden = false;
