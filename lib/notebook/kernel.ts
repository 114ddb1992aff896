import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { sep } from "node:path";

/** A notebook kernel that the library knows. */
export type Kernel = "deno" | "tslab";

/** A display message's content, as the Jupyter protocol defines it. */
export interface DisplayData {
  /** One representation per MIME type; the front end takes the richest one it can draw. */
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  /** `display_id` names an output, so that a later message can replace it. */
  transient: { display_id?: string };
}

type Broadcast = (type: string, content: unknown) => Promise<void>;
type WriteDisplayData = (content: DisplayData, update: boolean) => void;

/** The kernel that this process is, or nothing in a script or a test. */
export function currentKernel(): Kernel | undefined {
  if (denoBroadcast()) return "deno";
  if (tslabWriter()) return "tslab";
  return undefined;
}

/**
 * Sends an output to the notebook.
 *
 * @param update Whether it replaces the outputs of the same `display_id`.
 */
export async function sendDisplay(content: DisplayData, update = false): Promise<void> {
  const broadcast = denoBroadcast();
  if (broadcast) {
    await broadcast(update ? "update_display_data" : "display_data", content);
  } else {
    tslabWriter()?.(content, update);
  }
}

/**
 * Waits until the outputs sent so far stand under their cell. Deno's kernel reports a cell as
 * finished without waiting for them, and Jupyter then puts them under the next cell or nowhere.
 */
export async function flushOutputs(): Promise<void> {
  if (denoBroadcast()) await pause(25);
}

function denoBroadcast(): Broadcast | undefined {
  const { Deno } = globalThis as { Deno?: unknown };
  try {
    return (Deno as { jupyter?: { broadcast: Broadcast } } | undefined)?.jupyter?.broadcast;
  } catch {
    return undefined; // outside a kernel, reading `Deno.jupyter` throws
  }
}

// In the CommonJS bundle only; Deno's ES modules have no `require`.
declare const require: { cache: Record<string, { exports: unknown } | undefined> } | undefined;

// tslab's public API displays one MIME type at a time; the kernel's own instance of this module
// holds the function that takes them all, bound to the cell that runs.
const tslabModule = ["tslab", "dist", "jupyter.js"].join(sep);

function tslabWriter(): WriteDisplayData | undefined {
  if (process.versions.deno || typeof require === "undefined") return undefined;
  const file = Object.keys(require.cache).find((name) => name.endsWith(sep + tslabModule));
  const module = file && require.cache[file]?.exports as
    | { lastWriteDisplayData: WriteDisplayData | null }
    | undefined;
  return (module && module.lastWriteDisplayData) || undefined;
}
