import type { Transform } from "../../lib/streaming/transform.ts";
import { birds } from "./with_session.ts";

/** A transform that does not go on before `open` is called, and says when it has begun. */
export function gate(): { transform: Transform; begun: Promise<void>; open(): void } {
  const begun = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    begun: begun.promise,
    open: opened.resolve,
    transform: {
      ...birds,
      apply: async (batch) => {
        begun.resolve();
        const stopped = Promise.withResolvers<never>();
        batch.signal.addEventListener("abort", () => stopped.reject(batch.signal.reason));
        await Promise.race([opened.promise, stopped.promise]);
        return await birds.apply(batch);
      },
    },
  };
}
