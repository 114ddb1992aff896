import { existsSync } from "node:fs";
import process from "node:process";
import { runChild } from "../command/child.ts";

/** Programs that tests run beside the project's own, with the Debian package that brings each. */
const programs: { name: string; package: string; paths: string[] }[] = [
  {
    name: "Chromium, for tests in the browser",
    package: "chromium",
    paths: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  },
  {
    name: "PostgreSQL, for tests of a lake's catalog",
    package: "postgresql",
    paths: ["/usr/lib/postgresql", "/usr/local/bin/initdb", "/usr/bin/initdb"],
  },
];

/**
 * Installs the Debian packages that tests need and this machine lacks. Where that cannot be done
 * (not Debian, or not root), it says what is missing: the tests that need it count as skipped.
 */
export async function installTestPrograms(): Promise<void> {
  const missing = programs.filter(({ paths }) => !paths.some((path) => existsSync(path)));
  if (process.platform !== "linux" || missing.length === 0) return;
  const packages = missing.map((program) => program.package);
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log(`Installing ${packages.join(", ")} ...`);
    const options = { env: { DEBIAN_FRONTEND: "noninteractive" } };
    // The lists may be older than the packages that the mirror still has.
    await runChild("apt-get", ["update", "-q"], options);
    const install = ["install", "-q", "-y", "--no-install-recommends", ...packages];
    if (await runChild("apt-get", install, options) === 0) return;
  }
  for (const program of missing) {
    console.log(
      `not installed: ${program.name}; those tests are skipped ` +
        `(sudo apt-get install ${program.package})`,
    );
  }
}
