// What a certificate states, as a list for people.

import { toHex } from "./bytes.js";
import { h } from "./dom.js";
import { networkName, number, time, word } from "./words.js";

// [label, value, is it code?] rows; a row of one entry is a heading.
function rows(statement) {
  const { work, other, content } = statement;
  const facts = (name, params) => word("facts", name, params);
  return [
    [facts("kind"), word(statement.kind, "title")],
    [facts("audience"), statement.audience || facts("nobody")],
    [facts("challenge"), statement.challenge || facts("no_challenge"), Boolean(statement.challenge)],
    [facts("issued"), time(statement.issued_at)],
    [facts("expires"), time(statement.expires_at)],
    ...(statement.subject ? [[facts("subject"), statement.subject, true]] : []),
    ...(work ? workRows(work) : []),
    ...(other ? [[facts("other")], ...workRows(other)] : []),
    ...(content ? contentRows(statement) : []),
    ...(statement.kind === "membership" ? membershipRows(statement) : []),
  ];
}

const workRows = ({ chain_id, contract, registrant, commitment, commitment_id }) => [
  [word("facts", "network"), networkName(chain_id)],
  [word("facts", "contract"), contract, true],
  [word("facts", "registrant"), registrant, true],
  [word("facts", "record"), commitment_id, true],
  [word("facts", "commitment"), commitment, true],
];

function contentRows({ content, first, count }) {
  const size = [word("facts", "size"), word("facts", "bytes", { count: number(content.size) })];
  const root = [word("facts", "root"), content.root, true];
  if (first === undefined) return [size, root];
  const start = first * content.leaf_size;
  const end = Math.min(start + count * content.leaf_size, content.size) - 1;
  const places = { first: number(start), last: number(end), size: number(content.size) };
  return [[word("facts", "place"), word("facts", "place_text", places)], root];
}

const places = ({ first, ring_size }) => ({
  count: number(ring_size), first: number(first + 1), last: number(first + ring_size),
});

const membershipRows = (statement) => [
  [word("facts", "scope"), statement.scope],
  [word("facts", "nullifier"), statement.nullifier, true],
  [word("facts", "network"), networkName(statement.chain_id)],
  [word("facts", "contract"), statement.contract, true],
  [word("facts", "block"), number(statement.block)],
  [word("facts", "ring"), word("facts", "ring_text", places(statement))],
  [word("facts", "ring_digest"), statement.ring_digest, true],
];

export function factsList(statement, certificateDigest) {
  const all = [...rows(statement), [word("facts", "digest"), toHex(certificateDigest), true]];
  const shown = all.map(([label, value, isCode]) =>
    value === undefined
      ? [h("dt", { class: "group" }, label), h("dd", { class: "unseen" })]
      : [h("dt", null, label), h("dd", { class: isCode ? "code" : undefined, dir: "auto" }, value)],
  );
  return h("dl", { class: "facts" }, shown);
}
