"""The lab's producer without its sleep: one column of a CSV, a record a row, with kafka-python's defaults."""

import csv
import sys

from kafka import KafkaProducer

address, path, column, topic = sys.argv[1:]
producer = KafkaProducer(bootstrap_servers=address)
with open(path, newline="", encoding="utf-8") as file:
    rows = csv.reader(file)
    position = next(rows).index(column)
    for row in rows:
        producer.send(topic, row[position].encode("utf-8"))
producer.flush()
producer.close()
