// The page: takes in certificates and files, has them checked here, and shows the outcome. It uses no network.

import { fromBase64 } from "./bytes.js";
import { MAX_SIZE } from "./certificate.js";
import { h, save } from "./dom.js";
import { sha256 } from "./noble.js";
import { Refused } from "./refused.js";
import { judgeFile, judgeFreshness, verify } from "./verify.js";
import * as view from "./view.js";
import { message, word } from "./words.js";

const CERTIFICATE_START = '{"attachments":[';
const CODE_ALPHABET = /^[2-9A-HJKMNP-TV-Z]{12}$/;
const DEFAULT_NAME = "ownership.colophon";
const BLINK = 40; // milliseconds of work before the browser may draw again

const page = (name, params) => word("page", name, params);
const main = document.getElementById("page");

// What is shown now. `result` is that of verify(), or { refused: code, params }.
const shown = { name: "", bytes: null, title: "", result: null, challenge: "", audience: "" };
let turn = 0; // a newer check makes the answer of an older one void

const now = () => Math.floor(Date.now() / 1000);

// As codes are given out, from one that was read over the phone; other text stays as it is.
function tidy(text) {
  const letters = text.toUpperCase().replace(/[\s-]/g, "");
  return CODE_ALPHABET.test(letters) ? letters.match(/.{4}/g).join("-") : text;
}

function expected() {
  const { challenge, audience } = shown;
  return { challenge: challenge.trim() ? tidy(challenge) : null, audience: audience.trim() ? audience : null };
}

// --- Checking -------------------------------------------------------------------------------------------------

async function check(name, bytes, title = "") {
  const mine = ++turn;
  working(page("checking"));
  const outcome = await attempt(() => verify(bytes, { now: now(), ...expected(), pause: pauses(mine) }));
  if (mine !== turn) return;
  Object.assign(shown, { name, bytes, title, result: outcome });
  draw();
}

async function compare(file) {
  const mine = ++turn;
  working(page("file_reading"));
  const outcome = await attempt(() => judgeFile(shown.result.statement, file, pauses(mine)));
  if (mine !== turn) return;
  if (outcome.refused) Object.assign(shown, { result: outcome });
  else shown.result.file = outcome;
  draw();
}

// A bug or an unreadable file becomes a message like any other, and never looks like a verdict on the proof.
async function attempt(task) {
  try {
    return await task();
  } catch (error) {
    if (error instanceof Refused) return { refused: message(error.code, error.params) };
    const name = error instanceof DOMException ? "unreadable" : "bug";
    const part = (kind) => page(`${name}_${kind}`, { detail: String(error?.message ?? error) });
    return { refused: { title: part("title"), reason: part("reason"), next: part("next") } };
  }
}

function pauses(mine) {
  let last = performance.now();
  return async (done) => {
    if (done !== undefined) progress(done);
    if (performance.now() - last < BLINK) return;
    await new Promise((resume) => setTimeout(resume));
    last = performance.now();
    if (mine !== turn) await new Promise(() => {}); // overtaken: this check ends here
  };
}

async function take(file, place) {
  if (!file) return;
  main.setAttribute("aria-busy", "true");
  const isFile = place === "file" && shown.result && awaitsFile(shown.result);
  const start = await attempt(() => file.slice(0, CERTIFICATE_START.length).text());
  if (isFile && start !== CERTIFICATE_START) return compare(file);
  if (file.size > MAX_SIZE) return refuse("certificate.too_large", { size: file.size, maximum: MAX_SIZE });
  const bytes = await attempt(async () => new Uint8Array(await file.arrayBuffer()));
  if (bytes.refused) return show({ refused: bytes.refused });
  return check(file.name, bytes);
}

// A file is compared only with what was proved.
const awaitsFile = ({ statement, proof }) => statement?.kind === "file" && proof.state === "valid";

const refuse = (code, params) => show({ refused: message(code, params) });

function show(result) {
  turn++;
  Object.assign(shown, { bytes: null, title: "", result });
  draw();
}

// --- Drawing --------------------------------------------------------------------------------------------------

function draw() {
  const { result } = shown;
  main.removeAttribute("aria-busy");
  main.replaceChildren(...(result === null ? empty() : result.refused ? refused(result.refused) : outcome(result)));
  if (result) announce(main.querySelector("h1").textContent);
}

const empty = () => [view.titlePage("", "", page("empty_title"), page("empty_text")), another(true)];

const refused = ({ title, reason, next }) => [
  view.titlePage("no", title, page("refused"), reason, h("p", { class: "note" }, next)),
  another(false),
];

