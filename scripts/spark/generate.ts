import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";
import { main } from "../command/command.ts";
import { sparkJar } from "./versions.ts";

const target = projectPath("lib/spark/client/generated");

await main({
  name: "generate",
  summary:
    "Makes lib/spark/client/generated anew, from the .proto files in Spark's own jar. Run it with\n" +
    "`deno run -A scripts/spark/generate.ts` for a new version of Spark, after `deno task spark`.",
  options: {},
  run: generate,
});

/** buf.gen.yaml says which messages are wanted, and which of those that they name are left out. */
function generate(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "birdsong-proto-"));
  try {
    const protos = [
      "spark/connect/*.proto",
      "google/rpc/status.proto",
      "google/rpc/error_details.proto",
    ];
    execFileSync("unzip", [
      "-q",
      sparkJar("spark-connect"),
      ...protos,
      "-d",
      join(folder, "proto"),
    ]);
    cpSync(projectPath("scripts/spark/buf.gen.yaml"), join(folder, "buf.gen.yaml"));
    const packages = ["@bufbuild/buf@1.75.0", "@bufbuild/protoc-gen-es@2.17.0"];
    const args = ["-y", ...packages.flatMap((name) => ["-p", name]), "buf", "generate"];
    execFileSync("npx", args, { cwd: folder, stdio: "inherit" });
    rmSync(target, { recursive: true, force: true });
    cpSync(join(folder, "out"), target, { recursive: true });
    return Promise.resolve();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
