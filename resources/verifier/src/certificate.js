// The certificate file: one canonical JSON object (RFC 8785) of statement, proof and attachments.

import { fromHex } from "./bytes.js";
import { isObject, read, readObject } from "./canonical_json.js";
import { SUITE } from "./group.js";
import { require } from "./refused.js";
import { FLAVOR, KINDS, checkStatement } from "./statements.js";

const FORMAT = "colophon-certificate";
const VERSION = 1;
const SIGNATURE_SIZE = 65;
export const MAX_SIZE = 1 << 24;

const ATTACHMENTS = {
  excerpt: { kind: "string", chunks: ["string"], salts: ["string"], paths: [["string"]] },
  ring: { kind: "string", commitments: "string" },
  "subject-signature": { kind: "string", signature: "string" },
};

// { statement, proof, attachments, signature }, the proof not yet verified. Throws Refused and nothing else.
export function parse(bytes) {
  const value = read(bytes, MAX_SIZE);
  require(isObject(value) && value.format === FORMAT, "certificate.not_a_certificate");
  require(value.version === VERSION, "certificate.unknown_version");
  const { statement, proof, attachments } = readTop(value);
  const [evidence, signature] = readAttachments(attachments);
  return {
    statement: readStatement(statement),
    proof: readProof(proof),
    attachments: evidence,
    signature,
  };
}

function readTop(value) {
  const { statement, proof, attachments, ...rest } = value;
  for (const key of ["statement", "proof", "attachments"]) {
    require(Object.hasOwn(value, key), "certificate.key_missing", { key });
  }
  readObject({ format: "string", version: "integer" }, rest);
  return { statement, proof, attachments };
}

function readStatement(value) {
  const known = isObject(value) && typeof value.kind === "string" && Object.hasOwn(KINDS, value.kind);
  require(known, "certificate.unknown_kind");
  readObject(KINDS[value.kind].form, value);
  checkStatement(value);
  return value;
}

function readProof(value) {
  const { suite, flavor, narg } = readObject({ suite: "string", flavor: "string", narg: "string" }, value);
  require(suite === SUITE && flavor === FLAVOR, "certificate.unknown_suite");
  return fromHex(narg);
}

function readAttachments(list) {
  require(Array.isArray(list), "certificate.wrong_form", { where: "attachments" });
  for (const entry of list) {
    const known = isObject(entry) && typeof entry.kind === "string" && Object.hasOwn(ATTACHMENTS, entry.kind);
    require(known, "certificate.unknown_attachment");
    readObject(ATTACHMENTS[entry.kind], entry);
    if (entry.kind === "subject-signature") fromHex(entry.signature, SIGNATURE_SIZE);
  }
  const isSignature = ({ kind }) => kind === "subject-signature";
  const evidence = list.length && isSignature(list.at(-1)) ? list.slice(0, -1) : list;
  require(!evidence.some(isSignature), "certificate.wrong_form", { where: "attachments" });
  return [evidence, evidence === list ? null : fromHex(list.at(-1).signature)];
}
