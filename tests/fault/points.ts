/** Places in a stream's start at which its process kills itself. */
export const startPoints = [
  /** The row in `checkpoint.queries` is changed, COMMIT is not sent. */
  "before claim",
  /** The query belongs to this run; source and sink are not open. */
  "after claim",
] as const;

/** Places in a batch at which a stream's process kills itself. */
export const batchPoints = [
  /** In the transform: rows are loaded, nothing is written. */
  "planned",
  /** The rows are in the sink's table, the transaction goes on. */
  "rows written",
  /** Every statement of the transaction is done, COMMIT is not sent. */
  "before commit",
  /** COMMIT has been sent and has not answered. */
  "during commit",
  /** COMMIT has answered; source, handle and listeners know nothing of it. */
  "after commit",
] as const;

/**
 * In a statement by which a stream compacts its own table, before every 50th batch: not in
 * {@linkcode allPoints}, as a process must come that far first.
 */
export const compactionPoint = "compacting";

/** The functions of DuckLake that maintenance calls, by the names of the steps. */
export const maintenanceSteps = {
  flush: "ducklake_flush_inlined_data",
  rewrite: "ducklake_rewrite_data_files",
  merge: "ducklake_merge_adjacent_files",
  expire: "ducklake_expire_snapshots",
  cleanup: "ducklake_cleanup_old_files",
  orphans: "ducklake_delete_orphaned_files",
} as const;

/** A step of `optimize` (the first three) or `vacuum`. */
export type MaintenanceStep = keyof typeof maintenanceSteps;

/** Places in a step at which the maintaining process kills itself. */
export const stepMoments = ["before", "during", "after"] as const;

/** The steps of `optimize` are transactions: "after" is before their COMMIT, "committed" behind it. */
export const optimizePoints = (["flush", "rewrite", "merge"] as const).flatMap((step) =>
  ([...stepMoments, "committed"] as const).map((moment) => `${moment} ${step}` as const)
);

export const vacuumPoints = (["expire", "cleanup", "orphans"] as const).flatMap((step) =>
  stepMoments.map((moment) => `${moment} ${step}` as const)
);

/** Moments by chance at which a process is killed from outside. */
export const outsidePoints = [
  /** While it starts. */
  "starting",
  /** When it is at work. */
  "random",
  /** Some time after it has been stopped for longer than the versions of tables are kept. */
  "frozen",
] as const;

/** Where a process named in {@linkcode DeathOrder} may kill itself. */
export type InsidePoint =
  | typeof startPoints[number]
  | typeof batchPoints[number]
  | typeof compactionPoint
  | typeof optimizePoints[number]
  | typeof vacuumPoints[number];
export type OutsidePoint = typeof outsidePoints[number];
export type Point = InsidePoint | OutsidePoint;

/** All that a process passes soon. */
export const allPoints: readonly Point[] = [
  ...startPoints,
  ...batchPoints,
  ...outsidePoints,
  ...optimizePoints,
  ...vacuumPoints,
];
