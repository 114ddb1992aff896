import { writeFileSync } from "node:fs";
import { projectPath } from "../../lib/paths.ts";
import { installError } from "./install_error.ts";
import { run } from "./run.ts";
import { digestOf, isStamped } from "./stamp.ts";
import type { Step } from "./step.ts";
import { findNode } from "./versions.ts";

// `npm ci` begins by deleting node_modules, and with it the stamp.
const stampFile = projectPath("node_modules/.birdsong-stamp");
const stamp = (): string => digestOf(["package-lock.json", ".npmrc"].map(projectPath));

/** The npm packages of package-lock.json, in node_modules/. */
export const npmPackages: Step = {
  label: "Installing npm packages",
  isDone: () => isStamped(stampFile, stamp()),
  async run() {
    await findNode();
    const ended = await run("npm", [
      "ci",
      "--include=dev", // NODE_ENV=production would leave out the compiler that builds the library
      "--prefer-offline", // the lock names exact versions: what npm has downloaded before will do
      "--no-progress",
      "--fetch-retry-mintimeout=1000", // without a network, fail in seconds, not after a minute
      "--fetch-retry-maxtimeout=5000",
    ]);
    if (ended.code !== 0) throw installError("npm", ended);
    writeFileSync(stampFile, stamp());
  },
};
