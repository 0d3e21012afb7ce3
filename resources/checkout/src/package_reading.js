// Reading a package from beginning to end, in constant memory: checked against the offer, decrypted, or searched for
// the proof that one of its pieces is wrong.

import { concat, same } from "../../verifier/src/bytes.js";
import { RootBuilder } from "../../verifier/src/merkle.js";
import { Refused, require } from "../../verifier/src/refused.js";
import { PathFinder } from "./inclusion_path.js";
import { HEADER_SIZE, Layout, PieceCipher, cipherLeaf, piecesOf, sizeInHeader } from "./package_format.js";

// A piece that is not what the seller has promised: what a complaint is about. `index` from 0.
export class BadPiece extends Refused {
  constructor(index, pieces) {
    super("checkout.wrong_piece", { piece: index + 1, pieces });
    this.index = index;
  }
}

const never = async () => {};

// Whether this is the package on offer: `promised` is { size, cipherRoot, plainRoot }. Throws Refused if not.
// `progress(part done)` is awaited now and then.
export async function checkPackage(source, promised, progress = never) {
  await readThrough(source, promised, progress, new RootBuilder(), new RootBuilder(), () => {});
}

// Decrypt it and hand the content to `write`, in order. Throws BadPiece where the seller has sealed something else
// than he promised; nothing that was written counts before this has ended well.
export async function openPackage(source, promised, key, write, progress = never) {
  const cipher = await PieceCipher.of(key);
  const found = new RootBuilder();
  const layout = new Layout(promised.size);
  await walk(source, layout, progress, async ({ offset, ciphertext, leaves }) => {
    const content = await cipher.decrypt(offset, ciphertext);
    let at = 0;
    for (const [number, piece] of piecesOf(offset, content)) {
      const leaf = cipher.plainLeaf(number, piece);
      if (!same(leaf, leaves[at++])) throw new BadPiece(number, layout.pieces);
      found.add(leaf);
    }
    await write(content);
  });
  require(same(found.root(), promised.plainRoot), "checkout.other_package");
}

// What the contract wants to see of piece `index`: { piece, cipherPath, plainLeaf, plainPath }. Reads it all again.
export async function showPiece(source, promised, index, progress = never) {
  const cipherTree = new PathFinder(index), plainTree = new PathFinder(index);
  let shown;
  await readThrough(source, promised, progress, cipherTree, plainTree, (number, piece, plainLeaf) => {
    if (number === index) shown = { piece: piece.slice(), plainLeaf: plainLeaf.slice() };
  });
  return { ...shown, cipherPath: cipherTree.path, plainPath: plainTree.path };
}

async function readThrough(source, promised, progress, cipherTree, plainTree, look) {
  await walk(source, new Layout(promised.size), progress, async ({ offset, ciphertext, leaves }) => {
    let at = 0;
    for (const [number, piece] of piecesOf(offset, ciphertext)) {
      const plainLeaf = leaves[at++].slice();
      cipherTree.add(cipherLeaf(piece));
      plainTree.add(plainLeaf);
      look(number, piece, plainLeaf);
    }
  });
  const isIt = same(cipherTree.root(), promised.cipherRoot) && same(plainTree.root(), promised.plainRoot);
  require(isIt, "checkout.other_package");
}

// Calls `take({ offset, ciphertext, leaves })` for each record.
async function walk(source, layout, progress, take) {
  const input = new Pieces(source.pieces());
  try {
    require(sizeInHeader(await input.take(HEADER_SIZE)) === layout.size, "checkout.other_package");
    for (let index = 0; index < layout.chunks; index++) {
      const record = await input.take(layout.recordLength(index));
      const place = { part: index + 1, parts: layout.chunks };
      require(record.length === layout.recordLength(index), "checkout.cut", place);
      await take(layout.split(index, record));
      await progress((index + 1) / layout.chunks);
    }
    require((await input.take(1)).length === 0, "checkout.surplus");
  } finally {
    await input.close();
  }
}

// Exactly so many bytes of a stream, fewer at its end.
class Pieces {
  #rest = new Uint8Array(0);

  constructor(stream) {
    this.stream = stream;
  }

  async take(size) {
    const parts = [this.#rest];
    for (let length = this.#rest.length; length < size; length += parts.at(-1).length) {
      const { done, value } = await this.stream.next();
      if (done) break;
      parts.push(value);
    }
    const whole = parts.length === 1 ? this.#rest : concat(...parts);
    this.#rest = whole.subarray(size);
    return whole.subarray(0, size);
  }

  close() {
    return this.stream.return();
  }
}
