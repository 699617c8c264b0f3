import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

// Two mends of kafkajs 2.2.4, done once when this module is loaded, so that they hold in tests and in a bundle alike.

// Unless something waits to be sent there is nothing to check. kafkajs schedules the check all the same, for a time in
// the past, and again when that check has found nothing: a timer of 1 ms for as long as the connection lives, and a
// TimeoutNegativeWarning each time.
const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
RequestQueue.prototype.scheduleCheckPendingRequests = function () {
  if (this.pending.length > 0) schedule.call(this);
};

// Request timeouts are tens of seconds, so looking for them once a second will do; kafkajs looks ten times a second on
// every connection.
const timeoutCheck = 1_000;
RequestQueue.prototype.scheduleRequestTimeoutCheck = function () {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  this.requestTimeoutIntervalId = setInterval(
    () => {
      const now = Date.now();
      for (const request of this.inflight.values())
        if (now - request.sentAt > request.requestTimeout) request.timeoutRequest();
      if (!this.isConnected()) this.destroy();
    },
    Math.min(this.requestTimeout, timeoutCheck),
  );
};
