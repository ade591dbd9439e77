// Marks, while a password is typed, which demands of the rule it meets. Whether it was used before
// only the server can tell, when it is saved. Without this script the list is just read.
const box = document.querySelector("[data-password-rule]");
const input = document.getElementById(box.dataset.passwordRule);
const said = box.querySelector("[data-said]");
const SHORTEST = 9;
const LONGEST = 128;
const WAIT_TO_CHECK = 400;
const WAIT_TO_SAY = 1200;

const MET = {
  length: (text) => [...text].length >= SHORTEST && [...text].length <= LONGEST,
  lower: (text) => /\p{Lowercase}/u.test(text),
  upper: (text) => /\p{Uppercase}/u.test(text),
  special: (text) => /[^\p{L}\p{N}\s]/u.test(text),
};

const item = (name) => box.querySelector(`[data-demand="${name}"]`);
let checkSoon = 0;
let saySoon = 0;

function mark(name, met) {
  const place = item(name);
  const state = place.querySelector(".core-rule__state");
  if (met === null) {
    delete place.dataset.met;
    state.textContent = "";
    return;
  }
  place.dataset.met = met ? "yes" : "no";
  state.textContent = met ? " (met)" : " (not yet)";
}

// One sentence once the typing pauses, not one for each key.
function say() {
  const lacking = [...box.querySelectorAll('[data-met="no"]')];
  const words = lacking.map((place) => place.firstChild.textContent);
  said.textContent = words.length ? `Not yet met: ${words.join("; ")}` : "The password meets the rule so far.";
}

async function checkCommon(text) {
  const answer = await fetch("/password-check", { method: "POST", body: new URLSearchParams({ password: text }) });
  // Told off for asking too often, or offline: the server judges when the form is sent.
  if (!answer.ok || input.value !== text) return;
  mark("uncommon", !(await answer.json()).common);
}

function check() {
  const text = input.value;
  clearTimeout(checkSoon);
  clearTimeout(saySoon);
  if (!text) {
    for (const name of [...Object.keys(MET), "uncommon"]) mark(name, null);
    said.textContent = "";
    return;
  }
  const met = Object.entries(MET).map(([name, test]) => {
    mark(name, test(text));
    return test(text);
  });
  mark("uncommon", null);
  if (met.every(Boolean)) checkSoon = setTimeout(() => checkCommon(text).catch(() => {}), WAIT_TO_CHECK);
  saySoon = setTimeout(say, WAIT_TO_SAY);
}

item("new").querySelector(".core-rule__state").textContent = " (checked when you save)";
input.addEventListener("input", check);
