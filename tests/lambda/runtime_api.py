"""The HTTP interface through which Lambda passes events to a function.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from typing import Any

from bodies import Handler

ARN = "arn:aws:lambda:us-east-1:000000000000:function:controlsync"


@dataclass
class Answer:
    """The response of the function to an event."""

    kind: str
    body: Any

    @property
    def response(self):
        """The response, which must not be an error."""
        assert self.kind == "response", f"the function reported an error: {self.body}"
        return self.body

    @property
    def error(self):
        """The error that it reported instead of a response."""
        assert self.kind == "error", f"the function responded: {self.body}"
        return self.body

    @property
    def sent_back(self):
        """The ids of the messages to retry."""
        return {item["itemIdentifier"] for item in self.response["batchItemFailures"]}


class Invocation:
    """An event that the function is processing."""

    def __init__(self, event, seconds):
        self.id, self.event, self.seconds = str(uuid.uuid4()), event, seconds
        self.answers = queue.SimpleQueue()


class RuntimeApi:
    """Serves one process. Events wait until it polls for the next one."""

    def __init__(self):
        self.waiting = queue.SimpleQueue()
        self.open = {}
        self.init_error = None
        # When the process polled for the first event, by time.perf_counter.
        self.first_poll = queue.SimpleQueue()
        api = self

        class Runtime(Handler):
            def do_GET(self):
                assert self.path.endswith("/invocation/next"), self.path
                api.first_poll.put(time.perf_counter())
                invocation = api.waiting.get()
                deadline = round((time.time() + invocation.seconds) * 1000)
                headers = [
                    ("Content-Type", "application/json"),
                    ("Lambda-Runtime-Aws-Request-Id", invocation.id),
                    ("Lambda-Runtime-Deadline-Ms", str(deadline)),
                    ("Lambda-Runtime-Invoked-Function-Arn", ARN),
                ]
                self.answer(200, headers, json.dumps(invocation.event).encode())

            def do_POST(self):
                body = json.loads(self.body() or b"null")
                *_, request, kind = self.path.split("/")
                if request == "init":
                    api.init_error = body
                else:
                    api.open.pop(request).answers.put(Answer(kind, body))
                self.answer(202)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
        self.server.daemon_threads = True
        self.address = "127.0.0.1:{}".format(self.server.server_port)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def give(self, event, seconds):
        """Queues an event for the function. The deadline counts from when the function takes it."""
        invocation = Invocation(event, seconds)
        self.open[invocation.id] = invocation
        self.waiting.put(invocation)
        return invocation

    def close(self):
        self.server.shutdown()
        self.server.server_close()
