// BLS12-381 G1. Only canonical encodings of points in the prime-order subgroup are read; the identity has none.

import { ascii, bigEndian, concat, same, split, toBigInt } from "./bytes.js";
import { bls12_381, pippenger } from "./noble.js";
import { refuse, require } from "./refused.js";

const G1 = bls12_381.G1;
const Point = G1.Point;

export const SUITE = "sigma-proofs_Shake128_BLS12381";
export const ORDER = Point.Fn.ORDER;
export const POINT_SIZE = 48;
export const SCALAR_SIZE = 32;

export const generator = Point.BASE;
export const identity = Point.ZERO;

export const mod = (scalar) => ((scalar % ORDER) + ORDER) % ORDER;

export function power(base, exponent) {
  let result = 1n;
  for (; exponent > 0; exponent--) result = (result * base) % ORDER;
  return result;
}

export const encodeScalar = (scalar) => bigEndian(scalar, SCALAR_SIZE);

// Canonical scalars one after the other, so never s + ORDER.
export function decodeScalars(bytes) {
  require(bytes.length % SCALAR_SIZE === 0, "proofs.scalar_not_canonical");
  return split(bytes, SCALAR_SIZE).map((piece) => {
    const scalar = toBigInt(piece);
    require(scalar < ORDER, "proofs.scalar_not_canonical");
    return scalar;
  });
}

export function encode(point) {
  require(!point.is0(), "proofs.point_is_identity");
  return point.toBytes(true);
}

export function decode(bytes) {
  require(bytes.length === POINT_SIZE && bytes[0] >> 6 === 0b10, "proofs.point_not_canonical");
  let point;
  try {
    point = Point.fromBytes(bytes);
    point.assertValidity();
  } catch {
    refuse("proofs.point_not_canonical");
  }
  require(point.isTorsionFree() && same(encode(point), bytes), "proofs.point_not_canonical");
  return point;
}

// 128 bytes (EIP-2537): two big-endian field elements of 64 bytes.
export function encodeForChain(point) {
  require(!point.is0(), "proofs.point_is_identity");
  const { x, y } = point.toAffine();
  return concat(bigEndian(x, 64), bigEndian(y, 64));
}

// The inverse; for any other bytes, or a point outside the group, it refuses.
export function decodeFromChain(bytes) {
  let point;
  try {
    point = Point.fromAffine({ x: toBigInt(bytes.subarray(0, 64)), y: toBigInt(bytes.subarray(64)) });
    point.assertValidity();
  } catch {
    refuse("proofs.point_not_canonical");
  }
  require(same(encodeForChain(point), bytes) && point.isTorsionFree(), "proofs.point_not_canonical");
  return point;
}

// RFC 9380, suite BLS12381G1_XMD:SHA-256_SSWU_RO_.
export const hashToCurve = (message, dst) => G1.hashToCurve(message, { DST: dst });

// Sum of scalar * point. Long sums go in pieces, so that the page stays alive between them.
const MSM_PIECE = 1024;

export function msmSmall(points, scalars) {
  return points.reduce((sum, point, i) => sum.add(point.multiplyUnsafe(scalars[i])), identity);
}

export async function msm(points, scalars, pause) {
  let sum = identity;
  for (let at = 0; at < points.length; at += MSM_PIECE) {
    await pause();
    sum = sum.add(pippenger(Point, points.slice(at, at + MSM_PIECE), scalars.slice(at, at + MSM_PIECE)));
  }
  return sum;
}

const GENERATORS_DST = "COLOPHON-V01-GENERATORS-BLS12381G1_XMD:SHA-256_SSWU_RO_";
let bases;

// G0, G1 and H of C = m*G0 + k*G1 + r*H: nobody knows a relation between them.
export function generators() {
  bases ??= ["G0", "G1", "H"].map((name) => hashToCurve(ascii(name), GENERATORS_DST));
  return bases;
}
