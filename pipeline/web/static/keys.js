// Single keys that do something on a page. They are off while somebody types, and for good where the visitor says so
// (for speech input and for those whose hands shake); the choice is kept in this browser.
const SETTING = "abhilekh-single-keys";
const TYPING = "input, select, textarea, [contenteditable], [role=combobox], dialog[open] *";
const actions = new Map();

export function onKey(key, action) {
  actions.set(key, action);
}

export function areOn() {
  try { return localStorage.getItem(SETTING) !== "off"; } catch { return true; }
}

// A link or a button is used; a field, or what is folded away, is gone to.
function use(named) {
  const folded = named.closest("details");
  if (folded) folded.open = true;
  if (named.matches("a, button") && !("keyFocus" in named.dataset)) named.click(); else { named.focus(); named.select?.(); }
}

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || !areOn()) return;
  if (event.target instanceof Element && event.target.closest(TYPING)) return;
  const named = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const action = actions.get(event.key) ?? (named && (() => use(named)));
  if (action && action(event) !== false) event.preventDefault();
}

function show() {
  for (const list of document.querySelectorAll("[data-keys]")) list.hidden = false;
  for (const button of document.querySelectorAll("[data-keys-switch]")) {
    button.setAttribute("aria-pressed", String(areOn()));
    button.addEventListener("click", () => {
      try { localStorage.setItem(SETTING, areOn() ? "off" : "on"); } catch { /* not kept then */ }
      button.setAttribute("aria-pressed", String(areOn()));
    });
  }
}

// Escape leaves a field, so that single keys work again.
function leave(event) {
  if (event.key === "Escape" && !event.defaultPrevented && event.target instanceof HTMLElement && event.target.matches("input, select, textarea")) event.target.blur();
}

document.addEventListener("keydown", press);
document.addEventListener("keydown", leave);
onKey("/", () => {
  const box = document.querySelector("#q");
  if (box) { box.focus(); box.select(); } else location.href = "/";
});
show();
