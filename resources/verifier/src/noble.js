// Everything that comes from outside, in one place: the audited noble libraries (MIT). Nothing else is used.
export { bls12_381 } from "@noble/curves/bls12-381.js";
export { secp256k1 } from "@noble/curves/secp256k1.js";
export { pippenger } from "@noble/curves/abstract/curve.js";
export { hmac } from "@noble/hashes/hmac.js";
export { sha256 } from "@noble/hashes/sha2.js";
export { keccak_256, shake128 } from "@noble/hashes/sha3.js";
