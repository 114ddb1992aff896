import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectEnvironment, sitePackages } from "../python_environment.ts";

/** A font to measure and draw text with. */
export interface Font {
  family: string;
  /** The file to load it from; without one, the system has it. */
  file?: string;
}

/** Families of plain Latin text, one of which nearly every machine has. */
const usual = [
  "DejaVu Sans",
  "Arial",
  "Helvetica Neue",
  "Helvetica",
  "Segoe UI",
  "Liberation Sans",
  "Noto Sans",
  "Open Sans",
  "Ubuntu",
  "Roboto",
];

/**
 * The font for static images: one of the system's, else (in a bare container) the DejaVu Sans that
 * comes with MLflow's plotting library. Undefined if there is neither.
 */
export function imageFont(): Promise<Font | undefined> {
  // Asked once: a file that is registered later would look like a font of the system.
  font ??= findFont();
  return font;
}

let font: Promise<Font | undefined> | undefined;

async function findFont(): Promise<Font | undefined> {
  const { GlobalFonts } = await import("@napi-rs/canvas");
  const families = GlobalFonts.families.map(({ family }) => family);
  const family = usual.find((name) => families.includes(name)) ?? families[0];
  if (family !== undefined) return { family };
  const file = installedFont(projectEnvironment);
  return file === undefined ? undefined : { family: "DejaVu Sans", file };
}

/** The font file in a Python environment that holds matplotlib; undefined in any other. */
export function installedFont(environment: string): string | undefined {
  return sitePackages(environment)
    .map((folder) => join(folder, "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf"))
    .find(existsSync);
}
