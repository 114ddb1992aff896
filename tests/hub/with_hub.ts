import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Hub } from "../../lib/hub/hub.ts";

/** What a request got instead of its answer: a status with headers, or a connection cut after some bytes. */
export type Fault =
  | { status: number; headers?: Record<string, string> }
  | { cutAfter: number }
  | { content: string | Uint8Array };

/** A hub on this machine, with one model of it. */
export interface TestHub {
  hub: Hub;
  commit: string;
  /** The model's files; a change is a new commit. */
  files: Record<string, string | Uint8Array>;
  /** Faults of the next requests whose path holds the key, in this order. */
  faults: Record<string, Fault[]>;
  /** Requests so far: method-less path, and the range asked for. */
  requests: { path: string; range?: string; authorization?: string; host: string }[];
  /** Only who sends this token is let in. */
  token?: string;
  /** Stops answering. */
  stop(): Promise<void>;
}

export const modelName = "owner/tiny-model";

/**
 * Runs a test with a hub that speaks the protocol of the Hugging Face hub: small files come from the
 * hub itself, large ones (here: `.onnx`) by a redirect to a store of another address.
 */
export async function withHub(
  files: TestHub["files"],
  test: (hub: TestHub) => Promise<void>,
): Promise<void> {
  const state = { files, faults: {}, requests: [] } as unknown as TestHub;
  const store = createServer((request, response) => answer(request, response, "store"));
  const server = createServer((request, response) => answer(request, response, "hub"));
  for (const one of [server, store]) await once(one.listen(0, "127.0.0.1"), "listening");
  // By another name than the store: a token must not follow a redirect from one to the other.
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const storeEndpoint = `http://localhost:${(store.address() as AddressInfo).port}`;
  state.hub = { endpoint, offline: false };
  Object.defineProperty(state, "commit", { get: () => commitOf(state.files) });
  state.stop = async () => {
    for (const one of [server, store]) {
      one.closeAllConnections();
      if (one.listening) await new Promise((resolve) => one.close(resolve));
    }
  };
  try {
    await test(state);
  } finally {
    await state.stop();
  }

  function answer(request: IncomingMessage, response: ServerResponse, host: string): void {
    const url = new URL(request.url!, endpoint);
    const { range, authorization } = request.headers;
    state.requests.push({ path: url.pathname, range, authorization, host });
    const key = Object.keys(state.faults).find((part) => `${host} ${url.pathname}`.includes(part));
    const fault = key === undefined ? undefined : state.faults[key].shift();
    if (fault && "status" in fault) {
      return void response.writeHead(fault.status, fault.headers).end();
    }
    if (fault && "content" in fault) {
      return send(bytesOf(fault.content), undefined, fault, response);
    }
    if (host === "hub" && state.token && authorization !== `Bearer ${state.token}`) {
      return void response.writeHead(401, { "x-error-message": "Invalid username or password." })
        .end();
    }
    if (host === "hub" && url.pathname.startsWith(`/api/models/${modelName}/revision/`)) {
      return describe(url, response);
    }
    const [, at, path] = /^\/owner\/tiny-model\/resolve\/(\w+)\/(.+)$/.exec(url.pathname) ?? [];
    const file = at === state.commit ? state.files[decodeURIComponent(path)] : undefined;
    if (file === undefined) {
      return void response.writeHead(404, { "x-error-code": "RepoNotFound" }).end();
    }
    if (host === "hub" && path.endsWith(".onnx")) {
      return void response.writeHead(302, {
        location: storeEndpoint + url.pathname,
        "x-linked-etag": `"${hash("sha256", bytesOf(file))}"`,
        "x-repo-commit": state.commit,
      }).end();
    }
    send(bytesOf(file), range, fault, response);
  }

  function describe(url: URL, response: ServerResponse): void {
    const revision = decodeURIComponent(url.pathname.split("/").at(-1)!);
    if (!["main", "a/branch", state.commit].includes(revision)) {
      return void response.writeHead(404, { "x-error-code": "RevisionNotFound" }).end();
    }
    const siblings = Object.entries(state.files).map(([rfilename, content]) => {
      const bytes = bytesOf(content);
      const size = bytes.length;
      const lfs = rfilename.endsWith(".onnx")
        ? { lfs: { sha256: hash("sha256", bytes), size, pointerSize: 131 } }
        : {};
      return { rfilename, size, blobId: gitHash(bytes), ...lfs };
    });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ id: modelName, sha: state.commit, siblings }));
  }
}

function send(
  bytes: Uint8Array,
  range: string | undefined,
  fault: Fault | undefined,
  response: ServerResponse,
): void {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  if (start > 0 && start >= bytes.length) return void response.writeHead(416).end();
  const part = bytes.subarray(start);
  response.writeHead(range === undefined ? 200 : 206, { "content-length": part.length });
  if (fault && "cutAfter" in fault) {
    response.write(part.subarray(0, fault.cutAfter), () => response.destroy());
  } else {
    response.end(part);
  }
}

function commitOf(files: TestHub["files"]): string {
  return hash(
    "sha1",
    bytesOf(JSON.stringify(
      Object.entries(files).map(([path, content]) => [
        path,
        hash("sha1", bytesOf(content)),
      ]),
    )),
  );
}

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

const hash = (name: string, bytes: Uint8Array): string =>
  createHash(name).update(bytes).digest("hex");

const gitHash = (bytes: Uint8Array): string =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
