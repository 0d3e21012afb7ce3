// Where a package comes from: a file of the buyer's, or an address, read as a stream that goes on after a break.

import { Refused, refuse } from "../../verifier/src/refused.js";

const PIECE = 1024 * 1024;
const ATTEMPTS = 4;
const WAIT = 1000; // milliseconds before the next attempt, doubled each time

export class FileSource {
  constructor(blob) {
    this.blob = blob;
    this.size = blob.size;
    this.name = blob.name ?? "";
  }

  async *pieces() {
    for (let start = 0; start < this.blob.size; start += PIECE) {
      try {
        yield new Uint8Array(await this.blob.slice(start, start + PIECE).arrayBuffer());
      } catch {
        refuse("checkout.file_unreadable", { name: this.name }); // moved or deleted since it was chosen
      }
    }
  }
}

export class AddressSource {
  // `size` as it is promised, in bytes: what goes on beyond is not read. `fetch` as in browsers.
  constructor(address, size, { fetch = globalThis.fetch.bind(globalThis), wait = WAIT, signal } = {}) {
    Object.assign(this, { address, size, fetch, wait, signal });
  }

  async *pieces() {
    let done = 0;
    for (let attempt = 1; done < this.size; ) {
      try {
        for await (const piece of this.#from(done)) {
          done += piece.length;
          attempt = 1;
          yield piece;
          if (done > this.size) return;
        }
        if (done < this.size) throw new TypeError("ended early");
      } catch (error) {
        this.signal?.throwIfAborted();
        // A server that answers is believed; a broken connection gets another chance.
        if (!(error instanceof TypeError) || attempt === ATTEMPTS) throw this.#worded(error, done);
        await new Promise((resume) => setTimeout(resume, this.wait * 2 ** (attempt - 1)));
        attempt++;
      }
    }
  }

  async *#from(start) {
    const headers = start ? { Range: `bytes=${start}-` } : {};
    const options = { headers, signal: this.signal, credentials: "omit", referrerPolicy: "no-referrer" };
    const answer = await this.fetch(this.address, options);
    if (!answer.ok) refuse("checkout.package_status", { address: this.address, status: answer.status });
    // A server without range requests sends everything again.
    let skip = start && answer.status !== 206 ? start : 0;
    const reader = answer.body.getReader();
    try {
      for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
        const part = value.subarray(Math.min(skip, value.length));
        skip -= value.length - part.length;
        if (part.length) yield part;
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  #worded(error, done) {
    if (!(error instanceof TypeError)) return error;
    return new Refused(done ? "checkout.package_broke_off" : "checkout.package_unreachable", { address: this.address });
  }
}

// Passes another source on and keeps what went through, as Blobs, which browsers keep out of memory.
export class KeepingSource {
  #blobs = [];

  constructor(source) {
    this.source = source;
  }

  async *pieces() {
    this.#blobs = [];
    let parts = [], size = 0;
    for await (const piece of this.source.pieces()) {
      parts.push(piece);
      size += piece.length;
      if (size >= 8 * PIECE) {
        this.#blobs.push(new Blob(parts));
        [parts, size] = [[], 0];
      }
      yield piece;
    }
    this.#blobs.push(new Blob(parts));
  }

  // What was read to its end.
  kept() {
    return new FileSource(new Blob(this.#blobs));
  }
}
