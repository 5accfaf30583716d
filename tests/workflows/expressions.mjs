// Evaluates GitHub's expressions by GitHub's own library: a JSON request a line on stdin, a JSON answer a line on stdout.
//   {expression, contexts: {name: value}, status: "success" | "failure" | "cancelled", workspace: folder or null}
//   {value, text, truthy, asks_status} or {error}
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Evaluator, Lexer, Parser, data } from "@actions/expressions";
import { truthy } from "@actions/expressions/result";

const STATUS = new Set(["success", "failure", "always", "cancelled"]);

/** As the runner's hashFiles: the digest of the digests of all files that fit, "" where none does. */
function hashFiles(workspace, patterns) {
  const fits = patterns.map((pattern) => {
    const steps = pattern.split(/(\*\*\/?|\*|\?)/).map(
      (step) => ({ "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" })[step] ?? step.replace(/[\\^$.|+()[\]{}]/g, "\\$&"),
    );
    return new RegExp(`^${steps.join("")}$`);
  });
  const whole = createHash("sha256");
  let found = false;
  const walk = (folder) => {
    const entries = readdirSync(join(workspace, folder), { withFileTypes: true });
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isDirectory() && entry.name !== ".git") walk(path);
      else if (entry.isFile() && fits.some((fit) => fit.test(path))) {
        found = true;
        whole.update(createHash("sha256").update(readFileSync(join(workspace, path))).digest());
      }
    }
  };
  walk("");
  return found ? whole.digest("hex") : "";
}

function functions({ status, workspace }) {
  const tell = (name, call) => [name, { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(call()) }];
  const known = new Map([
    tell("success", () => status === "success"),
    tell("failure", () => status === "failure"),
    tell("cancelled", () => status === "cancelled"),
    tell("always", () => true),
  ]);
  if (workspace) {
    const call = (...patterns) => new data.StringData(hashFiles(workspace, patterns.map((one) => one.coerceString())));
    known.set("hashfiles", { name: "hashFiles", minArgs: 1, maxArgs: 255, call });
  }
  return known;
}

function evaluate(request) {
  const { tokens } = new Lexer(request.expression).lex();
  const known = functions(request);
  const tree = new Parser(tokens, Object.keys(request.contexts), [...known.values()]).parse();
  const contexts = JSON.parse(JSON.stringify(request.contexts), data.reviver);
  const result = new Evaluator(tree, contexts, known).evaluate();
  return {
    value: JSON.parse(JSON.stringify(result, data.replacer)),
    text: result.coerceString(),
    truthy: truthy(result),
    asks_status: tokens.some((token, at) => STATUS.has(token.lexeme?.toLowerCase()) && tokens[at + 1]?.lexeme === "("),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = evaluate(JSON.parse(line));
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
