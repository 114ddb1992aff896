import assert from "node:assert/strict";
import type { SparkSession } from "../../lib/spark/spark_session.ts";
import { measureStages } from "../../lib/spark/stage_metrics.ts";

const tag = (session: string) =>
  `SparkConnect_OperationTag_User_ann_Session_${session}_Operation_1`;

function stage(stageId: number, status: string) {
  return {
    stageId,
    status,
    numTasks: 8,
    executorRunTime: 4500,
    shuffleReadBytes: 800,
    shuffleWriteBytes: 60,
    diskBytesSpilled: 7,
    taskMetricsDistributions: {
      executorRunTime: [500, 2000],
      shuffleReadMetrics: { readRecords: [10, 90] },
    },
  };
}

Deno.test("a query's stages are those of its own jobs, with the median and the largest task", async () => {
  const job = { status: "SUCCEEDED", jobTags: [tag("mine")] };
  let jobs: object[] = [{ ...job, jobId: 1, stageIds: [1] }];
  let looks = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const { pathname } = new URL(url);
    const root = "/api/v1/applications/app-1";
    if (pathname === `${root}/jobs`) {
      // The page learns of the end a moment later.
      if (++looks === 3) jobs = jobs.map((entry) => ({ ...entry, status: "SUCCEEDED" }));
      return Response.json(jobs);
    }
    if (pathname === `${root}/stages/7`) return Response.json([stage(7, "COMPLETE")]);
    if (pathname === `${root}/stages/6`) return Response.json([stage(6, "SKIPPED")]);
    return new Response("not of this query", { status: 404 });
  });
  const session = {
    host: "127.0.0.1",
    client: {
      sessionId: "mine",
      getConfig: (key: string) =>
        Promise.resolve(
          {
            "spark.app.id": "app-1",
            "spark.ui.port": `${(server.addr as Deno.NetAddr).port}`,
          }[key],
        ),
    },
    sql: () => {
      jobs = [
        ...jobs,
        { ...job, jobId: 2, stageIds: [7, 6], status: "RUNNING" },
        { ...job, jobId: 3, stageIds: [8], description: "Delta: Compute snapshot" },
        { ...job, jobId: 4, stageIds: [9], jobTags: [tag("other")] },
      ];
      return Promise.resolve([]);
    },
  } as unknown as SparkSession;
  const { stages } = await measureStages(session, "SELECT 1", { ui: null });
  assert.deepEqual(stages, [{
    stage: 7,
    tasks: 8,
    seconds: 4.5,
    shuffleReadBytes: 800,
    shuffleWriteBytes: 60,
    spilledBytes: 7,
    medianRows: 10,
    mostRows: 90,
    medianSeconds: 0.5,
    longestSeconds: 2,
  }]);
  await server.shutdown();
  await assert.rejects(
    measureStages(session, "SELECT 1", { ui: null }),
    /Spark's page does not answer at http:.*BIRDSONG_SPARK_UI/,
  );
});
