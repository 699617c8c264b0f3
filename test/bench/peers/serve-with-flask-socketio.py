"""The way of the lab's web application: Flask-SocketIO in threading mode emits to all pages from a background thread."""

import sys
import time

from flask import Flask
from flask_socketio import SocketIO

port, interval, size = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
text = "x" * size

app = Flask(__name__)
sockets = SocketIO(app, async_mode="threading", cors_allowed_origins="*")


def emit_steadily():
    due = time.time()
    while True:
        # The time comes first, where the pages look for it.
        sockets.emit("update", {"time": time.time() * 1000, "text": text})
        due += interval
        # What is behind stays behind: nobody is held to a time at which it could not even begin.
        due = max(due, time.time())
        time.sleep(due - time.time())


@app.route("/healthz")
def healthz():
    return "ok"


sockets.start_background_task(emit_steadily)
sockets.run(app, host="127.0.0.1", port=port, allow_unsafe_werkzeug=True)
