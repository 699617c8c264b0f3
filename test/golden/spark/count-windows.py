"""Counts the values of a topic in windows with a watermark, as a streaming query over what there is, in several batches.

Returns each window that it has closed, once for each value: start and end in epoch ms, the value and its count.
"""

from pyspark.sql import functions as f


def run(spark, args, say, told):
    counts = (
        spark.readStream.format("kafka")
        .options(**args["options"])
        .load()
        .selectExpr("timestamp", "cast(value as string) value")
        .withWatermark("timestamp", args["watermark"])
        .groupBy(f.window("timestamp", args["window"], args["slide"]), "value")
        .count()
        .selectExpr("unix_millis(window.start) start", "unix_millis(window.end) end", "value", "count")
    )
    closed = []
    query = (
        counts.writeStream.outputMode("append")
        .option("checkpointLocation", args["folder"])
        .foreachBatch(lambda batch, _: closed.extend([list(row) for row in batch.collect()]))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    return closed
