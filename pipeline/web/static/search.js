// Suggestions under the search box while somebody types: a combobox as the ARIA practices describe it. Without this script
// the box is a plain one.
import "./keys.js";

const PAUSE = 140; // milliseconds after the last sign
const box = document.querySelector("[data-suggest]");
const list = document.getElementById(box.dataset.suggest);
const announced = document.getElementById("suggested");
let asked = null, timer = 0, typed = box.value, chosen = -1;

box.setAttribute("role", "combobox");
box.setAttribute("aria-autocomplete", "list");
box.setAttribute("aria-controls", list.id);
box.setAttribute("aria-expanded", "false");

function close() {
  list.hidden = true;
  chosen = -1;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}

function show(words) {
  list.replaceChildren(...words.map((word, place) => {
    const item = document.createElement("li");
    item.id = `suggestion-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.lang = /[\u0900-\u097f]/.test(word) ? "hi" : "en";
    item.textContent = word;
    item.addEventListener("mousedown", (event) => event.preventDefault());
    item.addEventListener("click", () => { box.value = word; close(); box.form.requestSubmit(); });
    return item;
  }));
  chosen = -1;
  box.removeAttribute("aria-activedescendant");
  list.hidden = !words.length;
  box.setAttribute("aria-expanded", String(Boolean(words.length)));
  announced.textContent = words.length === 1 ? list.dataset.one : words.length ? list.dataset.many.replace("{}", words.length) : "";
}

function choose(place) {
  const items = [...list.children];
  chosen = (place + items.length + 1) % (items.length + 1);
  if (chosen === items.length) chosen = -1;
  items.forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
  const item = items[chosen];
  box.value = item ? item.textContent : typed;
  if (item) { box.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); } else box.removeAttribute("aria-activedescendant");
}

async function ask() {
  asked?.abort();
  const text = typed.trim();
  if (text.length < 2) return close();
  asked = new AbortController();
  try {
    const answer = await fetch(`/api/v1/suggest?${new URLSearchParams({ q: typed.slice(0, 400) })}`, { credentials: "same-origin", signal: asked.signal });
    if (answer.ok && document.activeElement === box) show((await answer.json()).suggestions.filter((word) => word !== text));
  } catch { /* the next sign asks again */ }
}

box.addEventListener("input", () => { typed = box.value; clearTimeout(timer); timer = setTimeout(ask, PAUSE); });
box.addEventListener("blur", close);
box.form.addEventListener("submit", () => { clearTimeout(timer); asked?.abort(); close(); });
box.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Escape" && !list.hidden) { event.preventDefault(); box.value = typed; close(); }
  if (list.hidden) return;
  if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
  if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen < 0 ? list.children.length - 1 : chosen - 1); }
});

// An address that can be read: without what was left empty.
box.form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});

// On a narrow screen the filters would stand between the question and its answers: they are folded, but for those in use.
if (matchMedia("(max-width: 48rem)").matches) {
  for (const filter of document.querySelectorAll(".facets details")) filter.open = Boolean(filter.querySelector("[aria-current]"));
}
