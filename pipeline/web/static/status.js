// Renews what the status page shows, in place: who reads it keeps the spot. Without this script it is as old as its loading.
const stand = document.getElementById("stand");

async function renew() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    stand.replaceChildren(...page.getElementById("stand").childNodes);
  } catch { /* not now; the next turn asks again */ }
}

for (const one of document.querySelectorAll("[data-needs-script]")) one.hidden = false;
setInterval(renew, Number(stand.dataset.seconds) * 1000);
