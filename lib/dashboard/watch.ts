import { statSync } from "node:fs";
import { BirdsongError, messageOf } from "../errors.ts";
import { Lakehouse } from "../lakehouse/lakehouse.ts";
import { readRuns } from "../streaming/processes/running.ts";
import { contentHtml, noticeHtml } from "./content.ts";
import { readFigures } from "./figures.ts";

/**
 * What the dashboard shows of a lake, made anew only when the lake has changed. The lake need not be
 * there yet, may be made, written and removed meanwhile by others, and is only read.
 */
export class LakeWatch {
  #lake: Lakehouse | undefined;
  /** Which folder is open: one that was removed and made again is another lake. */
  #opened = "";
  #shown = "";
  #content = "";
  #looking: Promise<string> | undefined;

  constructor(private readonly folder: string) {}

  /** The content to show, as HTML. Without news it is the very string of the last look. */
  look(): Promise<string> {
    // Those who ask at the same time share one look.
    this.#looking ??= this.#look().finally(() => this.#looking = undefined);
    return this.#looking;
  }

  /** Closes the lake, once a look that is going on has ended. */
  async close(): Promise<void> {
    await this.#looking;
    this.#forget();
  }

  async #look(): Promise<string> {
    try {
      const lake = await this.#open();
      // A number out of the catalog and a folder's listing: cheap enough for every second.
      const version = await lake.currentVersion();
      const runs = readRuns(this.folder).map(({ runId, state }) => `${runId} ${state}`);
      const found = [this.#opened, version, ...runs].join("\n");
      if (found !== this.#shown) {
        this.#content = contentHtml(await readFigures(lake));
        this.#shown = found;
      }
    } catch (error) {
      this.#forget();
      const message = messageOf(error);
      if (message !== this.#shown) {
        this.#content = noticeHtml("Nothing to show yet", message);
        this.#shown = message;
        if (!(error instanceof BirdsongError)) console.error(error);
      }
    }
    return this.#content;
  }

  async #open(): Promise<Lakehouse> {
    const found = identityOf(this.folder);
    if (found !== this.#opened) this.#forget();
    this.#lake ??= await Lakehouse.open(this.folder, { readOnly: true });
    this.#opened = found;
    return this.#lake;
  }

  #forget(): void {
    this.#lake?.close();
    this.#lake = undefined;
    this.#opened = "";
  }
}

function identityOf(folder: string): string {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.birthtimeMs}` : "";
}
