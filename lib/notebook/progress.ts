import { randomUUID } from "node:crypto";
import process from "node:process";
import { BirdsongError } from "../errors.ts";
import { escapeHtml, printable } from "./escape.ts";
import { interruptSignal } from "./interrupt.ts";
import { currentKernel, flushOutputs, sendDisplay } from "./kernel.ts";

/** A bar that moves in place. */
export interface ProgressBar {
  /**
   * Tells that `count` more are done.
   *
   * @throws {InterruptedError} when the stop button was pressed since the bar began, so that a loop
   * with a bar can be stopped.
   */
  advance(count?: number): void;
  /** Shows the bar full, and stays. Await it, so that the bar stands under its own cell. */
  end(): Promise<void>;
}

/** Time between two drawings, in milliseconds. */
const drawInterval = 100;

/**
 * Shows a progress bar under the cell, or on the terminal: how many are done, how many a second, and
 * the time left. Elsewhere (a pipe, a log file) it shows nothing.
 *
 * @param label What is counted, such as `"tweets scored"`.
 * @param total How many there are.
 * @param options.since When the work began, as `performance.now()` tells. @default now
 * @throws {BirdsongError} if `total` is not a number of at least 0.
 *
 * @example
 * const bar = progressBar("files read", files.length);
 * for (const file of files) {
 *   await read(file);
 *   bar.advance();
 * }
 * await bar.end();
 */
export function progressBar(
  label: string,
  total: number,
  options: { since?: number } = {},
): ProgressBar {
  if (!(total >= 0 && Number.isFinite(total))) {
    throw new BirdsongError(
      `a progress bar's total must be a number of at least 0, but is ${total}`,
    );
  }
  const draw = currentKernel() ? notebookDrawer() : terminalDrawer();
  const signal = interruptSignal();
  const started = options.since ?? performance.now();
  let done = 0;
  let drawn = started;
  draw(label, progressOf(0, total, 0));
  const seconds = () => (performance.now() - started) / 1000;
  return {
    advance(count = 1) {
      signal.throwIfAborted();
      done = Math.min(total, done + count);
      if (performance.now() - drawn < drawInterval) return;
      drawn = performance.now();
      draw(label, progressOf(done, total, seconds()));
    },
    async end() {
      await draw(label, progressOf(total, total, seconds()), true);
      await flushOutputs();
    },
  };
}

/** Where a bar stands, in numbers and in words. */
export interface Progress {
  /** Between 0 and 1. */
  fraction: number;
  /** Such as `1,200 of 5,000 | 400/s | 9.5 s left`. */
  text: string;
}

/** Where a bar stands after `seconds`. */
export function progressOf(done: number, total: number, seconds: number): Progress {
  const fraction = total === 0 ? 1 : done / total;
  const rate = seconds > 0 ? done / seconds : 0;
  const parts = [`${number(done)} of ${number(total)}`];
  if (rate > 0) parts.push(`${number(rate)}/s`);
  if (fraction === 1) parts.push(duration(seconds));
  else if (rate > 0) parts.push(`${duration((total - done) / rate)} left`);
  return { fraction, text: parts.join(" | ") };
}

type Drawer = (label: string, progress: Progress, last?: boolean) => Promise<void> | void;

function notebookDrawer(): Drawer {
  const transient = { display_id: randomUUID() };
  // One after the other: an update that overtook the first display would be lost.
  let sent = Promise.resolve();
  let shown = false;
  return (label, progress) => {
    const data = { "text/html": barHtml(label, progress), "text/plain": barText(label, progress) };
    const update = shown;
    shown = true;
    sent = sent.then(() => sendDisplay({ data, metadata: {}, transient }, update))
      .catch((error) => console.error(`progress bar not shown: ${error}`));
    return sent;
  };
}

function terminalDrawer(): Drawer {
  return (label, progress, last) => {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r\u001b[K${barText(label, progress)}${last ? "\n" : ""}`);
  };
}

function barHtml(label: string, { fraction, text }: Progress): string {
  const percent = (100 * fraction).toFixed(1);
  return `<div style="color:var(--jp-ui-font-color1,inherit)">${escapeHtml(label)} ` +
    `<span role="progressbar" aria-label="${escapeHtml(label)}" aria-valuenow="${percent}" ` +
    `style="display:inline-block;vertical-align:middle;width:16em;height:0.8em;` +
    `background:var(--jp-layout-color3,#ccc)"><span style="display:block;height:100%;` +
    `width:${percent}%;background:var(--jp-brand-color1,#1976d2)"></span></span> ` +
    `${escapeHtml(text)}</div>`;
}

function barText(label: string, { fraction, text }: Progress): string {
  const filled = Math.floor(20 * fraction);
  return `${printable(label)} [${"#".repeat(filled)}${".".repeat(20 - filled)}] ${text}`;
}

function number(value: number): string {
  const digits = value < 10 && !Number.isInteger(value) ? 1 : 0;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
