/** An output as the notebook's file holds it. */
export interface Output {
  output_type: "display_data" | "execute_result" | "stream" | "error";
  data?: Record<string, unknown>;
  /** Of a stream: `stdout` or `stderr`. */
  name?: string;
  text?: string;
  ename?: string;
  evalue?: string;
}

/** What the screen shows of an output; what has no size or stands outside of its cell is not counted. */
export interface Drawn {
  text: string;
  /** Bars, points, texts and shapes of an interactive figure. */
  marks: number;
  /** Texts of an interactive figure that reach out of it. */
  clipped: string[];
  /** Contrast of each text around an interactive figure with the page behind it, 1 to 21. */
  contrasts: number[];
  /** Images that are loaded. */
  images: number;
  /** Rows of the bodies of tables. */
  rows: number;
  /** How full progress bars are, in percent. */
  progress: number[];
}

/** A code cell with its outputs, as data and as drawn: `drawn[i]` is what `outputs[i]` shows. */
export interface CodeCell {
  id: string;
  source: string;
  /** JupyterLab's number of it; null where it did not run. */
  executionCount: number | null;
  outputs: Output[];
  drawn: Drawn[];
}

/** Reads the cells of the notebook in front. Runs in the page: it can use nothing from around it. */
export function readCells(): CodeCell[] {
  const { widgets } = globalThis.jupyterapp!.shell.currentWidget!.content;
  return widgets.filter(({ model }) => model.type === "code").map((cell) => ({
    id: cell.model.id,
    source: cell.model.sharedModel.source,
    executionCount: cell.model.executionCount,
    outputs: cell.outputArea.model.toJSON(),
    drawn: cell.outputArea.widgets.map((output) => drawn(cell.node, output.node)),
  }));

  function drawn(cell: HTMLElement, output: HTMLElement): Drawn {
    const place = cell.getBoundingClientRect();
    const all = (selector: string) =>
      [...output.querySelectorAll<HTMLElement>(selector)].filter((element) => {
        const { left, top, bottom, width, height } = element.getBoundingClientRect();
        // A wide table can be moved sideways in its cell.
        return width > 0 && height > 0 && left >= place.left && top >= place.top &&
          bottom <= place.bottom;
      });
    const texts = all(".js-plotly-plot text").filter((text) => text.textContent !== "");
    return {
      text: output.innerText,
      marks: all(
        ".barlayer .point path, .scatterlayer .points path, .scatterlayer .text text, " +
          ".shapelayer path",
      ).length,
      clipped: texts.filter(isClipped).map((text) => text.textContent!),
      contrasts: texts.filter((text) => !text.closest(".barlayer, .scatterlayer"))
        .flatMap(coloursOf).map(contrast),
      images: all("img").filter((image) => (image as HTMLImageElement).naturalWidth > 0).length,
      rows: all("tbody tr").length,
      progress: all("[role=progressbar]").map((bar) => Number(bar.getAttribute("aria-valuenow"))),
    };
  }

  function isClipped(text: HTMLElement): boolean {
    const inner = text.getBoundingClientRect();
    const outer = text.closest(".js-plotly-plot")!.getBoundingClientRect();
    return inner.left < outer.left || inner.right > outer.right || inner.top < outer.top ||
      inner.bottom > outer.bottom;
  }

  /** The colours of a text's letters; its lines, and what is marked in them, are elements inside. */
  function coloursOf(text: HTMLElement): string[] {
    return [text, ...text.querySelectorAll("tspan")]
      .filter((part) =>
        [...part.childNodes].some((node) => node instanceof Text && node.data.trim() !== "")
      )
      .map((part) => getComputedStyle(part).fill);
  }

  /** Contrast with the page, as WCAG 2.1 defines it. */
  function contrast(text: string): number {
    const notebook = document.querySelector(".jp-Notebook")!;
    const [page, [...letters]] = [
      channels(getComputedStyle(notebook).backgroundColor),
      channels(text),
    ];
    const alpha = letters[3] ?? 1;
    const seen = page.slice(0, 3).map((behind, i) => behind + alpha * (letters[i] - behind));
    const [low, high] = [luminance(page), luminance(seen)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }

  function channels(colour: string): number[] {
    return colour.match(/[\d.]+/g)!.map(Number);
  }

  function luminance(colour: number[]): number {
    const [red, green, blue] = colour.map((channel) => channel / 255)
      .map((share) => share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
}
