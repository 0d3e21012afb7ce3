// What the builds of the two pages (verifier, checkout) share: one HTML file with everything inside.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, transformSync } from "esbuild";
import { parse } from "smol-toml";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export const text = (path) => readFileSync(path, "utf-8");
export const toml = (name) => parse(text(here(`../i18n/en/${name}.toml`)));
export const networks = () => Object.values(parse(text(here("../networks.toml"))));
const hash = (script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

// The libraries of src/noble.js, made small, as one global; the program, left readable, takes them from there.
// `folder` is that of the page, `words` the source of its virtual:words.
export async function scripts(folder, words) {
  const noble = await bundle(folder, { entryPoints: [`${folder}/src/noble.js`], globalName: "noble", minify: true });
  const exported = `export const { ${exportsOf(`${folder}/src/noble.js`)} } = globalThis.noble;`;
  const program = await bundle(folder, {
    entryPoints: [`${folder}/src/page.js`],
    plugins: [virtual("noble", /\/noble\.js$/, exported), virtual("words", /^virtual:words$/, words)],
  });
  return { noble, program };
}

// The style sheets one after the other, without the space between words. The lettering is a subset (Latin-1 and typographic signs) of
// resources/fonts/NewsreaderDisplay-Medium.ttf, made by
// pyftsubset --flavor=woff2 --layout-features=kern,liga,mark --name-IDs="".
export function style(...paths) {
  const font = dataAddress("font/woff2", readFileSync(here("newsreader-latin.woff2")));
  const sheets = paths.map(text).join("\n").replace("{{font}}", font);
  return transformSync(sheets, { loader: "css", minifyWhitespace: true, charset: "utf8" }).code;
}

// The page. `about` says in words what its island (a script of JSON with this id) holds; `more` are directives of
// its content security policy.
export function page({ noble, program, css, words, island, about, more = [] }) {
  const policy = [
    "default-src 'none'",
    `script-src ${hash(noble)} ${hash(program)}`,
    `style-src ${hash(css)}`,
    "font-src data:",
    "img-src data:",
    ...more,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const version = (name) => JSON.parse(text(here("package.json"))).dependencies[name];
  const parts = {
    policy, noble, program, island, about,
    style: css,
    name: words.name,
    no_script: words.no_script,
    icon: dataAddress("image/svg+xml", readFileSync(here("../icons/mark.svg"))),
    licence: text(here("node_modules/@noble/curves/LICENSE")),
    curves: version("@noble/curves"),
    hashes: version("@noble/hashes"),
  };
  return text(here("page.html")).replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}

// The codes of messages, such as "package.header", of these namespaces that these sources can give, with their words.
export function messages(sources, spaces) {
  const code = new RegExp(`"((?:${spaces.join("|")})\\.\\w+)"`, "g");
  const known = Object.fromEntries(spaces.map((space) => [space, toml(space)]));
  const found = sources.flatMap((path) => [...text(path).matchAll(code)].map(([, name]) => name));
  return Object.fromEntries([...new Set(found)].sort().map((name) => {
    const [space, key] = name.split(".");
    if (!known[space][key]) throw new Error(`no wording for ${name}`);
    return [name, known[space][key]];
  }));
}

async function bundle(folder, options) {
  const { outputFiles } = await build({
    absWorkingDir: folder, // the paths in the comments of the output are relative to it
    nodePaths: [here("node_modules")],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    ...options,
  });
  // Within a script element these words would end it, or begin a comment.
  return outputFiles[0].text.replace(/<(?=\/script|!--|script)/gi, "\\x3c");
}

function exportsOf(path) {
  return [...text(path).matchAll(/export \{ ([^}]+) \}/g)].map(([, names]) => names).join(", ");
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

function dataAddress(type, bytes) {
  return `data:${type};base64,${bytes.toString("base64")}`;
}
