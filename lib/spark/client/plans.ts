import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CommandSchema } from "./generated/spark/connect/commands_pb.ts";
import type { RelationSchema } from "./generated/spark/connect/relations_pb.ts";

/** A plan's relation, as an object: what Spark calls a DataFrame before it is run. */
export type RelationInit = MessageInitShape<typeof RelationSchema>;

/** A command, as an object. */
export type CommandInit = MessageInitShape<typeof CommandSchema>;

/** The relation of a query. */
export function sqlRelation(query: string): RelationInit {
  return { relType: { case: "sql", value: { query } } };
}
