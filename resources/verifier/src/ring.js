// The list of registered commitments among which one is the prover's: bound by hash, order and length.

import { ascii, bigEndian, concat, split } from "./bytes.js";
import { POINT_SIZE, decode } from "./group.js";
import { sha256 } from "./noble.js";
import { require } from "./refused.js";

const MIN_SIZE = 2;
const MAX_SIZE = 16_384;
const BETWEEN_PAUSES = 16;

export class Ring {
  constructor(data) {
    this.size = data.length / POINT_SIZE;
    const fits = Number.isInteger(this.size) && this.size >= MIN_SIZE && this.size <= MAX_SIZE;
    require(fits, "certificate.ring_size", { minimum: MIN_SIZE, maximum: MAX_SIZE });
    this.commitments = split(data, POINT_SIZE);
    require(new Set(this.commitments.map(String)).size === this.size, "certificate.ring_twice");
    this.digest = sha256(concat(ascii("colophon/v1/ring"), bigEndian(this.size, 4), data));
  }

  async points(pause) {
    const points = [];
    for (const commitment of this.commitments) {
      if (points.length % BETWEEN_PAUSES === 0) await pause(points.length / this.size);
      points.push(decode(commitment));
    }
    return points;
  }
}
