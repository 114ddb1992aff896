import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { projectPath } from "./paths.ts";

/** Folder of the project's own Python environment, with Jupyter and MLflow; set-up makes it. */
export const projectEnvironment: string = projectPath(".venv");

/** Where a virtual environment of Python has a program such as `python`, or would have it. */
export function environmentProgram(environment: string, name: string): string {
  return process.platform === "win32"
    ? join(environment, "Scripts", `${name}.exe`)
    : join(environment, "bin", name);
}

/** The folders in which a virtual environment may have its packages, which differ by system. */
export function sitePackages(environment: string): string[] {
  const lib = join(environment, "lib");
  const pythons = existsSync(lib) ? readdirSync(lib).map((name) => join(lib, name)) : [];
  return [...pythons, join(environment, "Lib")].map((folder) => join(folder, "site-packages"));
}
