import type { Browser, CDPSession, Page } from "playwright-core";
import { type CodeCell, type Output, readCells } from "./code_cell.ts";
import type { JupyterLab } from "./jupyter_lab.ts";

/** Of JupyterLab's own objects, those that are used here. */
declare global {
  var jupyterapp: {
    commands: { execute(command: string, options?: object): Promise<unknown> };
    shell: { currentWidget: NotebookPanel | null };
  } | undefined;
}

interface NotebookPanel {
  dispose(): void;
  context: { path: string; isReady: boolean; save(): Promise<void> };
  sessionContext: {
    ready: Promise<void>;
    shutdown(): Promise<void>;
    session: { kernel: { id: string; info: Promise<unknown> } };
  };
  content: {
    activeCellIndex: number;
    widgets: {
      node: HTMLElement;
      model: {
        id: string;
        type: string;
        executionCount: number | null;
        sharedModel: { source: string };
      };
      outputArea: { model: { toJSON(): Output[] }; widgets: { node: HTMLElement }[] };
    }[];
  };
}

const width = 1280;
// JupyterLab needs its time where the machine is busy.
const timeout = 180_000;
const inFront = ".jp-NotebookPanel:not(.lm-mod-hidden)";

/** A notebook in JupyterLab in a browser. */
export class NotebookPage {
  private performance?: CDPSession;

  private constructor(
    readonly page: Page,
    /** Paths of what the page has asked the server for. */
    readonly requested: string[],
  ) {}

  /** Opens a notebook in a browser that remembers nothing, without running anything of it. */
  static async open(browser: Browser, lab: JupyterLab, notebook: string): Promise<NotebookPage> {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    page.setDefaultTimeout(timeout);
    const requested: string[] = [];
    page.on("request", (request) => requested.push(new URL(request.url()).pathname));
    await page.goto(lab.address(notebook));
    const opened = new NotebookPage(page, requested);
    await opened.isInFront(lab.path(notebook));
    return opened;
  }

  /** Opens another notebook beside the first. */
  async openBeside(lab: JupyterLab, notebook: string): Promise<void> {
    await this.command("docmanager:open", { path: lab.path(notebook) });
    await this.isInFront(lab.path(notebook));
  }

  /** Runs every cell, and waits until the last has ended. */
  async runAll(): Promise<void> {
    await this.kernelId();
    await this.command("notebook:run-all-cells");
  }

  /** Runs one cell, and waits until it has ended. */
  async run(index: number): Promise<void> {
    await this.kernelId();
    await this.page.evaluate((index) => {
      globalThis.jupyterapp!.shell.currentWidget!.content.activeCellIndex = index;
    }, index);
    await this.command("notebook:run-cell");
  }

  /** Presses the stop button. */
  async stop(): Promise<void> {
    await this.page.locator('[data-command="notebook:interrupt-kernel"]').click();
  }

  /** Waits until an output of a cell holds a text. */
  async says(index: number, text: string): Promise<void> {
    await this.page.waitForFunction(([index, text]) => {
      const { widgets } = globalThis.jupyterapp!.shell.currentWidget!.content;
      return JSON.stringify(widgets[index].outputArea.model.toJSON()).includes(text);
    }, [index, text] as const);
  }

  /**
   * Waits until the notebook in front has its last cell on the page and draws so many figures; returns
   * how many are interactive.
   */
  async drawsFigures(count: number): Promise<number> {
    await this.page.waitForFunction((count) => {
      const { widgets } = globalThis.jupyterapp!.shell.currentWidget!.content;
      const figures = widgets.flatMap((
        { node },
      ) => [...node.querySelectorAll(".jp-RenderedPlotly")]);
      return widgets.at(-1)!.node.getBoundingClientRect().height > 0 &&
        figures.length === count &&
        figures.every((figure) =>
          [...figure.querySelectorAll("img, .main-svg")].some((drawn) =>
            drawn.getBoundingClientRect().height >= 100
          )
        );
    }, count);
    return await this.page.locator(`${inFront} .jp-RenderedPlotly .main-svg:first-child`).count();
  }

