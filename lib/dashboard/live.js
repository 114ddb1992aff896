// Keeps the page up to date: the server sends the content of <main> anew whenever it has changed.
// It has escaped whatever comes from a tweet, and the page's policy lets no other script run.
const main = document.querySelector("main");
const state = document.querySelector("#state");
const pause = document.querySelector("#pause");
let paused = false;
let latest;

const events = new EventSource("events");
events.addEventListener("open", showState);
events.addEventListener("error", showState);
events.addEventListener("message", ({ data }) => {
  latest = JSON.parse(data);
  if (!paused) main.innerHTML = latest;
});

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  if (!paused && latest !== undefined) main.innerHTML = latest;
  showState();
});

function showState() {
  const connected = events.readyState === EventSource.OPEN;
  state.className = connected && !paused ? "live" : "";
  state.textContent = !connected
    ? "Not connected: is deno task dashboard still running?"
    : paused
    ? "Paused"
    : "Live";
}
