import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import {
  type DownloadedModel,
  downloadModel,
  type DownloadModelOptions,
} from "../../lib/hub/download_model.ts";
import { BirdsongError } from "../../lib/errors.ts";
import type { HubModel } from "../../lib/hub/model_info.ts";
import { unlessAborted } from "../../lib/unless_aborted.ts";
import { fill, SmallDisk } from "../fault/small_disk.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { modelName, type TestHub, withHub } from "./with_hub.ts";

const weights = "onnx/model.onnx";
const large = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7919) >> 3);
const files = () => ({
  "config.json": '{"é": 1}',
  [weights]: large,
  "model.safetensors": "unused",
});

/** Runs a test with a hub and a function that downloads its model's two useful files. */
async function withDownload(
  test: (
    hub: TestHub,
    download: (options?: { revision?: string; offline?: boolean }) => Promise<DownloadedModel>,
    messages: string[],
  ) => Promise<void>,
): Promise<void> {
  await withFolder((cacheFolder) =>
    withHub(files(), async (server) => {
      const messages: string[] = [];
      await test(server, ({ revision = "main", offline = false } = {}) =>
        downloadModel({
          hub: { ...server.hub, offline },
          name: modelName,
          revision,
          choose: ({ files }: HubModel) => files.filter(({ path }) => /json|onnx/.test(path)),
          cacheFolder,
          onProgress: (message) => messages.push(message),
        }), messages);
    })
  );
}

function assertComplete({ folder }: DownloadedModel): void {
  assert.equal(readFileSync(join(folder, "config.json"), "utf8"), '{"é": 1}');
  assert.ok(readFileSync(join(folder, weights)).equals(large));
  assert.ok(!existsSync(join(folder, `${weights}.part`)));
}

const paths = ({ requests }: TestHub) => requests.map(({ path }) => path.split("/").at(-1));

Deno.test("a model is downloaded once, the chosen files only, and kept by its commit", async () => {
  await withDownload(async (server, download, messages) => {
    const model = await download();
    assertComplete(model);
    assert.equal(model.commit, server.commit);
    assert.ok(!existsSync(join(model.folder, "model.safetensors")));
    assert.match(messages.join(), /Downloading onnx\/model\.onnx of owner\/tiny-model \(0\.2 MB\)/);

    server.requests.length = 0;
    assert.deepEqual(await download(), model);
    assert.deepEqual(paths(server), ["main"], "only asked whether there is a newer commit");
    await download({ revision: model.commit });
    server.requests.length = 0;
    await download({ revision: model.commit });
    assert.deepEqual(paths(server), [], "a commit never changes");
    assert.equal((await download({ revision: "a/branch" })).commit, model.commit);
  });
});

Deno.test("a new commit is downloaded beside the old one", async () => {
  await withDownload(async (server, download) => {
    const old = await download();
    server.files["config.json"] = "{}";
    const next = await download();
    assert.notEqual(next.folder, old.folder);
    assert.equal(readFileSync(join(next.folder, "config.json"), "utf8"), "{}");
    assertComplete(old);
  });
});

Deno.test("a connection that breaks is gone on with where it broke off", async () => {
  await withDownload(async (server, download) => {
    server.faults["store"] = [{ cutAfter: 50_000 }, { cutAfter: 60_000 }];
    assertComplete(await download());
    const starts = server.requests.filter(({ host }) => host === "store")
      .map(({ range }) => Number(range!.match(/\d+/)![0]));
    assert.equal(starts[0], 0);
    assert.ok(starts[1] > 0 && starts[2] > starts[1], `began at ${starts}`);
  });
});

Deno.test("what an earlier process left half done is gone on with", async () => {
  await withDownload(async (server, download) => {
    const { folder } = await download();
    Deno.removeSync(join(folder, weights));
    writeFileSync(join(folder, `${weights}.part`), large.subarray(0, 150_000));
    server.requests.length = 0;
    assertComplete(await download());
    assert.deepEqual(
      server.requests.filter(({ host }) => host === "store").map(({ range }) => range),
      [
        "bytes=150000-",
      ],
    );
  });
});

