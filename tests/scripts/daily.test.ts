import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { jobHistory } from "../../lib/jobs/job_history.ts";
import { Lakehouse } from "../../lib/lakehouse/lakehouse.ts";
import { MlflowClient } from "../../lib/mlflow/client.ts";
import { stopMlflowServer } from "../../lib/mlflow/server.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { tweet, writeTweets } from "../tweets/tiers.ts";
import { withAnswers } from "../mlflow/answers.ts";
import { runScript, type ScriptEnd, startScript } from "./script.ts";

/** Runs a test with a source of three tweets, and the settings that name it and a lake. */
async function withTweets(
  test: (env: Record<string, string>, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const [source, lake, mlflow] = ["tweets", "lake", "mlflow"].map((name) => join(folder, name));
    mkdirSync(source);
    writeTweets(
      source,
      ["@ann I love it", "@bob I hate it", "nothing"].map((text) => tweet({ text })),
    );
    await test({ BIRDSONG_SOURCE: source, BIRDSONG_LAKE: lake, BIRDSONG_MLFLOW: mlflow }, folder);
  });
}

/** The recorded steps of all runs, the newest run first: `pipeline succeeded 3`. */
async function recorded(env: Record<string, string>): Promise<string[]> {
  const lake = await Lakehouse.open(env.BIRDSONG_LAKE, { readOnly: true });
  try {
    const runs = await jobHistory(lake, "daily_job");
    return runs.map(({ step, state, rows }) => [step, state, rows ?? []].flat().join(" "));
  } finally {
    lake.close();
  }
}

