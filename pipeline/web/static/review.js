// The review page: the spot of a field is shown when its input is entered, a file number is looked up while it is written,
// and the two keys that work while somebody types.
import "./keys.js";

const sheets = document.querySelector(".review .sheets");
const accept = document.getElementById("accept");
const save = document.getElementById("save");
let changed = false;

function light(name) {
  for (const rect of document.querySelectorAll(".spots rect")) rect.classList.toggle("on", rect.dataset.field === name);
  const spot = document.querySelector(".spots rect.on");
  if (!spot) return;
  const frame = sheets.getBoundingClientRect();
  const box = spot.getBoundingClientRect();
  if (box.top < frame.top || box.bottom > frame.bottom) sheets.scrollTop += box.top - frame.top - frame.height / 3;
}

for (const input of document.querySelectorAll("[data-field]:is(input, select, textarea)")) {
  input.addEventListener("focus", () => light(input.dataset.field));
  input.addEventListener("input", () => { changed = true; });
}
for (const rect of document.querySelectorAll(".spots rect")) {
  rect.addEventListener("click", () => document.getElementById(`f-${rect.dataset.field}`)?.focus());
}

addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  if (event.key === "Enter") { event.preventDefault(); accept.click(); }
  if (event.key.toLowerCase() === "s") { event.preventDefault(); save.click(); }
});

document.getElementById("split-at")?.addEventListener("keydown", (event) => {  // else Enter only unfolds the choice
  if (event.key === "Enter") { event.preventDefault(); event.target.form.requestSubmit(); }
});

let leaving = false;
document.querySelector("form.fields").addEventListener("submit", () => { leaving = true; });  // others would lose what was typed
addEventListener("beforeunload", (event) => { if (changed && !leaving) event.preventDefault(); });

const number = document.querySelector("[data-number]");
if (number) {
  const standing = document.getElementById("number-known");
  let timer = 0;
  const ask = async () => {
    if (!number.value.trim()) { standing.textContent = ""; return; }
    const asked = new URLSearchParams({ text: number.value, office: number.dataset.office });
    const answer = await fetch(`/api/v1/review/number?${asked}`, { credentials: "same-origin" });
    if (!answer.ok) return;
    const found = await answer.json();
    const says = { known: number.dataset.known, perhaps: number.dataset.perhaps, new: number.dataset.new, no_number: number.dataset.none };
    standing.textContent = [says[found.standing], ...(found.standing === "perhaps" ? [found.files.join(", ")] : []), found.key ? `(${found.key})` : ""].join(" ");
  };
  number.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 250); });
  ask();
}

const problem = document.getElementById("problem");
const first = document.querySelector(".field.doubt input, .field.doubt textarea") ?? document.querySelector(".field.none input, .field.none textarea");
(problem ?? first)?.focus({ preventScroll: Boolean(problem) });
