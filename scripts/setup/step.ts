/** One part of the setup. */
export interface Step {
  /** What it does, such as `Installing npm packages`. */
  label: string;
  /** Whether nothing is left to do. Asked at every task's start, so it must be quick. */
  isDone(): boolean;
  run(): Promise<void>;
}
