// Where the decrypted work goes: straight to the disk where the browser can, else through a Blob.

import { h } from "../../verifier/src/dom.js";
import { Refused, refuse } from "../../verifier/src/refused.js";

const GATHERED = 8 * 1024 * 1024;

// A name that no system takes for a path.
export const fileName = (name) => String(name).replace(/[\\/:*?"<>|\p{Cc}\p{Bidi_Control}]/gu, "_").replace(/^[.\s]+/, "") || "work";

// { write(bytes), finish(), abort() }; null where the buyer closed the dialog. Call it straight from a click.
export async function openSink(name, type) {
  return globalThis.showSaveFilePicker ? toDisk(fileName(name)) : toBlob(fileName(name), type);
}

async function toDisk(name) {
  let stream;
  try {
    const handle = await globalThis.showSaveFilePicker({ suggestedName: name });
    stream = await handle.createWritable();
  } catch (error) {
    if (error.name === "AbortError") return null;
    refuse("checkout.not_saved");
  }
  const guarded = (work) => work().catch(() => {
    throw new Refused("checkout.not_saved");
  });
  return {
    write: (bytes) => guarded(() => stream.write(bytes)),
    finish: () => guarded(() => stream.close()), // only now does the file appear
    abort: () => stream.abort().catch(() => {}),
  };
}

// Blobs of some megabytes: browsers keep those out of memory.
function toBlob(name, type) {
  const blobs = [];
  let parts = [], size = 0;
  const gather = () => {
    blobs.push(new Blob(parts));
    parts = [];
    size = 0;
  };
  return {
    async write(bytes) {
      parts.push(bytes);
      size += bytes.length;
      if (size >= GATHERED) gather();
    },
    async finish() {
      gather();
      const url = URL.createObjectURL(new Blob(blobs, { type: type || "application/octet-stream" }));
      h("a", { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 600_000);
    },
    async abort() {
      blobs.length = parts.length = 0;
    },
  };
}
