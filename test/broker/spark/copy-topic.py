"""Copies a topic with keys, values and headers into another one: in one batch, or as a streaming query."""


def run(spark, args, say, told):
    reader = spark.readStream if args["streaming"] else spark.read
    records = (
        reader.format("kafka")
        .option("kafka.bootstrap.servers", args["server"])
        .option("subscribe", args["source"])
        .option("startingOffsets", "earliest")
        .option("includeHeaders", "true")
        .load()
        .select("key", "value", "headers", "partition")
    )
    writer = records.writeStream if args["streaming"] else records.write
    writer = (
        writer.format("kafka")
        .option("kafka.bootstrap.servers", args["server"])
        .option("kafka.compression.type", args["compression"])
        .option("topic", args["target"])
    )
    if args["streaming"]:
        query = writer.option("checkpointLocation", args["folder"]).trigger(availableNow=True).start()
        query.awaitTermination()
    else:
        writer.save()
