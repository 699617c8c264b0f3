"""The dashboard lab's job: counts the values of a topic in windows of one second and sends each window as a list, until told to stop."""

from pyspark.sql import functions as f


def run(spark, args, say, told):
    counts = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", args["server"])
        .option("subscribe", args["source"])
        .option("startingOffsets", "earliest")
        .load()
        .selectExpr("timestamp", "cast(value as string) value")
        .withWatermark("timestamp", "0 seconds")
        .groupBy(f.window("timestamp", "1 second"), "value")
        .count()
    )
    # [{"0":3},{"1":5}]
    windows = (
        counts.groupBy("window")
        .agg(f.sort_array(f.collect_list(f.struct("value", "count"))).alias("counts"))
        .selectExpr(
            "cast(unix_millis(window.start) as string) key",
            """concat('[', array_join(transform(counts, c -> concat('{"', c.value, '":', c.count, '}')), ','), ']') value""",
        )
    )
    query = (
        windows.writeStream.format("kafka")
        .option("kafka.bootstrap.servers", args["server"])
        .option("topic", args["target"])
        .option("checkpointLocation", args["folder"])
        .start()
    )
    told()
    query.stop()
