// Control of the subject address: an EIP-712 signature over the digest of the statement.

import { ascii, bigEndian, concat, fromHex, toBigInt, toHex, utf8 } from "./bytes.js";
import { keccak_256, secp256k1 } from "./noble.js";
import { digest } from "./statements.js";

const DOMAIN = "EIP712Domain(string name,string version)";
const CERTIFICATE = "Certificate(address subject,string audience,string challenge,bytes32 statement)";

// Whether the key of the statement's subject made it, in its one canonical form (EIP-2).
export function isBySubject(signature, statement) {
  const v = signature[64];
  if (!statement.subject || (v !== 27 && v !== 28)) return false;
  if (toBigInt(signature.subarray(32, 64)) > secp256k1.Point.Fn.ORDER / 2n) return false;
  try {
    const recovered = secp256k1.Signature.fromBytes(concat(Uint8Array.of(v - 27), signature.subarray(0, 64)), "recovered");
    const key = recovered.recoverPublicKey(signingHash(statement)).toBytes(false);
    return toHex(keccak_256(key.subarray(1)).subarray(12)) === statement.subject;
  } catch {
    return false;
  }
}

function signingHash(statement) {
  const hash = (text) => keccak_256(utf8(text));
  const domain = concat(hash(DOMAIN), hash("Colophon certificate"), hash("1"));
  const message = concat(
    hash(CERTIFICATE),
    bigEndian(toBigInt(fromHex(statement.subject)), 32),
    hash(statement.audience),
    hash(statement.challenge),
    digest(statement),
  );
  return keccak_256(concat(ascii("\x19\x01"), keccak_256(domain), keccak_256(message)));
}
