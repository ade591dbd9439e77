// Says so when the portal closes an explorer's connection: the session has ended, acts for another
// institution, or the portal was started anew. Nothing that is chosen would have an effect then.
const notice = document.getElementById("explorer-closed");

function watch() {
  const opened = window.Bokeh?.documents ?? [];
  if (opened.length === 0) {
    setTimeout(watch, 200);
    return;
  }
  opened[0].on_event("connection_lost", () => {
    // The address holds what is chosen.
    notice.querySelector("a").href = location.href;
    notice.hidden = false;
    notice.focus();
  });
}

watch();
