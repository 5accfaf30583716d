// What JavaScript answers to the shared vectors. In: {file: [input, ...]} as JSON; out: the same of answers, of the
// files that it knows.

import fs from "node:fs";
import path from "node:path";

const scripts = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../../assets/js");
const found = fs.readdirSync(scripts, { recursive: true }).filter((name) => path.basename(name) === "engine.js");
if (found.length !== 1) throw new Error(`below assets/js there are ${found.length} files engine.js, not one`);
// Read as a module: without a package.json, Node.js takes `.js` for the older form.
const text = fs.readFileSync(path.join(scripts, found[0]));
const { fold } = await import(`data:text/javascript;base64,${text.toString("base64")}`);

const ANSWERS = { search_folding: (input) => fold(input).split(" ").filter(Boolean).join(" ") };

const asked = JSON.parse(fs.readFileSync(0));
console.log(JSON.stringify(Object.fromEntries(
  Object.entries(ANSWERS).map(([file, answer]) => [file, asked[file].map(answer)]),
)));
