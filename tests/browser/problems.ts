import type { CodeCell, Drawn, Output } from "./code_cell.ts";

/** The least contrast of text that WCAG 2.1 asks for (level AA). */
const leastContrast = 4.5;

/** A figure as an output holds it. */
interface FigureOutput {
  data: { type: string; mode?: string; x: unknown[]; y: unknown[] }[];
  layout: { title: { text: string }; shapes?: unknown[] };
}

/** What is wrong with a cell after a run: a sentence each. */
export function problemsOf(cell: CodeCell): string[] {
  const problems = cell.executionCount === null ? ["did not run"] : [];
  if (cell.drawn.length !== cell.outputs.length) {
    problems.push(`has ${cell.outputs.length} outputs, but draws ${cell.drawn.length}`);
  }
  // Live outputs, the checks of exercises, logs and progress bars show something, too.
  const shows = /\bawait show\(/.test(cell.source);
  if (shows && cell.outputs.length === 0) problems.push("shows nothing");
  if (!shows && !/\.update\(|check\(|log|Progress/.test(cell.source) && cell.outputs.length > 0) {
    problems.push("has the output of another cell");
  }
  cell.outputs.forEach((output, i) => {
    problems.push(...outputProblems(output, cell.drawn[i], cell.source));
  });
  return problems.map((problem) => `cell ${cell.id} ${problem}`);
}

function outputProblems(output: Output, drawn: Drawn | undefined, source: string): string[] {
  if (output.output_type === "error") return [`throws ${output.ename}: ${output.evalue}`];
  if (output.name === "stderr") return [`says on stderr: ${output.text}`];
  if (!drawn) return [];
  const problems: string[] = [];
  const html = String(output.data?.["text/html"] ?? "");
  const rows = html.match(/<tbody>.*<\/tbody>/s)?.[0].match(/<tr>/g)?.length ?? 0;
  if (drawn.rows !== rows) problems.push(`draws ${drawn.rows} of ${rows} rows of a table`);
  const bars = html.match(/role="progressbar"/g)?.length ?? 0;
  if (drawn.progress.length !== bars) problems.push("does not draw its progress bar");
  for (const percent of drawn.progress) {
    if (percent !== 100) problems.push(`leaves a progress bar at ${percent} %`);
  }
  const figure = output.data?.["application/vnd.plotly.v1+json"] as FigureOutput | undefined;
  if (figure) problems.push(...figureProblems(figure, drawn, source));
  else if (drawn.images === 0 && drawn.text.trim() === "") problems.push("draws an empty output");
  return problems;
}

function figureProblems(figure: FigureOutput, drawn: Drawn, source: string): string[] {
  const title = figure.layout.title.text.replace(/<[^>]*>/g, "");
  const problems: string[] = [];
  // Where a cell does not spell out the title, it at least calls what makes a figure.
  const itsOwn = /title: "/.test(source)
    ? source.includes(title)
    : /(chart|matrix)\(/i.test(source);
  if (!itsOwn) problems.push("has a figure of another cell");
  const marks = marksOf(figure);
  if (drawn.marks < marks) problems.push(`draws ${drawn.marks} of ${marks} marks`);
  if (drawn.clipped.length > 0) problems.push(`cuts off ${drawn.clipped.join(", ")}`);
  const faint = Math.min(...drawn.contrasts);
  if (faint < leastContrast) problems.push(`has text with a contrast of ${faint.toFixed(2)}`);
  return problems.map((problem) => `${problem} (figure "${title}")`);
}

/** Bars with a length, points, texts and shapes: what a figure has to draw at least. */
function marksOf({ data, layout }: FigureOutput): number {
  const marks = data.map(({ type, x, y }) =>
    type === "bar" ? x.filter((length) => length !== 0).length : y.filter((y) => y !== null).length
  );
  return marks.reduce((sum, count) => sum + count, layout.shapes?.length ?? 0);
}
