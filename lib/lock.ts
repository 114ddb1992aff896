import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import process from "node:process";
import { isAlive } from "./is_alive.ts";

/** How to wait for a lock file. */
export interface FileLockOptions {
  /** A lock older than this, in milliseconds, counts as left behind, whoever made it. */
  staleAfter: number;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

/** What takes a moment, such as writing a small file, is over after this, in milliseconds. */
const longestMoment = 5_000;

/**
 * Runs `action` while holding a lock file, so that of all processes of this machine that ask for
 * it one at a time goes on. The lock of a process that died is taken over.
 */
export async function withFileLock<T>(
  path: string,
  options: FileLockOptions,
  action: () => Promise<T>,
): Promise<T> {
  const mark = JSON.stringify({ pid: process.pid, id: randomUUID() });
  while (!await create(path, mark)) {
    options.signal?.throwIfAborted();
    const content = await readOrNull(path);
    if (content !== null && await isStale(path, content, options.staleAfter)) {
      await removeStale(path, content);
    }
    await delay(50);
  }
  try {
    return await action();
  } finally {
    if (await readOrNull(path) === mark) await rm(path, { force: true });
  }
}

async function create(path: string, mark: string): Promise<boolean> {
  try {
    await writeFile(path, mark, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function isStale(path: string, content: string, staleAfter: number): Promise<boolean> {
  const age = await ageOf(path);
  if (age > staleAfter) return true;
  try {
    return !isAlive(Number(JSON.parse(content).pid));
  } catch {
    return age > longestMoment; // empty: it is being written, or its process died doing so
  }
}

/**
 * Removes the lock with this content. Of several processes that found it, one at a time may look
 * again and remove it; otherwise a slow one would remove the lock that a quick one made since.
 */
async function removeStale(path: string, content: string): Promise<void> {
  const removing = `${path}.removing`;
  if (!await create(removing, "")) {
    if (await ageOf(removing) > longestMoment) await rm(removing, { force: true });
    return;
  }
  try {
    if (await readOrNull(path) === content) await rm(path, { force: true });
  } finally {
    await rm(removing, { force: true });
  }
}

/** Milliseconds since the file was written; 0 if there is none. */
async function ageOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  return found ? Date.now() - found.mtimeMs : 0;
}

async function readOrNull(path: string): Promise<string | null> {
  return await readFile(path, "utf8").catch(() => null);
}
