// Everything that comes from outside, in one place: the audited noble libraries (MIT), installed for the verifier.
export { bls12_381 } from "../../verifier/node_modules/@noble/curves/bls12-381.js";
export { x25519 } from "../../verifier/node_modules/@noble/curves/ed25519.js";
export { secp256k1 } from "../../verifier/node_modules/@noble/curves/secp256k1.js";
export { pippenger } from "../../verifier/node_modules/@noble/curves/abstract/curve.js";
export { expand, extract } from "../../verifier/node_modules/@noble/hashes/hkdf.js";
export { hmac } from "../../verifier/node_modules/@noble/hashes/hmac.js";
export { sha256 } from "../../verifier/node_modules/@noble/hashes/sha2.js";
export { keccak_256 } from "../../verifier/node_modules/@noble/hashes/sha3.js";
