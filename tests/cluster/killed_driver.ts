// Runs the application's stream, and kills itself where it is told to: `ADDRESS DATABASE before|after`
// its first merge.
import process from "node:process";
import { SparkSession } from "../../lib/spark/spark_session.ts";
import { application, applicationSchema, mergeApplication } from "../../lib/tweets/application.ts";

const [address, database, moment] = process.argv.slice(2);

const session = await SparkSession.open(address, { database });
const query = await session.readStream.table("gold").transform(application)
  .writeStream.queryName("application_stream").trigger({ availableNow: true })
  .foreachBatch("application", applicationSchema, async (connection, batch, batchId) => {
    if (moment === "after") await mergeApplication(connection, batch, batchId);
    process.kill(process.pid, "SIGKILL");
    return 0;
  });
await query.awaitTermination();
