// Builds verifier.html: one file with everything inside. `node build.mjs` writes it, `node build.mjs -` prints it.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { messages, networks, page, scripts, style, toml } from "./bundle.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");
const words = toml("page");
const { noble, program } = await scripts(folder, virtualWords());
const css = style(`${folder}/page.css`);
const about = "The certificate, as base64, and the title that its sender gave it.";
const html = page({ noble, program, css, words: words.page, island: "given", about });

if (process.argv[2] === "-") process.stdout.write(html);
else writeFileSync(`${folder}/verifier.html`, html);

// All of page.toml but the PDF's part, and of the app's messages those that the program can give.
function virtualWords() {
  const { pdf, no_certificate, ...sections } = words;
  const sources = ["canonical_json", "certificate", "bytes", "group", "page", "ring", "statements", "verify"];
  const used = messages(sources.map((name) => `${folder}/src/${name}.js`), ["certificate", "proofs"]);
  const named = networks().map(({ chain_id, name, kind, explorer }) => [
    chain_id,
    { name: kind === "practice" ? sections.facts.practice : name, explorer },
  ]);
  return `export const FALLBACK = "certificate.not_a_certificate";
export const WORDS = ${JSON.stringify({ ...sections, ...used }, null, 1)};
export const NETWORKS = ${JSON.stringify(Object.fromEntries(named), null, 1)};`;
}
