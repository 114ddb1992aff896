import { Buffer } from "node:buffer";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BirdsongError, messageOf } from "../errors.ts";
import { LiveUpdates } from "./live_updates.ts";
import { livePage, livePolicy, pageFile } from "./page.ts";
import { LakeWatch } from "./watch.ts";

/** What to serve, and where. */
export interface DashboardOptions {
  /** Folder of the lake; it need not be there yet. */
  lake: string;
  /** Port on 127.0.0.1. @default one that is free */
  port?: number;
  /** Milliseconds from one look at the lake to the next, while a page is open. @default 1000 */
  interval?: number;
}

const headers = {
  "Content-Security-Policy": livePolicy,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/**
 * A page on 127.0.0.1 that shows a lake's figures, and changes when they do.
 *
 * It only reads. All the same its address holds a token, new with every start: anyone with an
 * account on a shared machine could otherwise read the tweets of a folder that is closed to them.
 * The check of the Host header keeps out a website whose name is made to point to 127.0.0.1.
 */
export class DashboardServer {
  readonly #watch: LakeWatch;
  readonly #updates: LiveUpdates;
  readonly #token = randomBytes(16).toString("hex");
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });

  private constructor({ lake, interval = 1000 }: DashboardOptions) {
    this.#watch = new LakeWatch(lake);
    this.#updates = new LiveUpdates(this.#watch, interval);
  }

  /**
   * Starts to serve.
   *
   * @throws {BirdsongError} when the port is taken.
   */
  static async start(options: DashboardOptions): Promise<DashboardServer> {
    const server = new DashboardServer(options);
    const { port = 0 } = options;
    try {
      await new Promise<void>((resolve, reject) => {
        server.#server.once("error", reject).listen(port, "127.0.0.1", resolve);
      });
    } catch (error) {
      throw new BirdsongError(
        `cannot serve on port ${port}: ${messageOf(error)}. Name another --port, or none.`,
        { cause: error, retriable: true, context: { port } },
      );
    }
    return server;
  }

  /** The page's address, with its token. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/${this.#token}/`;
  }

  /** Ends all connections, and closes the lake. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#updates.close();
    this.#server.closeAllConnections();
    await closed;
    await this.#watch.close();
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = "", headers: { host = "" } } = request;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { "Content-Type": `${type}; charset=utf-8` });
      response.end(body);
    };
    if (![`127.0.0.1:${this.#port}`, `localhost:${this.#port}`].includes(host)) {
      return send(403, "text/plain", "This server answers to 127.0.0.1 only.\n");
    }
    if (method !== "GET") {
      response.setHeader("Allow", "GET");
      return send(405, "text/plain", "This page can only be read.\n");
    }
    const [, token = "", file] = url.split("/", 3);
    if (!this.#isToken(token)) {
      return send(403, "text/plain", "Open the address that deno task dashboard has printed.\n");
    }
    if (file === "") return send(200, "text/html", livePage(await this.#watch.look()));
    if (file === "page.css") return send(200, "text/css", pageFile(file));
    if (file === "live.js") return send(200, "text/javascript", pageFile(file));
    if (file === "events") return this.#updates.add(response);
    send(404, "text/plain", "There is no such page.\n");
  }

  #isToken(text: string): boolean {
    const [given, right] = [text, this.#token].map((token) => Buffer.from(token));
    // In the same time, however much of it is right.
    return given.length === right.length && timingSafeEqual(given, right);
  }
}
