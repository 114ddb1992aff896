/** Prints in how many seconds a process that has just begun has the library; for start.ts. */
import { timed } from "./taken.ts";

console.log(JSON.stringify(await timed(() => import("birdsong"))));
