// What a certificate states. Each kind has its form, its own checks, what it needs attached, and its relation.

import { ascii, bigEndian, concat, fromBase64, fromHex, toBigInt, toHex, utf8 } from "./bytes.js";
import { writeBytes } from "./canonical_json.js";
import { belongs, leafSizeOf } from "./chunk_tree.js";
import { ORDER, POINT_SIZE, SUITE, decode, encodeForChain, generators, hashToCurve } from "./group.js";
import { LinearRelation } from "./linear_relation.js";
import { keccak_256, sha256 } from "./noble.js";
import { verifyOneOutOfMany } from "./one_out_of_many.js";
import { require } from "./refused.js";
import { Ring } from "./ring.js";

export const FLAVOR = "CMPT";
const MAX_TEXT = 200;
const LAST_TIME = 253_402_300_799; // the end of the year 9999
const LEAF_SALT_SIZE = 16;
const HASH_SIZE = 32;
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const JOINERS = /[\u200c\u200d]/gu; // invisible, but needed by some scripts and by emoji
const ADDRESS = /^0x[0-9a-f]{40}$/;
const SCOPE_DST = "COLOPHON-V01-SCOPE-BLS12381G1_XMD:SHA-256_SSWU_RO_";

const COMMON = {
  kind: "string", subject: "string", audience: "string", challenge: "string", issued_at: "integer", expires_at: "integer",
};
const WORK = {
  chain_id: "integer", contract: "string", registrant: "string", commitment: "string", commitment_id: "string",
};
const CONTENT = { root: "string", size: "integer", leaf_size: "integer" };

export const normalized = (text) => text.normalize("NFC").trim();

// Each kind: form; check(statement), its own rules; evidence(statement, attachments), what is attached, once it is
// known to be true; isProved(statement, proof, evidence, pause).
export const KINDS = {
  // I know what is inside C.
  opening: {
    form: { ...COMMON, work: WORK },
    evidence: none,
    isProved: (statement, proof) =>
      new LinearRelation(
        [...generators(), commitment(statement.work)],
        [{ image: [[4, 1n]], terms: [[0, 1], [1, 2], [2, 3]] }],
      ).verify(tag(statement), proof),
  },

  // This very file is inside C.
  file: {
    form: { ...COMMON, work: WORK, content: CONTENT, salt: "string" },
    check: ({ salt }) => fromHex(salt, HASH_SIZE),
    evidence: none,
    isProved: contentIsProved,
  },

  // The attached chunks are in the work, from chunk `first` on.
  excerpt: {
    form: { ...COMMON, work: WORK, content: CONTENT, first: "integer", count: "integer" },
    check({ first, count, content }) {
      const inside = first >= 0 && count >= 1 && first + count <= leafCount(content);
      require(inside, "certificate.excerpt_outside");
    },
    evidence(statement, attachments) {
      require(attachments.length === 1 && attachments[0].kind === "excerpt", "certificate.excerpt_missing");
      const chunks = attachments[0].chunks.map(fromBase64);
      const salts = attachments[0].salts.map((salt) => fromHex(salt, LEAF_SALT_SIZE));
      const paths = attachments[0].paths.map((path) => path.map((node) => fromHex(node, HASH_SIZE)));
      const complete = [chunks, salts, paths].every((list) => list.length === statement.count);
      require(complete, "certificate.excerpt_missing");
      const { root, size, leaf_size } = statement.content;
      chunks.forEach((chunk, i) => {
        const index = statement.first + i;
        const length = Math.min(leaf_size, size - index * leaf_size);
        const fits = chunk.length === length &&
          belongs(salts[i], chunk, index, leafCount(statement.content), paths[i], fromHex(root, HASH_SIZE));
        require(fits, "certificate.excerpt_not_of_this_work");
      });
      return concat(...chunks);
    },
    isProved: contentIsProved,
  },

  // Two registrations hold the same content. Both openings are proved: C - C' = d*H alone could be forged.
  "same-work": {
    form: { ...COMMON, work: WORK, other: WORK },
    check({ work, other }) {
      const differs = Object.keys(WORK).some((key) => work[key] !== other[key]);
      require(differs, "certificate.same_registration");
    },
    evidence: none,
    isProved: (statement, proof) =>
      new LinearRelation(
        [...generators(), commitment(statement.work), commitment(statement.other)],
        [
          { image: [[4, 1n]], terms: [[0, 1], [1, 2], [2, 3]] },
          { image: [[5, 1n]], terms: [[0, 1], [3, 2], [4, 3]] },
        ],
      ).verify(tag(statement), proof),
  },

  // One of these N registered works is mine. The same owner key is in C' and in the nullifier.
  membership: {
    form: {
      ...COMMON, chain_id: "integer", contract: "string", block: "integer", first: "integer", ring_size: "integer",
      ring_digest: "string", scope: "string", nullifier: "string", commitment: "string",
    },
    isAnonymous: true,
    check(statement) {
      for (const key of ["chain_id", "block", "ring_size"]) checkInteger(statement[key]);
      require(statement.first >= 0, "certificate.number_out_of_range");
      checkAddress(statement.contract);
      checkText(statement.scope);
      require(statement.scope, "certificate.scope_missing");
      fromHex(statement.ring_digest, HASH_SIZE);
      fromHex(statement.nullifier, POINT_SIZE);
      fromHex(statement.commitment, POINT_SIZE);
    },
    evidence(statement, attachments) {
      require(attachments.length === 1 && attachments[0].kind === "ring", "certificate.ring_missing");
      const ring = new Ring(fromBase64(attachments[0].commitments));
      const sameRing = ring.size === statement.ring_size && toHex(ring.digest) === statement.ring_digest;
      require(sameRing, "certificate.ring_differs");
      return ring;
    },
    isProved(statement, proof, ring, pause) {
      const target = decode(fromHex(statement.commitment, POINT_SIZE));
      const scope = hashToCurve(utf8(statement.scope), SCOPE_DST);
      const relation = new LinearRelation(
        [...generators(), scope, target, decode(fromHex(statement.nullifier, POINT_SIZE))],
        [
          { image: [[5, 1n]], terms: [[0, 1], [1, 2], [2, 3]] },
          { image: [[6, 1n]], terms: [[1, 4]] },
        ],
      );
      return verifyOneOutOfMany(tag(statement), ring, target, relation, proof, pause);
    },
  },
};

