// Sends scans in pieces by the tus protocol: a transfer that breaks off goes on where it was, also after the page was
// closed, for the server knows what came. Without this script the form sends the files in one go.
const PIECE = 8 * 1024 * 1024;
const AT_ONCE = 2;
const PAUSES = [1, 2, 4, 8, 15, 30];  // seconds between tries while the server cannot be reached
const form = document.getElementById("send");
const list = document.getElementById("sent");
const say = form.dataset;
const queue = [];
let running = 0;

const sleep = (seconds) => new Promise((done) => {
  const timer = setTimeout(done, seconds * 1000);
  addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
});
const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const tokenOf = (file) => `${file.name}|${file.size}|${file.lastModified}`;

function headers(more = {}) {
  const csrf = form.querySelector("input[name^='csrf']");
  return { "Tus-Resumable": "1.0.0", ...(csrf ? { "X-CSRF-Token": csrf.value } : {}), ...more };
}

function rowFor(file) {
  const row = [...list.children].find((one) => one.dataset.token === tokenOf(file) && one.classList.contains("uploading"))
    ?? document.createElement("li");
  const name = document.createElement("b");
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = file.size || 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  const state = document.createElement("span");
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.textContent = say.cancel;
  cancel.setAttribute("aria-label", `${say.cancel}: ${file.name}`);
  row.replaceChildren(name, bar, state, cancel);
  if (!row.isConnected) list.prepend(row);
  return { row, bar, state, cancel };
}

function showState(job, text, look = "") {
  job.view.state.textContent = text;
  job.view.state.className = look;
}

// One request of which the sending can be watched; an answer of any status, or an error when there was none.
function ask(method, address, { more = {}, body = null, watch = null, job = null } = {}) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    for (const [name, value] of Object.entries(headers(more))) request.setRequestHeader(name, value);
    if (watch) request.upload.onprogress = (event) => watch(event.loaded);
    request.onload = () => done(request);
    request.onerror = request.onabort = () => fail(new Error("no answer"));
    if (job) job.request = request;
    request.send(body);
  });
}

class Refused extends Error {}

function refusal(answer) {
  try { return new Refused(JSON.parse(answer.responseText).error.message); } catch { return new Refused(say.failed); }
}

async function begin(job) {
  const known = await ask("GET", "/api/v1/uploads");
  if (known.status !== 200) throw known.status >= 500 ? new Error("not now") : refusal(known);
  const same = JSON.parse(known.responseText).find((one) => one.status === "uploading" && one.token === tokenOf(job.file));
  if (same) return { address: `/api/v1/uploads/${same.id}`, offset: same.offset };
  const named = { filename: job.file.name, token: tokenOf(job.file), ...job.metadata };
  const metadata = Object.entries(named).filter(([, value]) => value).map(([key, value]) => `${key} ${encode(value)}`).join(",");
  const made = await ask("POST", "/api/v1/uploads", { more: { "Upload-Length": String(job.file.size), "Upload-Metadata": metadata } });
  if (made.status === 429 || made.status >= 500) throw new Error("not now");
  if (made.status !== 201) throw refusal(made);
  return { address: made.getResponseHeader("Location"), offset: 0 };
}

async function piece(job) {
  const part = job.file.slice(job.offset, job.offset + PIECE);
  const more = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(job.offset) };
  if (crypto.subtle) {  // not on plain http to another machine
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await part.arrayBuffer()));
    more["Upload-Checksum"] = `sha256 ${btoa(String.fromCharCode(...digest))}`;
  }
  const watch = (loaded) => { job.view.bar.value = job.offset + loaded; };
  const answer = await ask("PATCH", job.address, { more, body: part, watch, job });
  if (answer.status === 204) job.offset = Number(answer.getResponseHeader("Upload-Offset"));
  else if (answer.status === 404 || answer.status === 413) throw refusal(answer);
  else throw new Error("not now");  // another offset, a checksum that differs, a lock: ask where it stands
}

async function stand(job) {
  const answer = await ask("HEAD", job.address);
  if (answer.status === 404) { job.address = null; return; }
  if (answer.status !== 200) throw new Error("not now");
  job.offset = Number(answer.getResponseHeader("Upload-Offset"));
}

async function send(job) {
  let tries = 0;
  let sure = false;
  while (!job.cancelled) {
    try {
      if (!job.address) { Object.assign(job, await begin(job)); sure = true; }
      if (!sure) { await stand(job); sure = true; if (!job.address) continue; }
      showState(job, say.uploading);
      job.view.bar.value = job.offset;
      if (job.offset >= job.file.size) return;
      await piece(job);
      tries = 0;
    } catch (error) {
      if (error instanceof Refused) throw error;
      if (job.cancelled) break;
      showState(job, say.lost, "doubt");
      sure = false;
      await sleep(PAUSES[Math.min(tries++, PAUSES.length - 1)]);
    }
  }
}

async function outcome(job) {
  job.view.cancel.remove();
  job.view.bar.remove();
  while (true) {
    try {
      const answer = await ask("GET", job.address);
      if (answer.status === 404) throw new Refused(say.failed);
      const found = JSON.parse(answer.responseText);
      if (found.status === "received") return showState(job, say.received, "sure");
      if (found.status === "duplicate") return showState(job, say.duplicate);
      if (found.status === "rejected") {
        return showState(job, `${say.rejected}: ${found.error[document.documentElement.lang] ?? found.error.en}`, "doubt");
      }
      showState(job, found.hindrance || say.checking);
    } catch (error) {
      if (error instanceof Refused) throw error;
      showState(job, say.lost, "doubt");
    }
    await sleep(1);
  }
}

async function run(job) {
  try {
    await send(job);
    if (!job.cancelled) await outcome(job);
  } catch (error) {
    job.view.bar.remove();
    job.view.cancel.remove();
    showState(job, error.message, "doubt");
  }
  running -= 1;
  next();
}

function next() {
  while (running < AT_ONCE && queue.length) { running += 1; run(queue.shift()); }
}

async function cancel(job) {
  job.cancelled = true;
  job.request?.abort();
  const place = queue.indexOf(job);
  if (place >= 0) queue.splice(place, 1);
  if (job.address) await ask("DELETE", job.address).catch(() => null);
  job.view.bar.remove();
  job.view.cancel.remove();
  showState(job, say.cancelled);
}

function take(files) {
  const metadata = Object.fromEntries(["office", "file_no", "profile"].map((name) => [name, form.elements[name]?.value ?? ""]));
  for (const file of files) {
    const job = { file, metadata, address: null, offset: 0, view: rowFor(file), cancelled: false };
    job.view.cancel.addEventListener("click", () => cancel(job));
    showState(job, say.queued);
    queue.push(job);
  }
  next();
}

form.noValidate = true;  // what is chosen is sent at once
form.querySelector("[data-needs-script]").hidden = false;
const chooser = document.getElementById("send-files");
chooser.addEventListener("change", () => { take(chooser.files); chooser.value = ""; });
form.addEventListener("submit", (event) => { event.preventDefault(); if (chooser.files.length) take(chooser.files); else chooser.click(); });

const drop = document.getElementById("drop");
const holds = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => { if (holds(event)) { event.preventDefault(); drop.classList.add("over"); } });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
addEventListener("drop", (event) => {
  if (!holds(event)) return;
  event.preventDefault();
  drop.classList.remove("over");
  take([...event.dataTransfer.files]);
});
addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
