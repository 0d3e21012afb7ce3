// The way from one leaf of a tree to its root (RFC 9162, 2.1.3.1), found while the leaves go by.

import { RootBuilder } from "../../verifier/src/merkle.js";

export class PathFinder extends RootBuilder {
  #marked; // the subtree that holds the leaf
  path = []; // the lowest first; whole when the root was asked for

  constructor(index) {
    super();
    this.index = index;
  }

  add(leaf) {
    if (this.size === this.index) this.#marked = leaf;
    super.add(leaf);
  }

  join(left, right) {
    const node = super.join(left, right);
    if (this.#marked === left || this.#marked === right) {
      this.path.push(this.#marked === left ? right : left);
      this.#marked = node;
    }
    return node;
  }
}
