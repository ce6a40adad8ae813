// Keeps the operator's page in step with what happens. Without this script the page loads itself again.
const now = document.getElementById("now");
const lost = document.getElementById("lost");
let asking = false;
let again = false;

async function renew() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    const answer = await fetch("/scanning/now", { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (answer.ok && !answer.redirected) {
      const focused = document.activeElement?.id;
      now.innerHTML = await answer.text();
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      document.dispatchEvent(new CustomEvent("work"));
    }
  } catch { /* the stream tells when the connection is back */ }
  asking = false;
  if (again) { again = false; setTimeout(renew, 500); }
}

function listen() {
  const stream = new EventSource(`/scanning/events?since=${encodeURIComponent(now.dataset.mark)}`);
  stream.addEventListener("open", () => { lost.hidden = true; });
  stream.addEventListener("work", renew);
  stream.addEventListener("error", () => {
    lost.hidden = false;
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 5000);  // an error page: begin anew
  });
  addEventListener("pagehide", () => stream.close());
}

listen();
