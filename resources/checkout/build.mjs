// Builds checkout.html: one file with everything inside but the offer, which the app puts in. `node build.mjs` writes
// it, `node build.mjs -` prints it. The packages are those of resources/verifier.

import { readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { messages, page, scripts, style, toml } from "../verifier/bundle.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");
const words = Object.fromEntries(Object.entries(toml("checkout")).filter(([, entry]) => !entry.title));
const { noble, program } = await scripts(folder, virtualWords());
const css = style(`${folder}/../verifier/page.css`, `${folder}/page.css`);
const html = page({
  noble, program, css, words: words.page, island: "offer", about: "What is on offer.",
  // The app names the addresses of the offer here, and of the server of plays.
  more: ["connect-src 'none'", "media-src 'none'"],
});

if (process.argv[2] === "-") process.stdout.write(html);
else writeFileSync(`${folder}/checkout.html`, html);

function virtualWords() {
  const sources = readdirSync(`${folder}/src`).sort().map((name) => `${folder}/src/${name}`);
  return `export const FALLBACK = "checkout.node_nonsense";
export const WORDS = ${JSON.stringify({ ...words, ...messages(sources, ["checkout"]) }, null, 1)};
export const NETWORKS = {};`;
}