  /** Moves the mouse over a figure that is an image, and waits until the interactive one is there. */
  async hoverFigure(): Promise<void> {
    const figure = this.page.locator(`${inFront} .jp-RenderedPlotly`).first();
    const drawn = figure.locator(".main-svg").first();
    for (let attempt = 1;; attempt++) {
      // The mouse may rest where the figure has just appeared, and the page not listen to it yet.
      await this.page.mouse.move(0, 0);
      // Not of the image itself, which is gone as soon as the figure is there.
      await figure.hover({ force: true });
      try {
        return await drawn.waitFor({ timeout: 3000 });
      } catch (error) {
        if (attempt === 10) throw error;
      }
    }
  }

  /** Ends the kernel of the notebook in front, and closes it without saving: another one is in front. */
  async closeInFront(): Promise<void> {
    await this.page.evaluate(async () => {
      const notebook = globalThis.jupyterapp!.shell.currentWidget!;
      await notebook.sessionContext.ready;
      await notebook.sessionContext.shutdown();
      notebook.dispose();
    });
    await this.page.waitForFunction(() => globalThis.jupyterapp!.shell.currentWidget !== null);
  }

  /** Processor time of the page's main thread, in milliseconds, until it has nothing left to do. */
  async processorTime(): Promise<number> {
    await this.kernelId();
    await this.page.evaluate(() =>
      new Promise((resolve) => requestIdleCallback(() => requestIdleCallback(resolve)))
    );
    this.performance ??= await this.page.context().newCDPSession(this.page);
    await this.performance.send("Performance.enable", { timeDomain: "threadTicks" });
    const { metrics } = await this.performance.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")!.value * 1000;
  }

  /** The code cells as they stand on the screen. */
  async cells(): Promise<CodeCell[]> {
    await this.showWhole();
    return await this.page.evaluate(readCells);
  }

  /** Chooses how JupyterLab looks. */
  async theme(name: "Light" | "Dark"): Promise<void> {
    await this.command("apputils:change-theme", { theme: `JupyterLab ${name}` });
    await this.page.locator(`body[data-jp-theme-name="JupyterLab ${name}"]`)
      .waitFor({ state: "attached" });
  }

  /** An image of the whole notebook. */
  async screenshot(file: string): Promise<void> {
    await this.showWhole();
    await this.page.locator(`${inFront} .jp-Notebook`)
      .screenshot({ path: file });
  }

  /** The kernel's identity, once it answers. */
  async kernelId(): Promise<string> {
    return await this.page.evaluate(async () => {
      const { sessionContext } = globalThis.jupyterapp!.shell.currentWidget!;
      await sessionContext.ready;
      await sessionContext.session.kernel.info;
      return sessionContext.session.kernel.id;
    });
  }

  /** Saves the notebook, ends its kernel and closes the page. */
  async close(): Promise<void> {
    await this.page.evaluate(async () => {
      const { context, sessionContext } = globalThis.jupyterapp!.shell.currentWidget!;
      await context.save();
      await sessionContext.shutdown();
    });
    await this.page.close();
  }

  /** A command of JupyterLab's menus; returns when it has ended. */
  private async command(command: string, options: Record<string, string> = {}): Promise<void> {
    await this.page.evaluate(async ([command, options]) => {
      await globalThis.jupyterapp!.commands.execute(command, options);
    }, [command, options] as const);
  }

  private async isInFront(path: string): Promise<void> {
    await this.page.waitForFunction((path) => {
      const context = globalThis.jupyterapp?.shell.currentWidget?.context;
      return context?.path === path && context.isReady;
    }, path);
  }

  /** Makes the window as high as the notebook, because JupyterLab draws only what is in it. */
  private async showWhole(): Promise<void> {
    await this.resize(10_000);
    const bottom = await this.page.evaluate(() => {
      const { widgets } = globalThis.jupyterapp!.shell.currentWidget!.content;
      return widgets.at(-1)!.node.getBoundingClientRect().bottom;
    });
    await this.resize(Math.ceil(bottom) + 100);
  }

  private async resize(height: number): Promise<void> {
    await this.page.setViewportSize({ width, height });
    await this.page.evaluate(() =>
      new Promise<void>((resolve) => {
        document.querySelector(".jp-WindowedPanel-outer")!.scrollTop = 0;
        // Drawn twice: what was out of sight is laid out in the first, and has its size in the second.
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      })
    );
  }
}
