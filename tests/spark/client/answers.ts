import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import { Metadata, status } from "@grpc/grpc-js";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import {
  type ExecutePlanResponse,
  ExecutePlanResponseSchema,
} from "../../../lib/spark/client/generated/spark/connect/base_pb.ts";
import {
  ErrorInfoSchema,
  RetryInfoSchema,
} from "../../../lib/spark/client/generated/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../lib/spark/client/generated/google/rpc/status_pb.ts";
import { Failure } from "./connect_server.ts";

type ResponseType = MessageInitShape<typeof ExecutePlanResponseSchema>["responseType"];

/** One answer of an execution. */
export function answer(responseId: string, responseType: ResponseType): ExecutePlanResponse {
  return create(ExecutePlanResponseSchema, { responseId, responseType });
}

/** Says that there are no more answers. */
export function complete(responseId: string): ExecutePlanResponse {
  return answer(responseId, { case: "resultComplete", value: {} });
}

/** Rows with one column `n`. */
export function numbers(responseId: string, ...n: number[]): ExecutePlanResponse {
  return numberBatch(responseId, n);
}

/** The same for more numbers than a call takes arguments. */
export function numberBatch(responseId: string, n: ArrayLike<number>): ExecutePlanResponse {
  const data = tableToIPC(tableFromArrays({ n: Int32Array.from(n) }), "stream");
  return answer(responseId, {
    case: "arrowBatch",
    value: { rowCount: BigInt(n.length), data },
  });
}

/** What the server says first about SQL: the relation to read its rows from. */
export function sqlResult(responseId: string, query: string): ExecutePlanResponse {
  return answer(responseId, {
    case: "sqlCommandResult",
    value: { relation: { relType: { case: "sql", value: { query } } } },
  });
}

/** Spark's errors: the class in the trailers, and an id to ask for the whole message. */
export function sparkFailure(message: string, metadata: Record<string, string>): Failure {
  const info = { reason: "org.apache.spark.SparkException", metadata };
  return withDetails(status.INTERNAL, message, [
    anyPack(ErrorInfoSchema, create(ErrorInfoSchema, info)),
  ]);
}

/** A failure after which the server wants to be asked again. */
export function retryLater(milliseconds: number): Failure {
  const retryDelay = { seconds: 0n, nanos: milliseconds * 1e6 };
  return withDetails(status.RESOURCE_EXHAUSTED, "too many sessions", [
    anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })),
  ]);
}

function withDetails(
  code: status,
  message: string,
  details: Any[],
): Failure {
  const metadata = new Metadata();
  const bytes = toBinary(StatusSchema, create(StatusSchema, { code, message, details }));
  metadata.set("grpc-status-details-bin", Buffer.from(bytes));
  return new Failure(code, message, metadata);
}
