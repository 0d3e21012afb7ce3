// Linear relations and their compact proofs (draft-irtf-cfrg-sigma-protocols-03).
//
// An equation says: sum of coefficient * element (its image) = sum of secret scalar * element (its terms).
// Element 0 is the group's generator. The instance checks of the draft that a shape fixed by this program cannot
// fail are left out; `image` is the one that depends on the certificate.

import { concat, littleEndian } from "./bytes.js";
import { SCALAR_SIZE, decodeScalars, encode, encodeScalar, generator, mod, msmSmall } from "./group.js";
import { require } from "./refused.js";
import { challenge } from "./transcript.js";

const count = (number) => littleEndian(number, 4);

export class LinearRelation {
  // elements: points, numbered from 1; equations: { image: [[element, coefficient]], terms: [[scalar, element]] }.
  constructor(elements, equations) {
    this.elements = [generator, ...elements];
    this.equations = equations;
    this.scalars = 1 + Math.max(...equations.flatMap(({ terms }) => terms.map(([scalar]) => scalar)));
    for (const { image } of equations) {
      require(!this.#sum(image).is0(), "proofs.invalid_relation", { check: 9 });
    }
  }

  #sum(weighted) {
    return msmSmall(weighted.map(([element]) => this.elements[element]), weighted.map(([, weight]) => mod(weight)));
  }

  serialize() {
    const equations = this.equations.map(({ image, terms }) =>
      concat(
        count(image.length),
        ...image.map(([element, weight]) => concat(count(element), encodeScalar(mod(weight)))),
        count(terms.length),
        ...terms.map(([scalar, element]) => concat(count(scalar), count(element), encodeScalar(1n))),
      ),
    );
    return concat(count(this.equations.length), ...equations, ...this.elements.slice(1).map(encode));
  }

  // What the prover must have committed to: sum of response * element - challenge * image, for each equation.
  commitments(responses, x) {
    return this.equations.map(({ image, terms }) =>
      this.#sum([
        ...terms.map(([scalar, element]) => [element, responses[scalar]]),
        ...image.map(([element, weight]) => [element, -weight * x]),
      ]),
    );
  }

  // Whether a compact proof, challenge || responses, holds under the tag.
  verify(tag, proof) {
    require(proof.length === SCALAR_SIZE * (1 + this.scalars), "proofs.proof_length");
    const [x, ...responses] = decodeScalars(proof);
    return x === challenge(tag, this.serialize(), ...this.commitments(responses, x).map(encode));
  }
}
