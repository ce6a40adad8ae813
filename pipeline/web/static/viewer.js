// The page of a document: deep zoom of its image, going from place to place, and from the text to the image.
// Without this script the image, its marks and every link are there all the same.
import { onKey } from "./keys.js";
import { Sheet, together } from "./sheet.js";

for (const note of document.querySelectorAll("[data-unread]")) {
  const image = note.parentElement.querySelector(".sheet img");
  const tell = () => { note.hidden = false; };
  if (image.complete && !image.naturalWidth) tell();
  else image.addEventListener("error", tell);
}

const [frame, scanFrame] = document.querySelectorAll(".sheet");
const text = document.querySelector(".text");
const status = document.querySelector(".hits");
const sheet = frame && new Sheet(frame);
const asked = new URLSearchParams(location.search);
let hit = -1;

if (sheet) {
  for (const one of document.querySelectorAll("[data-needs-script]")) one.hidden = false;
  const scan = scanFrame && new Sheet(scanFrame);
  if (scan && "together" in scanFrame.dataset) together(sheet, scan);
  sheet.ready.then(start);
  toolbar(scan);
}

function start() {
  const marks = sheet.marks();
  if (sheet.spot()) sheet.showSpot();
  else if (asked.get("hit") === "last") goTo(marks.length - 1);
  else if (asked.get("hit") === "first") goTo(0);
  if (!marks.length) for (const button of document.querySelectorAll("[data-do$=-hit]")) {
    button.disabled = !document.querySelector(`[data-hit=${button.dataset.do.replace("-hit", "-page")}]`);
  }
}

function toolbar(scan) {
  const every = scan ? [sheet, scan] : [sheet];
  const does = {
    in: () => sheet.zoom(1.4), out: () => sheet.zoom(1 / 1.4), whole: () => sheet.whole(), width: () => sheet.width(),
    turn: () => every.forEach((one) => one.turn()), "next-hit": () => step(1), "previous-hit": () => step(-1),
  };
  for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", does[button.dataset.do]);
  const keys = { "+": "in", "=": "in", "-": "out", 0: "whole", w: "width", r: "turn", n: "next-hit", p: "previous-hit" };
  for (const [key, name] of Object.entries(keys)) onKey(key, does[name]);
}

// --- places found

function step(by) {
  const marks = sheet.marks();
  const wanted = hit < 0 && by < 0 ? marks.length - 1 : hit + by;
  if (wanted >= 0 && wanted < marks.length) { goTo(wanted); return; }
  document.querySelector(`[data-hit=${by > 0 ? "next" : "previous"}-page]`)?.click();
}

function goTo(index) {
  const marks = sheet.marks();
  if (!marks[index]) return;
  hit = index;
  marks.forEach((mark, i) => mark.classList.toggle("current", i === index));
  sheet.showMark(marks[index]);
  if (status) status.textContent = `${Number(status.dataset.before) + index + 1} / ${status.dataset.total}`;
}

// --- from the text and the fields to the image, and back

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.spot");
  if (!link || !sheet || link.dataset.page !== location.pathname.split("/").at(-1)) return;
  event.preventDefault();
  sheet.showSpot(boxOf(link));
  frame.scrollIntoView({ block: "nearest" });
});

if (text && sheet) {
  const words = [...text.querySelectorAll("[data-box]")];
  let at = -1;
  const choose = (index, scroll) => {
    if (!words[index]) return;
    words[at]?.classList.remove("current");
    at = index;
    words[at].classList.add("current");
    if (scroll) words[at].scrollIntoView({ block: "nearest" });
    sheet.showSpot(boxOf(words[at]));
  };
  text.tabIndex = 0;
  text.addEventListener("click", (event) => {
    const word = event.target.closest("[data-box]");
    if (word) choose(words.indexOf(word), false);
  });
  text.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    choose(Math.max(at + by, 0), true);
  });
  sheet.onClick((x, y) => {
    const found = words.findIndex((word) => {
      const [left, top, width, height] = boxOf(word);
      return left <= x && x <= left + width && top <= y && y <= top + height;
    });
    if (found >= 0) choose(found, true);
  });
}

function boxOf(element) {  // as fractions of the page
  const [x, y, w, h] = element.dataset.box.split(" ").map(Number);
  const { width, height } = sheet.size;
  return [x / width, y / height, w / width, h / height];
}
