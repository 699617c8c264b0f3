"""Counts a topic's values in windows of a second with Spark, a record for each value of a window: `start/end/value`, the count.

`drain` reads what there is and ends; what has come out is final. `live` goes on: each second it tells what has changed.
"""

import os
import sys

os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"

from pyspark.sql import SparkSession, functions as f

address, source, target, folder, jars, mode = sys.argv[1:]
settings = {
    "spark.driver.extraClassPath": f"{jars}/*",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.local.dir": folder,
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    # As many as there are cores; the default of 200 is for clusters.
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
builder = SparkSession.builder.master("local[2]")
for name, value in settings.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()

draining = mode == "drain"
query = (
    spark.readStream.format("kafka")
    .option("kafka.bootstrap.servers", address)
    .option("subscribe", source)
    # What its consumer asks behind a waiting fetch waits with it: at most half a second unless told.
    .option("kafka.fetch.max.wait.ms", "20")
    .option("startingOffsets", "earliest" if draining else "latest")
    .load()
    .selectExpr("timestamp", "cast(value as string) value")
    .withWatermark("timestamp", "50 milliseconds" if draining else "0 seconds")
    .groupBy(f.window("timestamp", "1 second"), "value")
    .count()
    .selectExpr(
        "concat_ws('/', unix_millis(window.start), unix_millis(window.end), value) key",
        "cast(count as string) value",
    )
    .writeStream.format("kafka")
    .option("kafka.bootstrap.servers", address)
    .option("topic", target)
    .option("checkpointLocation", os.path.join(folder, "checkpoint"))
    .outputMode("append" if draining else "update")
    .trigger(**({"availableNow": True} if draining else {"processingTime": "1 second"}))
    .start()
)
query.awaitTermination()
spark.stop()
