// Keeps the page of a build up to date. Without it, the link on the page does the same.
const shown = document.getElementById("progress");
const LOOK_EVERY = 2000;

async function look() {
  try {
    const answer = await fetch(shown.dataset.progress, { redirect: "error" });
    if (answer.ok) {
      const far = await answer.json();
      if (far.state !== "draft") {
        window.location.replace(window.location.pathname);
        return;
      }
      const line = shown.querySelector("p");
      if (line.textContent !== far.words) line.textContent = far.words;
    }
  } catch {
    // The portal may be away for a moment: the next look will tell.
  }
  setTimeout(look, LOOK_EVERY);
}

if (shown) setTimeout(look, LOOK_EVERY);
