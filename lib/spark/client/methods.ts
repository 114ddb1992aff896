import {
  ConfigRequestSchema,
  ConfigResponseSchema,
  ExecutePlanRequestSchema,
  ExecutePlanResponseSchema,
  FetchErrorDetailsRequestSchema,
  FetchErrorDetailsResponseSchema,
  InterruptRequestSchema,
  InterruptResponseSchema,
  ReattachExecuteRequestSchema,
  ReleaseExecuteRequestSchema,
  ReleaseExecuteResponseSchema,
  ReleaseSessionRequestSchema,
  ReleaseSessionResponseSchema,
} from "./generated/spark/connect/base_pb.ts";

/** The methods of `SparkConnectService` that the client calls. */
export const methods = {
  executePlan: {
    name: "ExecutePlan",
    input: ExecutePlanRequestSchema,
    output: ExecutePlanResponseSchema,
  },
  reattachExecute: {
    name: "ReattachExecute",
    input: ReattachExecuteRequestSchema,
    output: ExecutePlanResponseSchema,
  },
  releaseExecute: {
    name: "ReleaseExecute",
    input: ReleaseExecuteRequestSchema,
    output: ReleaseExecuteResponseSchema,
  },
  config: { name: "Config", input: ConfigRequestSchema, output: ConfigResponseSchema },
  interrupt: { name: "Interrupt", input: InterruptRequestSchema, output: InterruptResponseSchema },
  releaseSession: {
    name: "ReleaseSession",
    input: ReleaseSessionRequestSchema,
    output: ReleaseSessionResponseSchema,
  },
  fetchErrorDetails: {
    name: "FetchErrorDetails",
    input: FetchErrorDetailsRequestSchema,
    output: FetchErrorDetailsResponseSchema,
  },
} as const;
