import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type status,
} from "@grpc/grpc-js";
import { methods } from "../../../lib/spark/client/methods.ts";

type Methods = typeof methods;
type Input<M extends keyof Methods> = MessageShape<Methods[M]["input"]>;
type Output<M extends keyof Methods> = MessageShape<Methods[M]["output"]>;

/** The stream of answers to an execution, as a test writes it. */
export type Answers = AsyncIterable<Output<"executePlan">> | Iterable<Output<"executePlan">>;

/** What the server of a test does; a call without a handler is answered by nothing special. */
export interface Handlers {
  executePlan?(request: Input<"executePlan">, metadata: Metadata): Answers;
  reattachExecute?(request: Input<"reattachExecute">): Answers;
  releaseExecute?(request: Input<"releaseExecute">): void;
  interrupt?(request: Input<"interrupt">): void;
  releaseSession?(): void;
  config?(request: Input<"config">, metadata: Metadata): { key: string; value?: string }[];
  fetchErrorDetails?(
    request: Input<"fetchErrorDetails">,
  ): MessageInitShape<Methods["fetchErrorDetails"]["output"]>;
}

/** What the server calls every session. */
export const serverSideSessionId = "session on the server";

/** A failure as gRPC sends it. */
export class Failure extends Error {
  constructor(readonly code: status, readonly details: string, readonly metadata?: Metadata) {
    super(details);
  }
}

/** Runs a gRPC server that speaks Spark Connect's protocol on a free port of this machine. */
export async function withConnectServer(
  handlers: Handlers,
  action: (address: string) => Promise<void>,
): Promise<void> {
  const server = new Server();
  server.addService(definitions(), {
    ExecutePlan: stream("executePlan", handlers),
    ReattachExecute: stream("reattachExecute", handlers),
    ReleaseExecute: unary("releaseExecute", (request) => {
      handlers.releaseExecute?.(request);
      return {};
    }),
    Interrupt: unary("interrupt", (request) => {
      handlers.interrupt?.(request);
      return {};
    }),
    Config: unary("config", (request, metadata) => ({
      pairs: handlers.config?.(request, metadata) ?? [],
      serverSideSessionId,
    })),
    ReleaseSession: unary("releaseSession", () => {
      handlers.releaseSession?.();
      return {};
    }),
    FetchErrorDetails: unary("fetchErrorDetails", (r) => handlers.fetchErrorDetails?.(r) ?? {}),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(
      "127.0.0.1:0",
      ServerCredentials.createInsecure(),
      (error, port) => error ? reject(error) : resolve(port),
    )
  );
  try {
    await action(`sc://127.0.0.1:${port}`);
  } finally {
    server.forceShutdown();
  }
}

// deno-lint-ignore no-explicit-any
type Untyped = any;

function definitions(): Untyped {
  return Object.fromEntries(
    Object.values(methods).map(({ name, input, output }) => [name, {
      path: `/spark.connect.SparkConnectService/${name}`,
      requestStream: false,
      responseStream: name === "ExecutePlan" || name === "ReattachExecute",
      requestSerialize: serialize(input),
      requestDeserialize: (bytes: Uint8Array) => fromBinary(input as DescMessage, bytes),
      responseSerialize: serialize(output),
      responseDeserialize: (bytes: Uint8Array) => fromBinary(output as DescMessage, bytes),
    }]),
  );
}

function serialize(schema: DescMessage) {
  return (message: Untyped) => Buffer.from(toBinary(schema, message));
}

function unary<M extends keyof Methods>(
  method: M,
  handler: (request: Input<M>, metadata: Metadata) => Untyped,
): Untyped {
  return (call: Untyped, callback: (error: unknown, answer?: unknown) => void) => {
    try {
      const { output } = methods[method];
      callback(null, create(output as DescMessage, handler(call.request, call.metadata)));
    } catch (error) {
      callback(error);
    }
  };
}

function stream(method: "executePlan" | "reattachExecute", handlers: Handlers): Untyped {
  return async (call: ServerWritableStream<Untyped, Untyped>) => {
    try {
      const answers = handlers[method]!(call.request, call.metadata);
      for await (const answer of answers) call.write(answer);
      call.end();
    } catch (error) {
      call.emit("error", error);
    }
  };
}
