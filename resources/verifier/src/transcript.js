// Fiat-Shamir after draft-irtf-cfrg-fiat-shamir-03: SHAKE128(session id || zeros up to the rate || absorbed).

import { ascii, concat, toBigInt } from "./bytes.js";
import { ORDER } from "./group.js";
import { shake128 } from "./noble.js";

const RATE = 168;
const SESSION_ID_SIZE = 32;
const CHALLENGE_SIZE = 48;

function squeeze(sessionId, absorbed, size) {
  return shake128(concat(sessionId, new Uint8Array(RATE - SESSION_ID_SIZE), ...absorbed), { dkLen: size });
}

const sessionId = (tag) => squeeze(ascii("irtf-cfrg-fiat-shamir/session-id"), [tag], SESSION_ID_SIZE);

// The challenge of the verifier that nobody chose: squeezed bytes, little-endian.
export function challenge(tag, ...absorbed) {
  return toBigInt(squeeze(sessionId(tag), absorbed, CHALLENGE_SIZE).reverse()) % ORDER;
}
