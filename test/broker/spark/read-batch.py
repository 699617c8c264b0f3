"""Reads topics in one batch; returns the records by partition and offset."""


def run(spark, args, say, told):
    records = spark.read.format("kafka").options(**args["options"]).option("includeHeaders", "true").load()
    rows = records.selectExpr(
        "partition",
        "offset",
        "cast(key as string) key",
        "cast(value as string) value",
        "unix_millis(timestamp) timestamp",
        "transform(headers, header -> concat(header.key, '=', cast(header.value as string))) headers",
    )
    return [row.asDict() for row in rows.orderBy("partition", "offset").collect()]
