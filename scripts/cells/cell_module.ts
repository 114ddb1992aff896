import ts from "typescript";
import { type Cell, sourceOf } from "../notebooks/notebook.ts";

/** The code cells of a notebook as one module, which tools for TypeScript can read. */
export interface CellModule {
  text: string;
  /** Where a line of the module, counted from 1, stands in the notebook. */
  place(line: number): { cell: string; line: number };
}

/**
 * Joins code cells as a kernel sees them: one after the other, in one scope. A kernel takes an
 * import that an earlier cell has made already; a module does not, so it becomes blank here.
 */
export function cellModule(cells: readonly Cell[]): CellModule {
  const imported = new Set<string>();
  const lines: string[] = [];
  const starts: { cell: string; line: number }[] = [];
  for (const [index, cell] of cells.entries()) {
    if (cell.cell_type !== "code") continue;
    starts.push({ cell: nameOf(cell, index), line: lines.length + 1 });
    lines.push(...withoutRepeatedImports(sourceOf(cell), imported).split("\n"));
  }
  return {
    // Without an import or export, the file would be no module, and `await` an error.
    text: [...lines, "export {};", ""].join("\n"),
    place(line) {
      const start = starts.findLast((start) => start.line <= line) ?? { cell: "", line: 1 };
      return { cell: start.cell, line: line - start.line + 1 };
    },
  };
}

/** What a cell is called in a complaint: its id, or its place where it has none. */
export function nameOf({ id }: Cell, index: number): string {
  return id ?? String(index + 1);
}

/** Blanks what is imported again, and notes the rest; all other text keeps its line and column. */
function withoutRepeatedImports(source: string, imported: Set<string>): string {
  const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.Latest);
  let text = source;
  const blank = (node: ts.Node) => {
    const [start, end] = [node.getStart(file), node.getEnd()];
    // With the comma behind it, if there is one.
    const length = /^\s*,?/.exec(text.slice(end))![0].length;
    const blanks = text.slice(start, end + length).replace(/[^\n]/g, " ");
    text = text.slice(0, start) + blanks + text.slice(end + length);
  };
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const parts = importedParts(statement);
    const keys = parts.map((part) =>
      `${part.getText(file).replace(/^type /, "")} from ${statement.moduleSpecifier.getText(file)}`
    );
    const repeated = parts.filter((_, index) => imported.has(keys[index]));
    if (repeated.length === parts.length) blank(statement);
    else repeated.forEach(blank);
    for (const key of keys) imported.add(key);
  }
  return text;
}

/** What an import brings: `a`, `* as a`, or each `a` and `a as b` between its braces. */
function importedParts({ importClause }: ts.ImportDeclaration): ts.Node[] {
  const bindings = importClause?.namedBindings;
  return [
    ...(importClause?.name ? [importClause.name] : []),
    ...(bindings === undefined ? [] : ts.isNamedImports(bindings) ? bindings.elements : [bindings]),
  ];
}