/** The end of a command that was started with {@linkcode startScript}. */
async function endOf(child: Deno.ChildProcess): Promise<ScriptEnd> {
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("daily does not take the embedded engine where a Spark cluster is set", async () => {
  await withTweets(async (env) => {
    // Nobody listens on port 1.
    const engine = "sc://127.0.0.1:1";
    const { code, stderr } = await runScript("daily", [], { ...env, BIRDSONG_ENGINE: engine });
    assert.equal(code, 1);
    assert.match(stderr, /no Spark Connect server answers at sc:\/\/127\.0\.0\.1:1 /);
    assert.deepEqual(await recorded(env), []);
  });
});

Deno.test("daily takes new tweets, evaluates them, and writes the dashboard", async () => {
  await withTweets(async (env, folder) => {
    const run = (...args: string[]) => runScript("daily", args, { ...env, INIT_CWD: folder });
    try {
      const first = await run();
      assert.equal(first.code, 0, first.stderr);
      assert.deepEqual(await recorded(env), [
        "pipeline succeeded 3",
        "evaluation succeeded 3",
        "dashboard succeeded 3",
      ]);
      const page = readFileSync(join(env.BIRDSONG_LAKE, "dashboard.html"), "utf8");
      assert.match(page, /<dt>Tweets<\/dt><dd>3<\/dd>/);
      const [, uri, runId] = first.stderr.match(/(http:\S+)\/#\/experiments\/\d+\/runs\/(\w+)/)!;
      const answer = await fetch(`${uri}/api/2.0/mlflow/runs/get?run_id=${runId}`);
      assert.equal((await answer.json()).run.info.status, "FINISHED");

      writeTweets(env.BIRDSONG_SOURCE, [tweet({ text: "@ann again" })], 1, "new");
      // A folder stands where the file is to be.
      mkdirSync(join(folder, "out"));
      const second = await run("--out", "out");
      assert.equal(second.code, 1, second.stderr);
      assert.match(
        second.stderr,
        /daily_job failed in its step "dashboard": cannot write the dashboard to .*[\\/]out: /,
      );
      assert.deepEqual((await recorded(env)).slice(0, 3), [
        "pipeline succeeded 1",
        "evaluation succeeded 4",
        "dashboard failed",
      ]);
      // The model of the registry stays the one it was.
      const model = await new MlflowClient(uri).getRegisteredModel("HF_TWEET_SENTIMENT");
      assert.deepEqual(model?.aliases, { production: 1 });
    } finally {
      await stopMlflowServer(env.BIRDSONG_MLFLOW);
    }
  });
});

Deno.test("daily asks the hub for a model of the hub, where the registry has none", async () => {
  await withTweets(async (env) => {
    const missing: [number, string] = [404, '{"error_code":"RESOURCE_DOES_NOT_EXIST"}'];
    await withAnswers([[200, "OK"], missing], async (uri) => {
      const end = await runScript("daily", [], {
        ...env,
        MLFLOW_TRACKING_URI: uri,
        BIRDSONG_MODEL: "owner/name",
        HF_ENDPOINT: uri,
        HF_HUB_OFFLINE: "",
      });
      assert.equal(end.code, 1);
      assert.match(end.stderr, /cannot load owner\/name from http:\S+: there is no such model/);
    });
  });
});

Deno.test("daily stops at the step that fails, and ends with 1", async () => {
  await withTweets(async (env) => {
    const end = await runScript("daily", ["--source", "missing"], env);
    assert.equal(end.code, 1);
    assert.match(
      end.stderr,
      /daily_job failed in its step "pipeline" \(not run: evaluation, dashboard\): cannot list .*missing/,
    );
    assert.deepEqual(await recorded(env), [
      "pipeline failed",
      "evaluation not run",
      "dashboard not run",
    ]);
  });
});

Deno.test("daily runs once at a time on a lake, and ends when it is asked to", async () => {
  await withTweets(async (env) => {
    // An MLflow server that never answers, so that the job stays in its first step.
    let asked: (request: IncomingMessage) => void = () => {};
    const silent = createServer((request) => asked(request));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const stuckEnv = { ...env, MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}` };
    const startStuck = async () => {
      const waiting = new Promise((resolve) => asked = resolve);
      const child = startScript("daily", [], stuckEnv);
      await waiting;
      return child;
    };
    try {
      for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
        const first = await startStuck();
        const second = await runScript("daily", [], stuckEnv);
        assert.equal(second.code, 3, second.stderr);
        assert.match(
          second.stderr,
          new RegExp(`daily_job runs on .* already: process ${first.pid}`),
        );
        first.kill(signal);
        const end = await endOf(first);
        assert.equal(end.code, code, end.stderr);
        assert.match(end.stderr, new RegExp(`ended by ${signal}; what was committed stays`));
        assert.deepEqual((await recorded(env)).slice(0, 3), [
          "pipeline interrupted",
          "evaluation not run",
          "dashboard not run",
        ]);
      }
      const killed = await startStuck();
      killed.kill("SIGKILL");
      await endOf(killed);
      assert.deepEqual((await recorded(env))[0], "pipeline running");
      const next = await runScript("daily", ["--source", "missing"], env);
      assert.equal(next.code, 1, "not refused");
      assert.deepEqual((await recorded(env)).slice(3, 4), ["pipeline interrupted"]);
    } finally {
      silent.closeAllConnections();
      await new Promise((resolve) => silent.close(resolve));
    }
  });
});

Deno.test("daily --cron says when it runs next, and ends with 0 between two runs", async () => {
  await withTweets(async (env) => {
    const child = startScript("daily", ["--cron", "30 6 * * *"], env);
    let said = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (said.includes("next run:")) child.kill("SIGTERM");
    }
    assert.equal((await child.status).code, 0, said);
    await child.stdout.cancel();
    const next = new Date(said.match(/next run: (.*)/)![1]);
    assert.deepEqual([next.getHours(), next.getMinutes(), next.getSeconds()], [6, 30, 0]);
    const hours = (next.getTime() - Date.now()) / 3_600_000;
    assert.ok(hours > 0 && hours <= 25, `in ${hours} hours`);
  });
});

Deno.test("daily says how it is called, and what its exit codes mean", async () => {
  const help = await runScript("daily", ["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /Exit codes: 0 .* 1 .*\n2 .* 3 .* 130 and 143 /);
  const wrong: [string[], RegExp][] = [
    [["--cron", "0 6 * *"], /--cron "0 6 \* \*" is no cron pattern/],
    [["--cron", "61 6 * * *"], /--cron "61 6 \* \* \*" is no cron pattern/],
    [["--cron", "0 6 30 2 *"], /--cron "0 6 30 2 \*" names a time that never comes/],
    [["--cron", "0 6 * * *", "--once"], /--cron and --once exclude each other/],
    [["--attempts", "0"], /--attempts must be a whole number of at least 1/],
  ];
  for (const [args, message] of wrong) {
    const end = await runScript("daily", args, { BIRDSONG_LAKE: "/nowhere" });
    assert.equal(end.code, 2, `${args.join(" ")}: ${end.stderr}`);
    assert.match(end.stderr, message);
  }
});
