import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync } from "node:fs";
import { statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";

/** A disk of its own: a tmpfs, which only root on Linux can mount, and not in every container. */
export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), "birdsong-disk-"));

  constructor(megabytes: number) {
    mount(["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", this.folder]);
  }

  setReadOnly(readOnly: boolean): void {
    mount(["-o", `remount,${readOnly ? "ro" : "rw"}`, this.folder]);
  }

  /** Makes one folder on it read-only; returns the function that ends that. */
  protect(folder: string): () => void {
    mount(["--bind", folder, folder]);
    mount(["-o", "remount,bind,ro", folder]);
    return () => umount(folder);
  }

  /** Takes the disk away with all that is on it. */
  remove(): void {
    umount(this.folder);
    rmdirSync(this.folder);
  }

  /** Whether this process may mount one. */
  static get isPossible(): boolean {
    if (process.platform !== "linux") return false;
    try {
      const disk = new SmallDisk(1);
      mkdirSync(join(disk.folder, "x"));
      disk.remove();
      return true;
    } catch {
      return false;
    }
  }
}

/** Makes a file that fills its disk up, but for `free` bytes. */
export function fill(ballast: string, free: number): void {
  const file = openSync(ballast, "w");
  const { bavail, bsize } = statfsSync(dirname(ballast));
  const block = new Uint8Array(65_536);
  try {
    for (let left = bavail * bsize - free; left > 0; left -= block.length) {
      writeSync(file, block, 0, Math.min(left, block.length));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    closeSync(file);
  }
}

function umount(folder: string): void {
  // Lazily: where a test fails, files may still be open.
  execFileSync("umount", ["--recursive", "--lazy", folder]);
}

function mount(args: string[]): void {
  execFileSync("mount", args, { stdio: ["ignore", "ignore", "pipe"] });
}
