// One of N commitments differs from C' by a multiple of H only: Groth and Kohlweiss 2015 in the n-ary form of
// Bootle et al. 2015, joined with a linear relation under one challenge.
//
//   Checked: A + x*B = Com(f, f(x - f); z_b)  and  sum_i p_i(x)*(C' - C_i) - sum_k x^k*G_k = z*H.
//   A and G_0 are not sent: they are rebuilt here, and the challenge binds them.
//   Sent are T_1 ... T_(n-1), T_d being the sum of the C_i whose last digit is d, each with the product of its
//   other digits' f. The app uses them to go quicker through a list it knows; here they are computed and compared.

import { bigEndian, concat, split } from "./bytes.js";
import {
  ORDER, POINT_SIZE, SCALAR_SIZE, decode, decodeScalars, encode, generators, hashToCurve, mod, msm, power,
} from "./group.js";
import { require } from "./refused.js";
import { challenge } from "./transcript.js";

const RADIX = 4;
const WIDTH = RADIX - 1;
const HALF = RADIX * 7;
const DIGITS_DST = "COLOPHON-V01-DIGITS-BLS12381G1_XMD:SHA-256_SSWU_RO_";

const bases = new Map();

function digitGenerator(number) {
  if (!bases.has(number)) bases.set(number, hashToCurve(bigEndian(number, 2), DIGITS_DST));
  return bases.get(number);
}

export async function verifyOneOutOfMany(tag, ring, target, relation, proof, pause) {
  let digits = 1;
  while (RADIX ** digits < ring.size) digits++;
  const head = (digits + WIDTH) * POINT_SIZE;
  const scalars = 1 + digits * WIDTH + 2 + relation.scalars;
  require(proof.length === head + scalars * SCALAR_SIZE, "certificate.proof_not_valid");

  const members = await ring.points(pause);
  const [b, ...stated] = split(proof.subarray(0, head), POINT_SIZE).map(decode);
  const g = stated.splice(0, digits - 1);
  const [x, ...numbers] = decodeScalars(proof.subarray(head));
  const f = Array.from({ length: digits }, (_, j) => complete(numbers.slice(j * WIDTH, (j + 1) * WIDTH), x));
  const [zB, z, ...responses] = numbers.slice(digits * WIDTH);
  const [, , h] = generators();

  const last = f[digits - 1];
  require(last[0] !== 0n, "certificate.proof_not_valid");
  const rows = Math.min(Math.ceil(ring.size / RADIX) + 1, RADIX ** (digits - 1));
  const weights = fold(products(f.slice(0, -1)), rows);
  const columns = [];
  for (let digit = 0; digit < RADIX; digit++) {
    const column = weights.map((_, row) => members[Math.min(row * RADIX + digit, ring.size - 1)]);
    columns.push(await msm(column, weights, pause));
  }
  require(stated.every((point, i) => point.equals(columns[i + 1])), "certificate.proof_not_valid");

  const flat = f.flat();
  const places = flat.map((_, i) => i);
  const a = await msm(
    [...places.map(digitGenerator), ...places.map((i) => digitGenerator(HALF + i)), h, b],
    [...flat, ...flat.map((value) => mod(value * (x - value))), zB, mod(-x)],
    pause,
  );
  const powers = Array.from({ length: digits }, (_, k) => power(x, k + 1));
  const gZero = await msm(
    [...columns, target, h, ...g],
    [
      ...last.map((value) => mod(-value)),
      powers[digits - 1],
      mod(-z),
      ...powers.slice(0, -1).map((value) => mod(-value)),
    ],
    pause,
  );
  const sent = [...relation.commitments(responses, x), b, a, gZero, ...g];
  const statement = concat(relation.serialize(), ring.digest, encode(target));
  return x === challenge(tag, statement, ...sent.map(encode));
}

// A row of digits with its first value, which the others and x fix.
const complete = (row, x) => [mod(x - row.reduce((sum, value) => sum + value, 0n)), ...row];

// p_i(x) of every place, the first row being the most significant digit.
function products(f) {
  return f.reduce((values, row) => values.flatMap((value) => row.map((factor) => (value * factor) % ORDER)), [1n]);
}

// Places from N on stand for the last member again: the last row that is kept, for all after it.
function fold(weights, size) {
  return [...weights.slice(0, size - 1), mod(weights.slice(size - 1).reduce((sum, value) => sum + value, 0n))];
}
