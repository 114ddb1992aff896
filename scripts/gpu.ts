import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { messageOf } from "../lib/errors.ts";
import { projectPath } from "../lib/paths.ts";
import { findModel } from "../lib/sentiment/find_model.ts";
import { openScorer } from "../lib/sentiment/open_scorer.ts";
import { type Provider, providers } from "../lib/sentiment/providers.ts";
import { parameters, type Settings } from "../lib/settings.ts";
import { main } from "./command/command.ts";
import { driverVersion, installCuda, leastDriver, missingLibraries } from "./gpu/cuda.ts";
import { findOnnxRuntime } from "./gpu/onnxruntime.ts";
import { modelArgument, modelOption } from "./command/model_argument.ts";
import { formatTable } from "./command/table.ts";

/** What was looked at, and what was found. */
type Finding = [what: string, found: string];

await main({
  name: "gpu",
  summary:
    "Sees to it that models run on this machine's GPU: fetches what CUDA needs where there is an\n" +
    "NVIDIA driver, tries every GPU provider, and says what is missing.",
  options: {
    model: modelOption,
    download: { help: "fetch CUDA's libraries (2 GB) also where there is no driver, for an image" },
  },
  async run({ options, switches }) {
    const defaults = parameters();
    const model = options.model ? modelArgument(options.model) : defaults.model;
    const findings = await prepareCuda(switches.has("download"));
    const usable: Provider[] = [];
    for (const provider of ["cuda", "webgpu"] as const) {
      const reason = await problemWith(provider, { ...defaults, model, provider }, findings);
      findings.push([provider, reason ?? "works"]);
      if (reason === undefined) usable.push(provider);
    }
    console.log(formatTable(["", "found"], findings));
    console.log(
      usable.length > 0
        ? `\n"auto" uses ${usable[0]} from now on.`
        : "\nNo GPU can be used: models run on the CPU.",
    );
    return usable.length > 0 ? 0 : 1;
  },
});

/** Brings CUDA's libraries to where they can be used. */
async function prepareCuda(download: boolean): Promise<Finding[]> {
  const system = `${process.platform} ${process.arch}`;
  const runtime = findOnnxRuntime();
  if (system !== "linux x64" || runtime === undefined) {
    return [["system", `${system}: ONNX Runtime's npm package has CUDA for linux x64 only`]];
  }
  const driver = driverVersion();
  const findings: Finding[] = [["NVIDIA driver", describeDriver(driver)]];
  let missing = await missingLibraries(runtime);
  if (missing.length > 0 && (driver !== undefined || download)) {
    console.error("gpu: fetching CUDA's libraries (2 GB) ...");
    await installCuda(runtime, projectPath("output/cuda"));
    missing = await missingLibraries(runtime);
  }
  findings.push([
    "CUDA libraries",
    missing.length > 0 ? `missing: ${missing.join(", ")}` : "there",
  ]);
  return findings;
}

function describeDriver(version: string | undefined): string {
  if (version === undefined) return "none: no NVIDIA GPU, or its driver is not installed";
  return parseInt(version) < leastDriver
    ? `${version}, but CUDA 13 needs ${leastDriver} or newer`
    : version;
}

/** Tries the model on a provider; returns why it cannot be used. */
async function problemWith(
  provider: Provider,
  settings: Settings,
  findings: Finding[],
): Promise<string | undefined> {
  try {
    const { folder } = await findModel(settings, (line) => console.error(`gpu: ${line}`));
    const { modelFiles } = providers[provider];
    const file = modelFiles.find((file) => existsSync(join(folder, file)));
    findings.push([
      `model file for ${provider}`,
      file ?? `none in ${folder}: an int8 file is for the CPU; it takes ${modelFiles.join(" or ")}`,
    ]);
    if (file === undefined) return "no model file for it";
    const scorer = await openScorer({ model: folder, provider });
    await scorer.score(["what a lovely day"]);
    await scorer.close();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
