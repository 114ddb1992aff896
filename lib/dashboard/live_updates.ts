import type { ServerResponse } from "node:http";
import { clearTimeout, setTimeout } from "node:timers";
import type { LakeWatch } from "./watch.ts";

/**
 * Sends what a lake's dashboard shows to all open pages, as server-sent events: at once, and
 * whenever it has changed. Without an open page nobody looks at the lake.
 */
export class LiveUpdates {
  /** Every open page, with the content that was sent to it last. */
  readonly #pages = new Map<ServerResponse, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  /** @param interval Milliseconds from one look at the lake to the next. */
  constructor(private readonly watch: LakeWatch, private readonly interval: number) {}

  /** Begins to send events to a page, until it is closed. */
  add(page: ServerResponse): void {
    page.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
    page.flushHeaders();
    this.#pages.set(page, "");
    page.on("close", () => this.#pages.delete(page));
    if (this.#running) return;
    this.#running = true;
    void this.#update();
  }

  /** Ends all pages' connections. */
  close(): void {
    clearTimeout(this.#timer);
    for (const page of this.#pages.keys()) page.end();
    this.#pages.clear();
  }

  async #update(): Promise<void> {
    const started = performance.now();
    const content = await this.watch.look();
    for (const [page, sent] of this.#pages) {
      // A page that does not keep up gets the next content that it has room for.
      if (content === sent || page.writableNeedDrain) continue;
      // JSON has no line break, which would end the event.
      page.write(`data: ${JSON.stringify(content)}\n\n`);
      this.#pages.set(page, content);
    }
    this.#running = this.#pages.size > 0;
    if (!this.#running) return;
    // On a large lake that changes all the time, reading takes a fifth of the time at most.
    const took = performance.now() - started;
    this.#timer = setTimeout(() => void this.#update(), Math.max(this.interval, 4 * took));
  }
}
