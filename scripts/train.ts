import { existsSync, rmSync, writeFileSync } from "node:fs";
import { BirdsongError } from "../lib/errors.ts";
import { projectPath } from "../lib/paths.ts";
import { environmentProgram } from "../lib/python_environment.ts";
import { runChild } from "./command/child.ts";
import { main, pathArgument } from "./command/command.ts";
import { digestOf, isStamped } from "./setup/stamp.ts";
import { findPython } from "./setup/versions.ts";

await main({
  name: "train",
  summary:
    "Makes a model folder from labelled tweets, as data/model was made: fine-tunes bge-small-en\n" +
    "(which Maven's mvn downloads) and eight of its layers, quantizes and calibrates the result, and\n" +
    "writes the model card. Files of tweets have a line a tweet:\n" +
    "id, negative|neutral|positive and text, separated by tabs. Installs PyTorch (6 GB) into\n" +
    "output/train-venv the first time. Takes an hour of one core for 50,000 tweets.",
  options: {
    train: { value: "TSV", help: "tweets to learn from", required: true },
    dev: { value: "TSV", help: "other tweets, to evaluate and calibrate with", required: true },
    out: {
      value: "DIR",
      help: "model folder to write; weights.pt in it are taken instead of training",
      required: true,
    },
    folds: { value: "DIR", help: "what folds.py has left: calibrate with it, too" },
    seed: { value: "S", help: "of everything that is left to chance (default: 0)" },
    float: { help: "also write model.onnx and model_fp16.onnx, for GPUs" },
  },
  async run({ options, switches }) {
    const files = ["train", "dev", "out", "folds"].flatMap((name) =>
      options[name] === undefined ? [] : [`--${name}`, pathArgument(options[name])]
    );
    const seed = options.seed === undefined ? [] : ["--seed", options.seed];
    return await runChild(await pythonWithTorch(), [
      projectPath("scripts/train/train.py"),
      "--base",
      projectPath("output/train-base"),
      ...files,
      ...seed,
      ...[...switches].map((name) => `--${name}`),
    ]);
  },
});

/** The Python of the virtual environment for training, made if it is missing or out of date. */
async function pythonWithTorch(): Promise<string> {
  const folder = projectPath("output/train-venv");
  const requirements = projectPath("scripts/train/requirements.txt");
  const stampFile = projectPath("output/train-venv/.birdsong-stamp");
  const stamp = `${folder}\n${digestOf([requirements])}`;
  const python = environmentProgram(folder, "python");
  if (isStamped(stampFile, stamp) && existsSync(python)) return python;
  rmSync(folder, { recursive: true, force: true });
  const steps = [
    [await findPython(), "-m", "venv", folder],
    [python, "-m", "pip", "install", "-r", requirements],
  ];
  for (const [program, ...args] of steps) {
    const code = await runChild(program, args);
    if (code !== 0) throw new BirdsongError(`${[program, ...args].join(" ")} failed`);
  }
  writeFileSync(stampFile, stamp);
  return python;
}
