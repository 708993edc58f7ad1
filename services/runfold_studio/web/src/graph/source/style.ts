/** The style of a text, found in what is there: how far levels are moved in, and what ends lines. */

import type { Style } from "./spell";
import { newline } from "./text";

const USUAL = 2;
const WIDEST = 8;

export function styleOf(text: string, json: boolean): Style {
  const lines = text.split(/\r?\n/, 400);
  return {
    json,
    indent: json ? (jsonIndent(lines) ?? USUAL) : (yamlIndent(lines) ?? USUAL),
    indentLists: !lines.some((line, index) => isFlush(line, lines[index - 1] ?? "")),
    newline: newline(text),
  };
}

function jsonIndent(lines: string[]): number | undefined {
  return lines.map(indentOf).find((indent) => indent > 0 && indent <= WIDEST);
}

/** The first step from a key to a key below it. */
function yamlIndent(lines: string[]): number | undefined {
  let above = "";
  for (const line of lines) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const step = indentOf(line) - indentOf(above);
    if (
      /^\s*[^\s#-][^#]*:\s*$/.test(above) &&
      /^\s*[^\s#-]/.test(line) &&
      step > 1 &&
      step <= WIDEST
    )
      return step;
    above = line;
  }
  return undefined;
}

/** Whether a list's dash stands right below the key that it belongs to. */
function isFlush(line: string, above: string): boolean {
  return (
    /^\s*-(\s|$)/.test(line) &&
    /^\s*[^\s#-][^#]*:\s*$/.test(above) &&
    indentOf(line) === indentOf(above)
  );
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
