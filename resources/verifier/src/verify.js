// Verdicts on a certificate, apart: does the proof hold, is it fresh, did its subject sign it, is this the file.
//
// Whether the record is on the chain takes a network, which this page never uses: that verdict is always
// "not checked". States and codes are those of the app.

import { fromHex, toHex } from "./bytes.js";
import { parse } from "./certificate.js";
import { fileRoot } from "./chunk_tree.js";
import { Refused } from "./refused.js";
import { KINDS, normalized } from "./statements.js";
import { isBySubject } from "./subject_signature.js";

const CLOCK_TOLERANCE = 300;

const verdict = (state, code, params = {}) => ({ state, code, params });

const noPause = async () => {};

// `now` in seconds since 1970; `challenge` and `audience` as the verifier names them, null where it names none;
// `pause(part done)` is awaited now and then in long work. Throws Refused where the bytes are no certificate.
export async function verify(bytes, { now, challenge = null, audience = null, pause = noPause }) {
  const certificate = parse(bytes);
  const { statement } = certificate;
  const { proof, evidence } = await judgeProof(certificate, pause);
  return {
    statement,
    evidence,
    proof,
    anchor: verdict("not checked", "certificate.anchor_not_checked"),
    freshness: judgeFreshness(statement, now, challenge, audience),
    subject: judgeSubject(certificate),
  };
}

async function judgeProof({ statement, attachments, proof }, pause) {
  const { evidence, isProved } = KINDS[statement.kind];
  try {
    const given = evidence(statement, attachments);
    if (await isProved(statement, proof, given, pause)) {
      return { proof: verdict("valid", "certificate.proof_valid"), evidence: given };
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // What the proof itself is made of has no wording of its own: it does not hold.
    const own = error.code.startsWith("certificate.");
    const code = own ? error.code : "certificate.proof_not_valid";
    return { proof: verdict("not valid", code, error.params) };
  }
  return { proof: verdict("not valid", "certificate.proof_not_valid") };
}

export function judgeFreshness(statement, now, challenge, audience) {
  const not = (code) => verdict("not fresh", code);
  if (statement.issued_at > now + CLOCK_TOLERANCE) return not("certificate.not_yet_valid");
  if (now >= statement.expires_at) return not("certificate.expired");
  if (audience !== null && normalized(audience) !== statement.audience) return not("certificate.other_audience");
  if (challenge !== null && normalized(challenge) !== statement.challenge) return not("certificate.other_challenge");
  if (!statement.challenge) return verdict("transferable", "certificate.transferable");
  if (challenge === null) return verdict("not compared", "certificate.challenge_not_compared");
  return verdict("fresh", "certificate.fresh");
}

function judgeSubject({ statement, signature }) {
  if (signature === null) return verdict("not signed", "certificate.subject_not_signed");
  if (isBySubject(signature, statement)) return verdict("signed", "certificate.subject_signed");
  return verdict("wrong signature", "certificate.signature_not_of_subject");
}

// Whether a Blob is the file of a file statement.
export async function judgeFile(statement, blob, pause = noPause) {
  const { size, root } = statement.content;
  const matches = blob.size === size && toHex(await fileRoot(blob, fromHex(statement.salt), pause)) === root;
  return matches ? verdict("matches", "certificate.file_matches") : verdict("differs", "certificate.file_differs");
}
