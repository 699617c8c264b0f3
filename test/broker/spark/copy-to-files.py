"""A streaming query from topics to JSON files, which keeps its place in a checkpoint and names each file's batch there.

Says how many records each batch had. With `to_the_end` it ends when it has read what there is, else when it is told to.
"""

import threading

from pyspark.sql.streaming.listener import StreamingQueryListener


class Progress(StreamingQueryListener):
    def __init__(self, name, say):
        self.name, self.say = name, say

    def onQueryStarted(self, event):
        pass

    def onQueryProgress(self, event):
        if event.progress.name == self.name and event.progress.numInputRows > 0:
            self.say(event.progress.numInputRows)

    def onQueryIdle(self, event):
        pass

    def onQueryTerminated(self, event):
        pass


def run(spark, args, say, told):
    spark.streams.addListener(Progress(args["name"], say))
    query = (
        spark.readStream.format("kafka")
        .options(**args["options"])
        .load()
        .selectExpr("partition", "offset", "cast(value as string) value")
        .writeStream.queryName(args["name"])
        .format("json")
        .option("checkpointLocation", f"{args['folder']}/checkpoint")
        .trigger(**({"availableNow": True} if args["to_the_end"] else {"processingTime": "0 seconds"}))
        .start(f"{args['folder']}/files")
    )
    threading.Thread(target=lambda: (told(), query.stop()), daemon=True).start()
    query.awaitTermination()
