import { createServer } from "node:net";
import { BirdsongError } from "../lib/errors.ts";
import { projectPath, projectRoot } from "../lib/paths.ts";
import { runChild, wasInterrupted } from "./command/child.ts";
import { type Command, main, portArgument } from "./command/command.ts";
import { jupyterEnvironment, projectPython } from "./notebooks/python.ts";

const command: Command = {
  name: "lab",
  summary: "Opens JupyterLab on the notebooks, with both kernels. Ctrl-C ends it and its kernels.",
  options: {
    port: { value: "N", help: "port on 127.0.0.1 (default 8888, or the next one that is free)" },
    "no-browser": { help: "only print the address" },
  },
  async run({ options, switches }) {
    const args = [...settings];
    if (options.port !== undefined) {
      const port = portArgument(options.port);
      await checkPort(port);
      args.push(`--ServerApp.port=${port}`, "--ServerApp.port_retries=0");
    }
    if (switches.has("no-browser")) args.push("--ServerApp.open_browser=False");
    const code = await runChild(projectPython(), ["-m", "jupyterlab", ...args], {
      cwd: projectRoot,
      env: jupyterEnvironment,
    });
    return wasInterrupted(code) ? 0 : code;
  },
};

/** Settings of JupyterLab; a person's own configuration files hold for everything else. */
const settings: string[] = [
  "--ServerApp.ip=127.0.0.1",
  // The notebooks link to the library's files.
  `--ServerApp.root_dir=${projectRoot}`,
  "--LabApp.default_url=/lab/tree/notebooks/00_run_me_first.ipynb",
  // In a container people often are root.
  "--ServerApp.allow_root=True",
  // The project's own two kernels, and Deno's where a notebook names none.
  "--MultiKernelManager.default_kernel_name=deno",
  "--KernelSpecManager.ensure_native_kernel=False",
  "--KernelSpecManager.allowed_kernelspecs=deno",
  "--KernelSpecManager.allowed_kernelspecs=tslab",
  // Nothing is fetched from the network: no news, no search for updates, no extension catalogue.
  "--LabApp.news_url=None",
  "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
  "--LabApp.extension_manager=readonly",
  // JupyterLab's settings where a person has chosen none: it does not ask whether to fetch news.
  `--LabApp.app_settings_dir=${projectPath("scripts/lab")}`,
];

/** @throws {BirdsongError} if something listens on the port already. */
async function checkPort(port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.on("error", reject);
      probe.listen(port, "127.0.0.1", resolve);
    });
  } catch (error) {
    throw new BirdsongError(
      `Port ${port} cannot be used (${(error as NodeJS.ErrnoException).code}): another program, ` +
        "perhaps an earlier JupyterLab, has it. Choose another --port, or leave --port out.",
      { cause: error, context: { port } },
    );
  } finally {
    probe.close();
  }
}

if (import.meta.main) await main(command);
