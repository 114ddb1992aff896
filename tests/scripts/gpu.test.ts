import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { projectPath } from "../../lib/paths.ts";
import { driverVersion, missingLibraries } from "../../scripts/gpu/cuda.ts";
import { findOnnxRuntime } from "../../scripts/gpu/onnxruntime.ts";
import { withFolder } from "../lakehouse/with_lake.ts";
import { runScript } from "./script.ts";

const provider = "libonnxruntime_providers_cuda.so";
const shared = "libonnxruntime_providers_shared.so";
const linux = `${process.platform} ${process.arch}` === "linux x64";

Deno.test("the driver's version is read from what it says of itself", async () => {
  await withFolder((folder) => {
    const file = join(folder, "version");
    writeFileSync(
      file,
      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul 27\nGCC version: 12\n",
    );
    assert.equal(driverVersion(file), "580.65.06");
    writeFileSync(
      file,
      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  575.57  Release Build\n",
    );
    assert.equal(driverVersion(file), "575.57");
    assert.equal(driverVersion(join(folder, "none")), undefined);
    return Promise.resolve();
  });
});

Deno.test({
  name: "what the CUDA provider lacks is named: its own files, or libraries that it needs",
  ignore: !linux,
  async fn() {
    const { version, folder: installed } = findOnnxRuntime()!;
    assert.match(version, /^\d+\.\d+\.\d+$/);
    await withFolder(async (folder) => {
      const runtime = { version, folder };
      assert.deepEqual(await missingLibraries(runtime), [provider, shared]);
      // Any libraries will do: one that needs another one beside it, and that one.
      copyFileSync(join(installed, "onnxruntime_binding.node"), join(folder, provider));
      assert.deepEqual(await missingLibraries(runtime), [shared]);
      writeFileSync(join(folder, shared), "");
      assert.deepEqual(await missingLibraries(runtime), ["libonnxruntime.so.1"]);
      copyFileSync(join(installed, "libonnxruntime.so.1"), join(folder, "libonnxruntime.so.1"));
      assert.deepEqual(await missingLibraries(runtime), []);
    });
  },
});

Deno.test({
  name: "gpu says what is missing for each provider, and that models run on the CPU",
  ignore: driverVersion() !== undefined,
  async fn() {
    const gpu = async (model: string) => await runScript("gpu", ["--model", projectPath(model)]);
    const none = await gpu("tests/sentiment/fixtures/models/bert_dynamic_int8");
    assert.match(none.stdout, /^model file for cuda +none in .*an int8 file is for the CPU/m);
    assert.equal(none.code, 1);
    const { code, stdout } = await gpu("tests/sentiment/fixtures/models/bert");
    if (linux) assert.match(stdout, /^NVIDIA driver +none: no NVIDIA GPU, or its driver/m);
    assert.match(
      stdout,
      /^cuda +execution provider cuda cannot be used: .*It needs an NVIDIA GPU/m,
    );
    // There may be a GPU of another make.
    assert.equal(code, /^webgpu +works$/m.test(stdout) ? 0 : 1);
    if (code === 1) assert.match(stdout, /No GPU can be used: models run on the CPU\.$/m);
  },
});
