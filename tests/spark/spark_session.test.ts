import assert from "node:assert/strict";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import type { ExecutePlanResponse } from "../../lib/spark/client/generated/spark/connect/base_pb.ts";
import { SparkSession } from "../../lib/spark/spark_session.ts";
import { answer, complete, sqlResult } from "./client/answers.ts";
import { type Handlers, withConnectServer } from "./client/connect_server.ts";

/** What `DESCRIBE DATABASE` says, as the rows of every query. */
function describing(database: Record<string, string>): Handlers {
  const data = tableToIPC(
    tableFromArrays({
      info_name: ["Catalog Name", ...Object.keys(database)],
      info_value: ["spark_catalog", ...Object.values(database)],
    }),
    "stream",
  );
  const rows: ExecutePlanResponse = answer("1", {
    case: "arrowBatch",
    value: { rowCount: 1n, data },
  });
  return {
    executePlan: ({ plan }) =>
      plan?.opType.case === "command"
        ? [sqlResult("command", "DESCRIBE"), complete("end")]
        : [rows, complete("end")],
  };
}

Deno.test("a session tells Spark to take SQL as it stands, without variables of its own", async () => {
  const configured: Record<string, string | undefined> = {};
  await withConnectServer({
    ...describing({ Location: "file:/warehouse" }),
    config({ operation }) {
      const { opType } = operation!;
      if (opType.case === "set") {
        for (const { key, value } of opType.value.pairs) configured[key] = value;
      }
      return [];
    },
  }, async (address) => {
    const session = await SparkSession.open(address);
    assert.equal(session.location, "file:/warehouse");
    await session.close();
  });
  assert.equal(configured["spark.sql.variable.substitute"], "false");
  assert.equal(configured["spark.sql.parser.escapedStringLiterals"], "false");
});

Deno.test("a database without a location is refused: checkpoints are kept there", async () => {
  await withConnectServer(describing({}), async (address) => {
    await assert.rejects(SparkSession.open(address), /does not say where the database birdsong is/);
  });
});

Deno.test("a session ends on the server although one of its queries cannot be stopped", async () => {
  let released = 0;
  await withConnectServer({
    ...describing({ Location: "file:/warehouse" }),
    releaseSession: () => void released++,
  }, async (address) => {
    const session = await SparkSession.open(address);
    const stuck = {
      name: "stuck_stream",
      isActive: true,
      recentProgress: [],
      awaitTermination: () => new Promise(() => {}),
      stop: () => Promise.reject(new Error("stuck")),
    };
    await session.streams.start(stuck.name, () => Promise.resolve(stuck as never));
    await assert.rejects(session.close(), /^Error: stuck$/);
  });
  assert.equal(released, 1);
});