// Throws Refused unless every field of a statement of the right form has a value that it may have.
export function checkStatement(statement) {
  const { subject, audience, challenge, issued_at, expires_at, work, other, content } = statement;
  const { check, isAnonymous } = KINDS[statement.kind];
  if (work) checkWork(work);
  if (other) checkWork(other);
  if (content) checkContent(content);
  if (isAnonymous) require(subject === "", "certificate.subject_not_empty");
  else checkAddress(subject);
  checkText(audience);
  checkText(challenge);
  checkTime(issued_at);
  checkTime(expires_at);
  require(expires_at > issued_at, "certificate.expires_before_issue");
  check?.(statement);
}

export const digest = (statement) => sha256(writeBytes(statement));

// Every claim is bound to the proof through this tag.
const tag = (statement) =>
  ascii(`COLOPHON-V01-${statement.kind}-${FLAVOR}-with-${SUITE}-${toHex(digest(statement)).slice(2)}`);

function none(statement, attachments) {
  require(attachments.length === 0, "certificate.unknown_attachment");
}

// C - m*G0 = k*G1 + r*H with m rebuilt from the chunk tree's root and size.
function contentIsProved(statement, proof) {
  return new LinearRelation(
    [...generators(), commitment(statement.work)],
    [{ image: [[4, 1n], [1, -contentScalar(statement.content)]], terms: [[0, 2], [1, 3]] }],
  ).verify(tag(statement), proof);
}

function commitment(work) {
  const point = decode(fromHex(work.commitment, POINT_SIZE));
  const id = toHex(keccak_256(encodeForChain(point)));
  require(id === work.commitment_id, "certificate.commitment_id_differs");
  return point;
}

const leafCount = ({ size, leaf_size }) => (size - (size % leaf_size)) / leaf_size + Number(size % leaf_size > 0);

const contentScalar = ({ root, size }) =>
  hashToScalar(concat(fromHex(root, HASH_SIZE), bigEndian(size, 8)), ascii("COLOPHON-V01-CONTENT"));

// RFC 9380 hash_to_field towards the scalar field: 48 bytes by expand_message_xmd with SHA-256, big-endian.
function hashToScalar(message, dst) {
  const suffix = concat(dst, Uint8Array.of(dst.length));
  const first = sha256(concat(new Uint8Array(64), message, bigEndian(48, 2), Uint8Array.of(0), suffix));
  const one = sha256(concat(first, Uint8Array.of(1), suffix));
  const two = sha256(concat(first.map((byte, i) => byte ^ one[i]), Uint8Array.of(2), suffix));
  return toBigInt(concat(one, two).subarray(0, 48)) % ORDER;
}

function checkWork(work) {
  checkInteger(work.chain_id);
  checkAddress(work.contract);
  checkAddress(work.registrant);
  fromHex(work.commitment, POINT_SIZE);
  fromHex(work.commitment_id, HASH_SIZE);
}

function checkContent({ root, size, leaf_size }) {
  fromHex(root, HASH_SIZE);
  checkInteger(size);
  checkInteger(leaf_size);
  // The commitment holds root and size only: with chunks of a free length one root could be two trees.
  require(leaf_size === leafSizeOf(size), "certificate.leaf_size");
}

function checkInteger(number) {
  require(number > 0, "certificate.number_out_of_range");
}

function checkTime(seconds) {
  checkInteger(seconds);
  require(seconds <= LAST_TIME, "certificate.number_out_of_range");
}

function checkAddress(text) {
  require(text === text.toLowerCase(), "certificate.not_hex");
  require(ADDRESS.test(text), "proofs.not_an_address");
}

function checkText(text) {
  const fits = !HIDDEN.test(text.replace(JOINERS, "")) && text === normalized(text) && [...text].length <= MAX_TEXT;
  require(fits, "certificate.text", { maximum: MAX_TEXT });
}
