import { main } from "./command/command.ts";
import { setUp } from "./setup/set_up.ts";

// Runs before anything is installed: neither this file nor what it imports may need an npm package.
await main({
  name: "setup",
  summary:
    "Installs what is missing, inside the project's folder: npm packages, a Python environment\n" +
    "with JupyterLab and MLflow, both notebook kernels, and the library built for the tslab kernel.\n" +
    "Silent when there is nothing to do.",
  options: {},
  run: () => setUp(),
});