function outcome(result) {
  const { statement, evidence } = result;
  const saveExcerpt = () => save("excerpt", evidence, "application/octet-stream");
  return [
    view.resultTitle(result, shown.title),
    awaitsFile(result) ? fileDrop() : "",
    view.verdictList(result),
    yourSide(),
    view.meaning(result, shown.title),
    statement.kind === "excerpt" && evidence ? view.excerpt(evidence, saveExcerpt) : "",
    view.facts(statement, sha256(shown.bytes)),
    source(),
    another(false),
    footer(),
  ].filter(Boolean);
}

function yourSide() {
  const field = (name, extra) => {
    const input = h("input", {
      type: "text", id: name, value: shown[name], autocomplete: "off", spellcheck: "false", maxlength: "400",
      ...extra, oninput: () => {
        shown[name] = input.value;
        refresh();
      },
    });
    return h("div", null, h("label", { for: name }, page(`your_${name}`)), input);
  };
  return h("section", { class: "screen", id: "your-side" },
    h("h2", null, page("your_side")),
    h("p", { class: "note" }, page("your_side_text")),
    h("div", { class: "fields" }, field("challenge", { class: "code" }), field("audience", {})),
  );
}

// Typing changes the verdict on freshness only: the field keeps its focus.
function refresh() {
  const { result, title } = shown;
  const { challenge, audience } = expected();
  result.freshness = judgeFreshness(result.statement, now(), challenge, audience);
  main.querySelector(".title-page").replaceWith(view.resultTitle(result, title));
  main.querySelector(".verdicts").parentElement.replaceWith(view.verdictList(result));
  announce(message(result.freshness.code).title);
}

function fileDrop() {
  return h("section", { class: "bare screen" },
    h("div", { class: "drop", "data-drop": "file" },
      h("h2", null, page("file_title")),
      h("p", { class: "note" }, page("file_text")),
      chooser("file", page("file_button"), "primary"),
    ),
  );
}

function another(isOnly) {
  return h("section", { class: isOnly ? "bare screen" : "screen" },
    h("div", { class: "drop", "data-drop": "certificate" },
      h("h2", null, page("another_title")),
      h("p", { class: "note" }, page("another_text")),
      h("div", { class: "actions" }, chooser("certificate", page("another_button"), isOnly ? "primary" : "")),
    ),
  );
}

function chooser(place, label, look) {
  const input = h("input", {
    type: "file", class: "unseen", tabindex: "-1", "aria-hidden": "true", id: `choose-${place}`,
    accept: place === "certificate" ? ".colophon,.json,application/json" : undefined,
    onchange: () => take(input.files[0], place),
  });
  return [h("button", { type: "button", class: look, onclick: () => input.click() }, label), input];
}

function source() {
  const name = shown.name.endsWith(".colophon") ? shown.name : DEFAULT_NAME;
  const text = () => new TextDecoder().decode(shown.bytes.subarray(0, 65_536));
  const fold = h("details", { ontoggle: () => fold.lastChild.append(fold.lastChild.firstChild ? "" : text()) },
    h("summary", null, page("source")), h("pre", { class: "code", tabindex: "0" }));
  return h("section", { class: "screen" },
    h("div", { class: "actions" },
      h("button", { type: "button", onclick: () => save(name, shown.bytes, "application/json") }, page("save")),
      h("button", { type: "button", onclick: () => print() }, page("print")),
    ),
    h("p", null, "\u00a0"),
    fold,
  );
}

const footer = () => h("footer", null, h("p", { class: "note" }, page("footer")));

function working(text) {
  main.setAttribute("aria-busy", "true");
  main.replaceChildren(
    view.titlePage("", "", `${text}…`, "", h("progress", { max: "1", "aria-label": text })));
  announce(text);
}

function progress(done) {
  const bar = main.querySelector("progress");
  if (bar) bar.value = done;
}

function announce(text) {
  document.getElementById("announcement").textContent = text;
}

// --- Start ----------------------------------------------------------------------------------------------------

addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("over");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  const zone = event.target instanceof Element ? event.target.closest("[data-drop]") : null;
  take(event.dataTransfer.files[0], zone?.dataset.drop ?? "file");
});

// For tests and for whoever wants to look inside: the checks without the page.
Object.defineProperty(globalThis, "colophon", { value: Object.freeze({ Refused, judgeFile, verify }) });

const given = JSON.parse(document.getElementById("given").textContent);
if (given.certificate) check(DEFAULT_NAME, fromBase64(given.certificate), given.title);
else draw();
