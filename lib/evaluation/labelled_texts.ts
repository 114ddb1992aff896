import { readFileSync } from "node:fs";
import { BirdsongError, messageOf } from "../errors.ts";
import { labelNamed } from "../sentiment/labels.ts";
import type { Label } from "../sentiment/sentiment.ts";

/** A text whose sentiment is known. */
export interface LabelledText {
  id: string;
  label: Label;
  text: string;
}

/**
 * Reads a file of labelled texts: lines of id, label and text with tabs between them, as the SemEval
 * tasks have them. Labels are `negative`, `neutral`, `positive`, or `NEG`, `NEU`, `POS`. A first line
 * with names of columns is skipped, and so are blank lines.
 *
 * @throws {BirdsongError} naming file and line of what is none of this.
 */
export function readLabelledTexts(file: string): LabelledText[] {
  let content: string;
  try {
    content = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    throw new BirdsongError(`cannot read ${file}: ${messageOf(cause)}`, {
      cause,
      context: { file },
    });
  }
  const texts: LabelledText[] = [];
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const [id, name, ...rest] = line.split("\t");
    const label = labelNamed(name ?? "");
    if (label !== undefined && rest.length > 0) texts.push({ id, label, text: rest.join("\t") });
    else if (index > 0 || !/^(label|sentiment)$/i.test(name ?? "")) {
      throw new BirdsongError(
        `${file}, line ${index + 1}: must be id, label and text with tabs between them, and the ` +
          `label negative, neutral or positive, but the label is "${name ?? ""}"`,
        { context: { file, line: index + 1 } },
      );
    }
  }
  if (texts.length === 0) {
    throw new BirdsongError(`${file} holds no labelled text`, { context: { file } });
  }
  return texts;
}
