// Builds verifier.html: one file with everything inside. `node build.mjs` writes it, `node build.mjs -` prints it.
//
// The lettering is a subset (Latin-1 and typographic signs) of resources/fonts/NewsreaderDisplay-Medium.ttf, made by
// pyftsubset --flavor=woff2 --layout-features=kern,liga,mark --name-IDs="".

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { parse } from "smol-toml";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const text = (name) => readFileSync(file(name), "utf-8");
const toml = (name) => parse(text(name));
const version = (name) => JSON.parse(text("package.json")).dependencies[name];
const SHARED = {
  absWorkingDir: file("."), // the paths in the comments of the output are relative to it
  bundle: true,
  write: false,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
};

// The libraries, made small, as one global; the program, left readable, takes them from there.
const noble = await bundle({ entryPoints: [file("src/noble.js")], globalName: "noble", minify: true });
const program = await bundle({
  entryPoints: [file("src/page.js")],
  plugins: [
    virtual("noble", /\/noble\.js$/, `export const { ${exportsOf("src/noble.js")} } = globalThis.noble;`),
    virtual("words", /^virtual:words$/, words()),
  ],
});

const style = text("page.css").replace("{{font}}", dataAddress("font/woff2", readFileSync(file("newsreader-latin.woff2"))));
const policy = [
  "default-src 'none'",
  `script-src ${hash(noble)} ${hash(program)}`,
  `style-src ${hash(style)}`,
  "font-src data:",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const { page } = toml("../i18n/en/page.toml");
const parts = {
  policy, style, noble, program,
  name: page.name,
  no_script: page.no_script,
  icon: dataAddress("image/svg+xml", readFileSync(file("../icons/mark.svg"))),
  licence: text("node_modules/@noble/curves/LICENSE"),
  curves: version("@noble/curves"),
  hashes: version("@noble/hashes"),
};
const html = text("page.html").replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);

if (process.argv[2] === "-") process.stdout.write(html);
else writeFileSync(file("verifier.html"), html);

async function bundle(options) {
  const { outputFiles } = await build({ ...SHARED, ...options });
  // Within a script element these words would end it, or begin a comment.
  return outputFiles[0].text.replace(/<(?=\/script|!--|script)/gi, "\\x3c");
}

function exportsOf(name) {
  return [...text(name).matchAll(/export \{ ([^}]+) \}/g)].map(([, names]) => names).join(", ");
}

function virtual(name, filter, contents) {
  return {
    name,
    setup(builder) {
      builder.onResolve({ filter }, () => ({ path: name, namespace: name }));
      builder.onLoad({ filter: /./, namespace: name }, () => ({ contents }));
    },
  };
}

// All of page.toml but the PDF's part, and of the app's messages those that the program can give.
function words() {
  const { pdf, no_certificate, ...sections } = toml("../i18n/en/page.toml");
  const messages = { certificate: toml("../i18n/en/certificate.toml"), proofs: toml("../i18n/en/proofs.toml") };
  const sources = ["canonical_json", "certificate", "bytes", "group", "page", "ring", "statements", "verify", "words"];
  const used = sources.flatMap((name) => [...text(`src/${name}.js`).matchAll(/"((?:certificate|proofs)\.\w+)"/g)]);
  for (const [, code] of used.sort()) {
    const [space, name] = code.split(".");
    sections[code] = messages[space][name];
    if (!sections[code]) throw new Error(`no wording for ${code}`);
  }
  const networks = Object.values(toml("../networks.toml")).map(({ chain_id, name, kind, explorer }) => [
    chain_id,
    { name: kind === "practice" ? sections.facts.practice : name, explorer },
  ]);
  return `export const WORDS = ${JSON.stringify(sections, null, 1)};
export const NETWORKS = ${JSON.stringify(Object.fromEntries(networks), null, 1)};`;
}

function hash(script) {
  return `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
}

function dataAddress(type, bytes) {
  return `data:${type};base64,${bytes.toString("base64")}`;
}
