import { parameters } from "../../lib/settings.ts";
import { pathArgument } from "./command.ts";

/**
 * The folder of the lake that a command reads: the one given on the command line, or the settings'.
 * Where the settings name a Spark cluster, it says that the tables there are others.
 */
export function lakeArgument(command: string, lake: string | undefined): string {
  if (lake) return pathArgument(lake);
  const settings = parameters();
  if (settings.engine !== "embedded") {
    console.error(
      `${command}: this is the lake of this machine (${settings.lake}); the tables on ` +
        `${settings.engine} (BIRDSONG_ENGINE) are not in it`,
    );
  }
  return settings.lake;
}
