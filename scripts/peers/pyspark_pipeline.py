"""The pipeline on PySpark and Delta, as a competent user would tune it for two cores and small files.

    python pyspark_pipeline.py SOURCE FOLDER MODEL IVY

The tiers are streams with the trigger availableNow, as in the library; the application table is a
plain GROUP BY. Prints the seconds of each as JSON.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Iterator

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col, pandas_udf

import pyspark_model

SOURCE, FOLDER, MODEL, IVY = sys.argv[1:]
DELTA = "io.delta:delta-spark_4.1_2.13:4.3.0"
MENTION = "(^|[^A-Za-z0-9_])((?:@[A-Za-z0-9_]+)+)"


def start() -> SparkSession:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    settings = {
        "spark.jars.packages": DELTA,
        "spark.jars.ivy": IVY,
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.driver.memory": "3g",
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        # Two cores: more tasks than that only cost.
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "2",
        # Many small files: one listing task a core, and many files a task.
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2",
        "spark.sql.files.openCostInBytes": "65536",
        # Large batches for the model, so that texts of equal length meet.
        "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
        "spark.python.worker.reuse": "true",
        "spark.sql.ansi.enabled": "false",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def write(rows: DataFrame, table: str) -> None:
    """Takes all that a stream has now into a Delta table."""
    query = (
        rows.writeStream.format("delta")
        .option("checkpointLocation", f"{FOLDER}/checkpoints/{table}")
        .trigger(availableNow=True)
        .start(f"{FOLDER}/{table}")
    )
    query.awaitTermination()


def bronze(spark: SparkSession) -> None:
    rows = (
        spark.readStream.schema("date STRING, user STRING, text STRING, sentiment STRING, "
                                "_corrupt_record STRING")
        .option("maxFilesPerTrigger", 20000)
        .json(SOURCE)
        .selectExpr("*", "_metadata.file_path AS source_file", "now() AS processing_time")
    )
    write(rows, "bronze")


def silver(spark: SparkSession) -> None:
    parts = r"^\\s*[A-Za-z]{3} ([A-Za-z]{3} +[0-9]{1,2}) ([0-9:]{8}) ([A-Z]{2,5}|[+-][0-9]{4}) ([0-9]{4})\\s*$"
    part = lambda group: f"regexp_extract(date, '{parts}', {group})"
    local = f"try_to_timestamp(concat_ws(' ', {part(1)}, {part(4)}, {part(2)}), 'MMM d yyyy HH:mm:ss')"
    zone = f"CASE {part(3)} WHEN 'UTC' THEN 0 WHEN 'PDT' THEN -7 WHEN 'PST' THEN -8 END"
    mentions = (
        "array_distinct(flatten(transform("
        f"regexp_extract_all(text, '{MENTION}', 2), name -> split(lower(substring(name, 2)), '@'))))"
    )
    rows = (
        spark.readStream.format("delta").load(f"{FOLDER}/bronze")
        .where("_corrupt_record IS NULL AND text IS NOT NULL")
        .selectExpr(
            f"{local} - make_interval(0, 0, 0, 0, {zone}) AS timestamp",
            f"explode_outer({mentions}) AS mention",
            f"trim(regexp_replace(text, '{MENTION}', '$1')) AS cleaned_text",
            "text",
            "CASE lower(trim(sentiment)) WHEN '0' THEN 'negative' WHEN '2' THEN 'neutral' "
            "WHEN '4' THEN 'positive' ELSE lower(trim(sentiment)) END AS sentiment",
        )
    )
    write(rows, "silver")


def gold(spark: SparkSession) -> None:
    @pandas_udf("predicted_score DOUBLE, predicted_sentiment STRING")
    def sentiment(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
        model = pyspark_model.load(MODEL)
        for texts in batches:
            distinct = list(dict.fromkeys(texts))
            scores = dict(zip(distinct, model.score(distinct)))
            rows = np.array([scores[text] for text in texts])
            best = rows.argmax(axis=1)
            yield pd.DataFrame({
                "predicted_score": 100 * rows.max(axis=1),
                "predicted_sentiment": [model.labels[label] for label in best],
            })

    rows = (
        spark.readStream.format("delta").load(f"{FOLDER}/silver")
        # As evenly as the cores; a Delta file may hold all rows.
        .repartition(2)
        .withColumn("scored", sentiment(col("cleaned_text")))
        .select("*", "scored.*").drop("scored")
    )
    write(rows, "gold")


def application(spark: SparkSession) -> None:
    count = "count(CASE WHEN predicted_sentiment = '{0}' THEN 1 END) AS {0}"
    spark.read.format("delta").load(f"{FOLDER}/gold").createOrReplaceTempView("gold")
    spark.sql(
        f"""SELECT mention, {count.format('negative')}, {count.format('neutral')},
              {count.format('positive')}, count(*) AS total,
              min(timestamp) AS min_timestamp, max(timestamp) AS max_timestamp
            FROM gold WHERE mention IS NOT NULL GROUP BY mention"""
    ).write.format("delta").mode("overwrite").save(f"{FOLDER}/application")


def main() -> None:
    spark = start()
    streams = {}
    for tier in (bronze, silver, gold, application):
        begun = time.perf_counter()
        tier(spark)
        streams[tier.__name__] = time.perf_counter() - begun
    rows = {table: spark.read.format("delta").load(f"{FOLDER}/{table}").count()
            for table in ("bronze", "silver", "gold", "application")}
    print(json.dumps({"streams": streams, "rows": rows}), flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
