import type { Connection } from "./connection.ts";

/** What is said of a commit in the table history. */
export interface CommitInfo {
  /** Who committed: the name of a stream, or of an operation. */
  author: string;
  message: string;
  /** Facts for programs, kept as JSON. */
  extra?: Record<string, unknown>;
}

/**
 * Runs `action` as one transaction of a connection, once: rolled back where it fails.
 *
 * @throws The error of `action`, or of the commit.
 */
export async function runTransaction<T>(
  connection: Connection,
  info: CommitInfo,
  action: (connection: Connection) => Promise<T>,
): Promise<T> {
  await connection.run("BEGIN TRANSACTION");
  try {
    const result = await action(connection);
    await connection.run(
      "CALL lake.set_commit_message($author, $message, extra_info => $extra)",
      {
        author: info.author,
        message: info.message,
        extra: JSON.stringify(info.extra ?? {}),
      },
    );
    await connection.run("COMMIT");
    return result;
  } catch (error) {
    // After a failed COMMIT there is no transaction left to roll back.
    await connection.run("ROLLBACK").catch(() => {});
    throw error;
  }
}