Deno.test("a half download that is none of the file is thrown away, and the file fetched anew", async () => {
  await withDownload(async (_server, download) => {
    const { folder } = await download();
    for (
      const left of [
        large.slice().fill(1, 0, 9),
        large.slice(0, 9).fill(1),
        new Uint8Array(300_000),
      ]
    ) {
      Deno.removeSync(join(folder, weights));
      writeFileSync(join(folder, `${weights}.part`), left);
      assertComplete(await download());
    }
  });
});

Deno.test("a hub that sends the whole file where its rest was asked for is understood", async () => {
  await withDownload(async (server, download) => {
    const { folder } = await download();
    Deno.removeSync(join(folder, weights));
    writeFileSync(join(folder, `${weights}.part`), large.subarray(0, 150_000));
    server.faults["store"] = [{ content: large }];
    server.requests.length = 0;
    assertComplete(await download());
    assert.equal(server.requests.filter(({ host }) => host === "store").length, 1);
  });
});

Deno.test("an empty file is made, and nothing fetched for it", async () => {
  await withDownload(async (server, download) => {
    server.files["empty.json"] = "";
    const { folder } = await download();
    assert.equal(readFileSync(join(folder, "empty.json"), "utf8"), "");
    assert.ok(!existsSync(join(folder, "empty.json.part")));
    assert.ok(!paths(server).includes("empty.json"));
  });
});

Deno.test({
  name: "a full disk is told at once, with what to do, and with room the download goes on",
  ignore: !SmallDisk.isPossible,
  async fn() {
    const disk = new SmallDisk(1);
    const cacheFolder = join(disk.folder, "hub");
    const ballast = join(disk.folder, "ballast");
    const full = async (options: DownloadModelOptions) => {
      await assert.rejects(downloadModel(options), (error: Error) => {
        assert.ok(error instanceof BirdsongError && !error.retriable);
        assert.ok(error.message.includes(` to ${cacheFolder}`));
        assert.match(error.message, /^cannot write .*[Nn]o space left.*Make room on its disk/);
        return true;
      });
    };
    try {
      await withHub(files(), async ({ hub, requests }) => {
        const choose = ({ files }: HubModel) => files.filter(({ path }) => path === weights);
        const options = { hub, name: modelName, revision: "main", choose, cacheFolder };
        fill(ballast, 0);
        await full(options);
        Deno.removeSync(ballast);
        fill(ballast, 100_000); // half of the weights
        await full(options);
        assert.equal(requests.filter(({ host }) => host === "store").length, 1);
        Deno.removeSync(ballast);
        const { folder } = await downloadModel(options);
        assert.ok(readFileSync(join(folder, weights)).equals(large));
        const [, again] = requests.filter(({ host }) => host === "store");
        assert.ok(Number(again.range!.match(/\d+/)![0]) > 0, again.range);
      });
    } finally {
      disk.remove();
    }
  },
});

Deno.test("a cache that cannot be written to is named", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    await withHub(files(), async ({ hub }) => {
      const options = { hub, name: modelName, revision: "main", choose: () => [] };
      await assert.rejects(
        downloadModel({ ...options, cacheFolder: join(file, "hub") }),
        { name: "BirdsongError", message: /^cannot write .*ENOTDIR: .*that can be written to/ },
      );
    });
  });
});

Deno.test("a hub that is busy is asked again after the time it names", async () => {
  await withDownload(async (server, download) => {
    server.faults["/api/models"] = [{ status: 429, headers: { "retry-after": "0" } }];
    server.faults["config.json"] = [{ status: 503, headers: { "retry-after": "0" } }, {
      status: 500,
    }];
    assertComplete(await download());
    assert.equal(paths(server).filter((path) => path === "config.json").length, 3);
  });
});

Deno.test("a hub that asks for more than a minute is not waited for", async () => {
  await withDownload(async (server, download) => {
    server.faults["/api/models"] = [{ status: 429, headers: { "retry-after": "3600" } }];
    await assert.rejects(download(), (error) => {
      assert.ok(error instanceof BirdsongError && error.retriable);
      assert.match(
        error.message,
        /owner\/tiny-model from http.*: it answered 429\. Try again later/,
      );
      return true;
    });
    assert.equal(server.requests.length, 1);
  });
});

