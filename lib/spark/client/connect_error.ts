import { type ServiceError, status } from "@grpc/grpc-js";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { fromBinary } from "@bufbuild/protobuf";
import { BirdsongError, messageOf } from "../../errors.ts";
import { StatusSchema } from "./generated/google/rpc/status_pb.ts";
import {
  type ErrorInfo,
  ErrorInfoSchema,
  type RetryInfo,
  RetryInfoSchema,
} from "./generated/google/rpc/error_details_pb.ts";

/** What a server says about an error, beside its text. */
export interface ErrorDetails {
  /** Spark's name of the error, such as `TABLE_OR_VIEW_NOT_FOUND`. */
  errorClass: string | undefined;
  sqlState: string | undefined;
  /** To ask the server for the whole message. */
  errorId: string | undefined;
  /** How long the server wants the client to wait before it tries again. */
  retryDelayMs: number | undefined;
}

/** Whether this is an error of a call, rather than of the program. */
export function isServiceError(error: unknown): error is ServiceError {
  // A DOMException, such as that of a signal, has a number as its code, too.
  const { code, details } = error as Partial<ServiceError>;
  return error instanceof Error && typeof code === "number" && typeof details === "string";
}

/** What stands in the trailers of a failed call. */
export function errorDetails(error: ServiceError): ErrorDetails {
  const info = detail<ErrorInfo>(error, ErrorInfoSchema);
  const delay = detail<RetryInfo>(error, RetryInfoSchema)?.retryDelay;
  return {
    errorClass: info?.metadata.errorClass ?? classIn(error.details),
    sqlState: info?.metadata.sqlState,
    errorId: info?.metadata.errorId,
    retryDelayMs: delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6,
  };
}

/**
 * The error for a person: Spark's message, with its error class and SQL state in the context.
 *
 * @param server For the message: `sc://host:15002`.
 * @param fullMessage The message that `FetchErrorDetails` gave; the call's own is cut off.
 */
export function connectError(error: unknown, server: string, fullMessage?: string): Error {
  if (!isServiceError(error)) return error instanceof Error ? error : new Error(messageOf(error));
  const { errorClass, sqlState } = errorDetails(error);
  const context = {
    server,
    grpcStatus: status[error.code] ?? String(error.code),
    ...(errorClass ? { errorClass } : {}),
    ...(sqlState ? { sqlState } : {}),
  };
  return new BirdsongError(explain(error, server, fullMessage), {
    cause: error,
    retriable: error.code === status.UNAVAILABLE,
    context,
  });
}

function explain(error: ServiceError, server: string, fullMessage?: string): string {
  switch (error.code) {
    case status.UNAVAILABLE:
      return `no Spark Connect server answers at ${server} (${error.details}): start one with ` +
        "`deno task spark`, or check BIRDSONG_ENGINE";
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return `${server} refuses this client (${error.details}): check token and use_ssl in ` +
        "BIRDSONG_ENGINE";
    case status.UNIMPLEMENTED:
      return `${server} does not know a call that Spark Connect 4 has (${error.details}): is it ` +
        "Spark 4.1, and its Connect port?";
  }
  if (/\[INVALID_HANDLE\.SESSION_/.test(error.details)) {
    return `${server} does not know this session any more (${error.details}): it was restarted, or ` +
      "nothing was asked of it for an hour. Open the session again, in a notebook by restarting its " +
      "kernel; streams go on from what they have committed";
  }
  return (fullMessage ?? error.details).trim();
}

/** Spark begins its messages with the class: `[TABLE_OR_VIEW_NOT_FOUND] The table ...`. */
function classIn(message: string): string | undefined {
  return /\[([A-Z][A-Z0-9_]*(?:\.[A-Z0-9_]+)*)\]/.exec(message)?.[1];
}

function detail<T>(error: ServiceError, schema: Parameters<typeof anyUnpack>[1]): T | undefined {
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!(bytes instanceof Uint8Array)) return undefined;
  for (const any of fromBinary(StatusSchema, bytes).details) {
    const message = anyUnpack(any, schema);
    if (message) return message as T;
  }
}
