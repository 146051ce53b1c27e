// Parses every ```mermaid block of the given Markdown files, and files that are a diagram, with mermaid's own parser.
import { readFile } from "node:fs/promises";
import { JSDOM } from "jsdom";

// mermaid looks for a browser's window when it is loaded.
const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

let diagrams = 0;
let broken = 0;
for (const path of process.argv.slice(2)) {
  const text = await readFile(path, "utf8");
  const found = path.endsWith(".mermaid") ? [{ index: 0, 1: text }] : text.matchAll(/^```mermaid\n(.*?)^```/gms);
  for (const match of found) {
    diagrams++;
    const line = text.slice(0, match.index).split("\n").length;
    try {
      await mermaid.parse(match[1]);
    } catch (error) {
      broken++;
      console.error(`${path}:${line}: ${error.message}`);
    }
  }
}
console.log(`${diagrams} diagrams, ${broken} broken`);
if (diagrams === 0 || broken > 0) process.exit(1);