Deno.test("wrong content is fetched once more, then refused; nothing of it stays", async () => {
  await withDownload(async (server, download) => {
    const wrong = { content: "x".repeat(large.length) };
    server.faults["store"] = [wrong];
    const { folder } = await download();
    Deno.removeSync(join(folder, weights));
    server.faults["store"] = [wrong, wrong];
    await assert.rejects(download(), /onnx\/model\.onnx of owner\/tiny-model .*its hash differs/);
    assert.ok(!existsSync(join(folder, weights)) && !existsSync(join(folder, `${weights}.part`)));
    server.faults["config.json"] = [{ content: '{"é": 2}' }, { content: '{"é": 2}' }];
    Deno.removeSync(join(folder, "config.json"));
    await assert.rejects(download(), /config\.json .*its hash differs/);
  });
});

Deno.test("a damaged file of the cache is fetched again", async () => {
  await withDownload(async (_server, download) => {
    const { folder } = await download();
    writeFileSync(join(folder, weights), large.slice().fill(0, 100, 101));
    assertComplete(await download());
  });
});

Deno.test("a model that is private, gated or not there is refused with what to do", async () => {
  await withDownload(async (server, download) => {
    const refused: [number, Record<string, string>, RegExp][] = [
      [401, { "x-error-message": "Invalid username" }, /private.*"Invalid username".*set HF_TOKEN/],
      [403, { "x-error-code": "GatedRepo" }, /access has to be granted.*model's page.*HF_TOKEN/],
      [404, { "x-error-code": "RepoNotFound" }, /no such model, revision or file.*check the name/],
    ];
    for (const [status, headers, message] of refused) {
      server.faults["/api/models"] = [{ status, headers }];
      await assert.rejects(download(), message);
    }
    await assert.rejects(download({ revision: "v9" }), /owner\/tiny-model@v9 .*no such model, rev/);
    assert.equal(server.requests.length, 4, "a refusal is not asked for again");
  });
});

Deno.test("the token goes to the hub, and not to the store that it redirects to", async () => {
  await withDownload(async (server, download) => {
    server.token = "hf_secret";
    await assert.rejects(download(), /set HF_TOKEN/);
    server.hub.token = "hf_secret";
    server.requests.length = 0;
    assertComplete(await download());
    for (const { host, authorization } of server.requests) {
      assert.equal(authorization, host === "hub" ? "Bearer hf_secret" : undefined);
    }
  });
});

Deno.test("without a hub the cache serves, and says so; without both the reason is given", async () => {
  await withDownload(async (server, download, messages) => {
    await assert.rejects(download({ offline: true }), /never downloaded.*Unset HF_HUB_OFFLINE/);
    const model = await download();
    await server.stop();
    assertComplete(await download({ offline: true }));
    assert.deepEqual(await download(), model);
    assert.match(messages.at(-1)!, /Using owner\/tiny-model as it was when it was last downloaded/);
    Deno.removeSync(join(model.folder, weights));
    await assert.rejects(download({ offline: true }), /onnx\/model\.onnx is not there/);
  });
});

Deno.test("two downloads at once share the work", async () => {
  await withDownload(async (server, download) => {
    const [first, second] = await Promise.all([download(), download()]);
    assert.deepEqual(first, second);
    assertComplete(first);
    assert.equal(server.requests.filter(({ host }) => host === "store").length, 1);
  });
});

Deno.test("a hub that refuses is told, also where the cache has the model", async () => {
  await withDownload(async (server, download) => {
    await download();
    server.faults["/api/models"] = [{ status: 401 }];
    await assert.rejects(download(), /it is private, or there is no such model/);
  });
});

Deno.test("a model that is there whole does not wait for the download of another of its files", async () => {
  await withDownload(async (_server, download) => {
    const model = await download();
    // As a process that is alive holds it.
    writeFileSync(join(model.folder, ".lock"), JSON.stringify({ pid: process.pid }));
    const late = AbortSignal.timeout(5_000);
    assert.deepEqual(await unlessAborted(download(), late), model);
    assert.deepEqual(await unlessAborted(download({ offline: true }), late), model);
  });
});

Deno.test("an address that is no hub is named", async () => {
  await withDownload(async (server, download) => {
    for (const content of ["<html>welcome</html>", "null", '{"sha": "..", "siblings": []}']) {
      server.faults["/api/models"] = [{ content }];
      await assert.rejects(
        download(),
        /does not speak the protocol of the Hugging Face hub.*HF_END/,
      );
    }
  });
});
