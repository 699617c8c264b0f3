"""One Spark session that runs jobs for a test, as many as it is asked for and several at once.

A job is a Python file with a function `run(spark, args, say, told)`: `say(value)` brings a value to the test,
`told()` waits for one from the test, and what it returns is its result. Values are JSON.

Each line on standard input is a message to a job, which the first one starts; each line on descriptor 3 is one from a
job. Standard output stays free for what Spark itself prints.
"""

import importlib.util
import json
import os
import queue
import sys
import threading

from pyspark.sql import SparkSession

events = os.fdopen(3, "w", buffering=1, encoding="utf8")
events_lock = threading.Lock()


def report(job, kind, value):
    line = json.dumps({"job": job, "kind": kind, "value": value})
    with events_lock:
        events.write(line + "\n")


def load(file):
    spec = importlib.util.spec_from_file_location("job", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_job(spark, job, file, args, inbox):
    try:
        result = load(file).run(spark, args, lambda value: report(job, "said", value), inbox.get)
        report(job, "done", result)
    except Exception as error:
        # Without the hundreds of lines of Java's stack traces.
        lines = [line for line in str(error).splitlines() if not line.startswith("\tat ")]
        report(job, "failed", "\n".join([type(error).__name__, *lines]))


spark = SparkSession.builder.getOrCreate()
report(0, "ready", None)
inboxes = {}
for line in sys.stdin:
    message = json.loads(line)
    job = message["job"]
    if job in inboxes:
        inboxes[job].put(message["value"])
        continue
    inboxes[job] = queue.Queue()
    # A job that waits for ever must not keep the session from ending.
    threading.Thread(
        target=run_job, args=(spark, job, message["file"], message["args"], inboxes[job]), daemon=True
    ).start()
# The test is gone, or was killed: the JVM ends with this process.
os._exit(0)
