// RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM: opening one message.

import { ascii, bigEndian, concat } from "../../verifier/src/bytes.js";
import { expand, extract, sha256, x25519 } from "./noble.js";

const VERSION = ascii("HPKE-v1");
const KEM_SUITE = concat(ascii("KEM"), bigEndian(0x0020, 2));
const SUITE = concat(ascii("HPKE"), bigEndian(0x0020, 2), bigEndian(0x0001, 2), bigEndian(0x0002, 2));
const KEY = 32, NONCE = 12, HASH = 32, ENCAPSULATED = 32;

export const publicKeyOf = (secret) => x25519.getPublicKey(secret);

// The plaintext, or null where the message is not one to this key. `sealed` = encapsulated key || ciphertext.
export async function open(secret, sealed, info, associated = new Uint8Array(0)) {
  if (sealed.length < ENCAPSULATED + 16) return null;
  const encapsulated = sealed.slice(0, ENCAPSULATED);
  let shared;
  try {
    shared = x25519.getSharedSecret(secret, encapsulated); // refuses points of small order
  } catch {
    return null;
  }
  const context = concat(encapsulated, publicKeyOf(secret));
  const kem = labeledExpand(KEM_SUITE, labeledExtract(KEM_SUITE, new Uint8Array(0), "eae_prk", shared), "shared_secret",
    context, HASH);
  const schedule = concat(
    Uint8Array.of(0), // base mode
    labeledExtract(SUITE, new Uint8Array(0), "psk_id_hash", new Uint8Array(0)),
    labeledExtract(SUITE, new Uint8Array(0), "info_hash", info),
  );
  const secretOf = labeledExtract(SUITE, kem, "secret", new Uint8Array(0));
  const key = labeledExpand(SUITE, secretOf, "key", schedule, KEY);
  const iv = labeledExpand(SUITE, secretOf, "base_nonce", schedule, NONCE);
  const cipher = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  try {
    const options = { name: "AES-GCM", iv, additionalData: associated };
    return new Uint8Array(await crypto.subtle.decrypt(options, cipher, sealed.subarray(ENCAPSULATED)));
  } catch {
    return null;
  }
}

function labeledExtract(suite, salt, label, input) {
  return extract(sha256, concat(VERSION, suite, ascii(label), input), salt);
}

function labeledExpand(suite, secret, label, info, size) {
  return expand(sha256, secret, concat(bigEndian(size, 2), VERSION, suite, ascii(label), info), size);
}
