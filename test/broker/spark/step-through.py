"""A streaming query that says the records of each batch and then waits to be told to go on, or to stop."""


def run(spark, args, say, told):
    stopped = False

    def step(batch, _):
        rows = batch.orderBy("partition", "offset").collect()
        say([row.asDict() for row in rows])
        if told() == "stop":
            nonlocal stopped
            stopped = True
            raise InterruptedError

    query = (
        spark.readStream.format("kafka")
        .options(**args["options"])
        .load()
        .selectExpr("partition", "offset", "cast(value as string) value")
        .writeStream.option("checkpointLocation", f"{args['folder']}/checkpoint")
        .foreachBatch(step)
        .start()
    )
    try:
        query.awaitTermination()
    except Exception:
        if not stopped:
            raise
