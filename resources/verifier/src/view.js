// The certificate on the page: verdict first, then the reasons, then what is stated. Pure: from a result to elements.

import { h } from "./dom.js";
import { factsList } from "./facts.js";
import { explorerOf, lines, message, number, word } from "./words.js";

const page = (name, params) => word("page", name, params);

// How each state looks: a tone and a sign. Colour never says anything alone.
const LOOKS = {
  valid: "yes", fresh: "yes", signed: "yes", matches: "yes",
  "not valid": "no", "wrong signature": "no", differs: "no", "not fresh": "doubt",
  transferable: "doubt", "not compared": "unknown", "not checked": "unknown", "not signed": "unknown",
};
const SIGNS = { yes: "✓", no: "✕", doubt: "!", unknown: "–" };

// Tone and heading of the whole: { tone, title }.
export function summary({ proof, freshness, subject, file }) {
  if (proof.state !== "valid") return { tone: "no", title: page("holds_not") };
  if (subject.state === "wrong signature") return { tone: "no", title: page("holds_but_signature") };
  if (file?.state === "differs") return { tone: "no", title: page("holds_but_file") };
  if (freshness.state === "not fresh") return { tone: "doubt", title: page("holds_but_not_fresh") };
  return { tone: "yes", title: file?.state === "matches" ? page("holds_for_file") : page("holds") };
}

export function titlePage(tone, kind, title, text, ...more) {
  return h("div", { class: `title-page ${tone}` },
    kind && h("p", { class: "kind" }, kind),
    h("h1", { tabindex: "-1" }, title),
    text && h("p", { class: "lead" }, text),
    more,
  );
}

export function resultTitle(result, title) {
  const { statement, proof } = result;
  const { tone, title: heading } = summary(result);
  const named = title && [
    h("p", { class: "work-title", dir: "auto" }, page("titled", { title })),
    h("p", { class: "note" }, page("titled_note")),
  ];
  const text =
    proof.state === "valid" ? word(statement.kind, "claim", params(statement)) : message(proof.code, proof.params).reason;
  const { audience } = statement;
  const kind = [word(statement.kind, "title"), audience && h("bdi", null, ` · ${page("for", { audience })}`)];
  return titlePage(tone, kind, heading, text, named);
}

export function verdictList(result) {
  const { statement, proof, anchor, freshness, subject, file } = result;
  return h("section", { "aria-label": page("verdicts") },
    h("ul", { class: "verdicts" },
      file && row(page("file"), file, message(file.code)),
      row(page("proof"), proof, proofWords(proof)),
      row(page("anchor"), anchor, anchorWords(statement)),
      row(page("fresh"), freshness, message(freshness.code)),
      statement.subject && row(page("subject"), subject, message(subject.code)),
    ),
  );
}

function row(name, { state }, { title, reason, next }) {
  const look = LOOKS[state];
  return h("li", { class: `verdict ${look}`, "data-verdict": state },
    h("div", { class: "name" }, name),
    h("div", null,
      h("div", { class: "state" }, h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[look]), h("h3", null, title)),
      h("p", null, reason),
      look !== "yes" && next ? h("p", { class: "next" }, next) : "",
    ),
  );
}

function proofWords({ state, code, params }) {
  const words = message(code, params);
  return state === "valid" ? { ...words, reason: page("proof_reason") } : words;
}

function anchorWords(statement) {
  const { chain_id, contract } = statement.work ?? statement;
  const explorer = explorerOf(chain_id);
  const command = h("code", { class: "code" }, "colophon verify --online FILE");
  const [before, after] = page("anchor_next").split("{command}");
  const [see, end] = page("anchor_look").split("{address}");
  const look = explorer && [h("br"), see, h("code", { class: "code" }, `${explorer}/address/${contract}`), end];
  return { title: page("anchor_title"), reason: page("anchor_reason"), next: [before, command, after, look] };
}

export function meaning({ statement, subject, proof }, title) {
  const list = (name, heading, entries) =>
    h("div", { class: name }, h("h2", null, heading), h("ul", null, entries.map((entry) => h("li", null, entry))));
  const never = [
    word("never", "law"),
    word("never", "record"),
    statement.subject && subject.state !== "signed" && word("never", "address"),
    title && word("never", "title"),
  ];
  if (proof.state !== "valid") return "";
  return h("section", { class: "columns" },
    list("shown", page("shows"), lines(statement.kind, "shows", params(statement))),
    list("hidden", page("hides"), lines(statement.kind, "hides", params(statement))),
    list("never", page("never"), never.filter(Boolean)),
  );
}

const params = ({ ring_size, scope }) => ({ count: number(ring_size ?? 0), scope });

export function facts(statement, digest) {
  return h("section", null, h("h2", null, page("facts")), factsList(statement, digest));
}

// The disclosed part of the work; text where it is text.
const MAX_SHOWN = 100_000;

export function excerpt(bytes, onSave) {
  const text = readable(bytes);
  const count = { count: number(bytes.length) };
  return h("section", null,
    h("h2", null, page("excerpt")),
    h("p", { class: "note" }, page(text === null ? "excerpt_binary" : "excerpt_text", count)),
    text === null
      ? h("pre", { class: "excerpt code", tabindex: "0" }, hexDump(bytes.subarray(0, 1024)))
      : h("pre", { class: "excerpt", tabindex: "0", dir: "auto" }, text.slice(0, MAX_SHOWN)),
    h("button", { type: "button", onclick: onSave }, page("excerpt_save")),
  );
}

// An excerpt is cut at chunks, so that its first and last letters may be halves: those alone are left out.
function readable(bytes) {
  for (let start = 0; start < 4; start++) {
    for (let end = 0; end < 4; end++) {
      try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(start, bytes.length - end));
        if (!/[\x00-\x08\x0e-\x1f]/.test(text)) return text;
      } catch {
        // try without one more byte
      }
    }
  }
  return null;
}

const hexDump = (bytes) =>
  Array.from(bytes, (byte, i) => byte.toString(16).padStart(2, "0") + (i % 16 === 15 ? "\n" : " ")).join("");
