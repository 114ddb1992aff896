import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { ensureMlflowServer, findMlflowServer, stopMlflowServer } from "../../lib/mlflow/server.ts";
import { withAnswers } from "./answers.ts";

async function withFolder(action: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A program that has a port, and answers OK to everything. */
const withOther = (action: (uri: string, port: number) => Promise<void>): Promise<void> =>
  withAnswers([[200, "OK"]], (uri) => action(uri, Number(new URL(uri).port)));

Deno.test("ensureMlflowServer() refuses a taken port and says what to set", async () => {
  await withFolder((folder) =>
    withOther(async (_, port) => {
      await assert.rejects(
        ensureMlflowServer({ folder, port }),
        new RegExp(`port ${port} .* is taken .*BIRDSONG_MLFLOW_PORT`),
      );
      assert.equal(await stopMlflowServer(folder), false);
    })
  );
});

Deno.test("a folder that no server's files can be written to is named", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    await assert.rejects(
      ensureMlflowServer({ folder: join(file, "mlflow") }),
      ({ name, message }) => {
        assert.equal(name, "BirdsongError");
        assert.match(
          message,
          /^cannot write the files of MLflow to .*ENOTDIR.*See that it is a folder/,
        );
        return true;
      },
    );
  });
});

Deno.test("a server that cannot start is reported with the end of its log", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "mlflow.db"), "this is no database ".repeat(100));
    await assert.rejects(
      ensureMlflowServer({ folder }),
      /ended before it answered.*server\.log:\n[^]*file is not a database/,
    );
    assert.equal(await findMlflowServer(folder), null);
  });
});

Deno.test("a recorded server whose port another program has now is not taken for ours", async () => {
  await withFolder((folder) =>
    withOther(async (uri, port) => {
      const record = {
        pid: process.pid, // alive, and not to be killed
        port,
        uri,
        folder,
        token: "ours",
        startedAt: 0,
        ready: true,
      };
      await Deno.writeTextFile(join(folder, "server.json"), JSON.stringify(record));
      assert.equal(await findMlflowServer(folder), null);
      assert.equal(await stopMlflowServer(folder), false);
    })
  );
});

Deno.test("a server that hangs is named, and no other started beside it", async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket));
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const { port } = silent.address() as AddressInfo;
  const uri = `http://127.0.0.1:${port}`;
  try {
    await withFolder(async (folder) => {
      const { pid } = process;
      const record = { pid, port, uri, folder, token: "ours", startedAt: 0, ready: true };
      await Deno.writeTextFile(join(folder, "server.json"), JSON.stringify(record));
      const message = new RegExp(`${uri} does not answer\\..* look at process ${pid},`);
      await Promise.all([
        assert.rejects(ensureMlflowServer({ folder }), message),
        assert.rejects(stopMlflowServer(folder), message),
      ]);
      assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["server.json"]);
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  }
});

Deno.test("a server elsewhere is used as it is, and named when it is not there", async () => {
  await withFolder(async (folder) => {
    let gone = "";
    await withOther(async (uri) => {
      gone = uri;
      const server = await ensureMlflowServer({ folder, uri: `${uri}/` });
      assert.deepEqual(server, { uri, folder: null, pid: null, started: false });
    });
    await assert.rejects(
      ensureMlflowServer({ folder, uri: gone }),
      /MLFLOW_TRACKING_URI names: the MLflow server at http:\S+ does not answer \(.*of its own\.$/,
    );
    await withAnswers([[401, "who are you?"]], async (uri) => {
      await assert.rejects(
        ensureMlflowServer({ folder, uri }),
        /MLFLOW_TRACKING_URI names: .* answered 401 to GET \/health: who are you\?/,
      );
    });
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("ensureMlflowServer() ends with its signal", async () => {
  await withFolder(async (folder) => {
    // A lock that another live process holds.
    await Deno.writeTextFile(join(folder, "server.lock"), JSON.stringify({ pid: process.pid }));
    const signal = AbortSignal.timeout(50);
    await assert.rejects(ensureMlflowServer({ folder, signal }), { name: "TimeoutError" });
  });
});
