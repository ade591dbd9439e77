// Warns before a session ends, and keeps what was typed for after signing in again. It is kept in
// this tab only, for the same user and address, and goes when it was saved or the user signs out.
const USER = document.querySelector("script[data-session]").dataset.session;
const WARN_BEFORE = 120;
const KEPT = "core-kept:";
// Set when a page for signing in comes between: only then is anything put back.
const WAITING = "core-kept-waiting";
const here = location.pathname + location.search;
const key = `${KEPT}${USER}:${here}`;

const keptKeys = () => Object.keys(sessionStorage).filter((name) => name.startsWith(KEPT));

function forget() {
  for (const name of keptKeys()) sessionStorage.removeItem(name);
  sessionStorage.removeItem(WAITING);
}

// Secrets and files are never kept, nor hidden fields: a version must be that of the new page.
function isKept(field) {
  if (!field.name || ["password", "file", "hidden", "submit", "button", "image", "reset"].includes(field.type)) return false;
  return !/password|one-time-code/.test(field.autocomplete) && !field.readOnly;
}

// By attribute: a field of the name "method" or "action" would stand in the way of the property.
const isPosted = (form) => form.getAttribute("method")?.toLowerCase() === "post";
const isSignOut = (form) => new URL(form.getAttribute("action") ?? "", location.href).pathname === "/sign-out";

const formsHere = () => [...document.querySelectorAll("main form")].filter(isPosted);
const fieldsOf = (form) => [...form.elements].filter(isKept);

function valueOf(field) {
  if (["checkbox", "radio"].includes(field.type)) return field.checked;
  return field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value;
}

// What marks a field again on the page as it is then: its place among those of its name and value.
function markOf(field) {
  return ["checkbox", "radio"].includes(field.type) ? `${field.name}=${field.value}` : field.name;
}

function isAsThePageCame(field) {
  if (["checkbox", "radio"].includes(field.type)) return field.checked === field.defaultChecked;
  if (!field.options) return field.value === field.defaultValue;
  const options = [...field.options];
  if (field.multiple || options.some((option) => option.defaultSelected)) return options.every((option) => option.selected === option.defaultSelected);
  return field.selectedIndex <= 0;
}

// A field that nobody touched is left as the new page will have it: somebody else may have saved
// it meanwhile. A page with errors came with what was typed before, so all of it is kept.
function keep() {
  const hasErrors = document.querySelector(".govuk-error-summary") !== null;
  const forms = formsHere().map((form) => fieldsOf(form)
    .filter((field) => hasErrors || !isAsThePageCame(field))
    .map((field) => [markOf(field), valueOf(field)]));
  if (forms.some((fields) => fields.length)) sessionStorage.setItem(key, JSON.stringify(forms));
}

function putInto(field, value) {
  if (["checkbox", "radio"].includes(field.type)) field.checked = value;
  else if (field.multiple) for (const option of field.options) option.selected = value.includes(option.value);
  else field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function putBack() {
  const kept = JSON.parse(sessionStorage.getItem(key));
  sessionStorage.removeItem(key);
  sessionStorage.removeItem(WAITING);
  let count = 0;
  formsHere().forEach((form, number) => {
    const left = [...(kept[number] ?? [])];
    for (const field of fieldsOf(form)) {
      const place = left.findIndex(([mark]) => mark === markOf(field));
      if (place < 0) continue;
      putInto(field, left.splice(place, 1)[0][1]);
      count += 1;
    }
  });
  if (count) tell();
}

function make(name, attributes, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

function tell() {
  const title = make("h2", { className: "govuk-notification-banner__title", id: "kept-title", textContent: "Signed in again" });
  const words = make("p", { className: "govuk-notification-banner__heading", textContent: "We put back what you had typed. It is not saved yet: check it and save it." });
  const banner = make("section", { className: "govuk-notification-banner" },
    make("div", { className: "govuk-notification-banner__header" }, title),
    make("div", { className: "govuk-notification-banner__content" }, words));
  banner.setAttribute("role", "alert");
  banner.setAttribute("aria-labelledby", "kept-title");
  document.querySelector("main").prepend(banner);
}

function start() {
  if (!USER) {
    // A page for signing in: what was kept waits. The other advice is for when this script is off.
    document.querySelector("[data-not-kept]")?.remove();
    if (keptKeys().length) {
      sessionStorage.setItem(WAITING, "yes");
      document.querySelector("[data-kept]")?.removeAttribute("hidden");
    }
    return;
  }
  for (const name of keptKeys()) if (!name.startsWith(`${KEPT}${USER}:`)) sessionStorage.removeItem(name);
  if (!sessionStorage.getItem(WAITING)) forget();
  else if (sessionStorage.getItem(key)) putBack();
  document.addEventListener("submit", (event) => {
    if (isSignOut(event.target)) forget();
    else if (isPosted(event.target)) keep();
  });
  watch();
}

let dialog = null;
let timer = 0;

async function ask(path, method) {
  const answer = await fetch(path, { method, headers: { Accept: "application/json" }, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

// Another tab may have put the end off, and a computer may have slept: the server is asked each
// time before anything is shown or done.
async function watch() {
  clearTimeout(timer);
  try {
    const { left, renewable } = await ask("/session/left", "GET");
    if (left <= 0) end();
    else if (left <= WARN_BEFORE) warn(left, renewable);
    else {
      dialog?.close();
      timer = setTimeout(watch, (left - WARN_BEFORE) * 1000);
    }
  } catch {
    timer = setTimeout(watch, 30_000);
  }
}

function end() {
  keep();
  location.assign(`/sign-in?${new URLSearchParams({ next: here, ended: "yes" })}`);
}

const minutes = (left) => (left > 60 ? "2 minutes" : "1 minute");

function warn(left, renewable) {
  keep();
  if (!dialog) dialog = open(renewable);
  dialog.querySelector("[data-left]").textContent = renewable
    ? `You will be signed out in ${minutes(left)}, because this page has not been used for a while.`
    : `You will be signed out in ${minutes(left)}, because you signed in 12 hours ago. Save your work now.`;
  timer = setTimeout(watch, Math.min(left + 1, left > 60 ? left - 60 : left + 1) * 1000);
}

function open(renewable) {
  const title = make("h2", { className: "govuk-heading-m", id: "session-title", textContent: "You will soon be signed out" });
  const words = make("p", { className: "govuk-body" });
  words.dataset.left = "";
  words.setAttribute("aria-live", "polite");
  const stay = make("button", { type: "button", className: "govuk-button", textContent: renewable ? "Stay signed in" : "Go on" });
  const leave = make("a", { className: "govuk-link", href: "/sign-out", textContent: "Sign out" });
  const made = make("dialog", { className: "core-dialog" }, title, words,
    make("p", { className: "govuk-body", textContent: "If you are signed out, what you have typed is kept in this browser until you sign in again." }),
    make("div", { className: "govuk-button-group" }, stay, leave));
  made.setAttribute("aria-labelledby", "session-title");
  stay.addEventListener("click", () => made.close());
  // Also by Escape.
  made.addEventListener("close", async () => {
    made.remove();
    dialog = null;
    if (!renewable) return;
    try {
      await ask("/session/keep", "POST");
    } catch {
      // Asked again below, and then the answer decides.
    }
    watch();
  });
  document.body.append(made);
  made.showModal();
  return made;
}

document.addEventListener("visibilitychange", () => {
  if (USER && !document.hidden && !dialog) watch();
});
start();
