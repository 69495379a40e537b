"""An HTTP proxy between the function and a service. It records calls, and injects the failures that a test asks for."""

import http.client
import json
import socket
import threading
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from typing import Callable

from bodies import Handler
from calls import read_call

# Headers of a single connection, https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect", "date", "server"}


@dataclass
class Rule:
    """An action for the next requests of an operation. If it returns false, the request is forwarded."""

    operation: str | None
    key: str | None
    times: int
    skip: int
    action: Callable


class Proxy:
    """Forwards to `upstream` (host and port), which may change at any time."""

    def __init__(self, read=read_call):
        self.read, self.upstream = read, None
        self.lock = threading.Lock()
        self.calls, self.rules = [], []
        # All calls of a test, including those before a reset.
        self.all_calls = []
        # Ends hanging requests.
        self.over = threading.Event()
        proxy = self

        class Forward(Handler):
            def forward(self):
                proxy.serve(self, self.body())

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = forward

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Forward)
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self):
        self.over.set()
        with self.lock:
            self.calls, self.rules, self.over = [], [], threading.Event()

    def close(self):
        self.reset()
        self.server.shutdown()
        self.server.server_close()

    def on(self, operation, action, key=None, times=1, skip=0):
        """Applies `action` to the next `times` requests of an operation, or of any if it is None, after skipping `skip`."""
        with self.lock:
            self.rules.append(Rule(operation, key, times, skip, action))

    def count(self, *operations):
        """The number of calls of some operations, or of all if none is given."""
        return sum(not operations or call.operation in operations for call in self.calls)

    def serve(self, handler, body):
        call = self.read(handler.command, handler.path, handler.headers, body)
        action = None
        with self.lock:
            self.calls.append(call)
            self.all_calls.append(call)
            for rule in self.rules:
                if rule.operation in (None, call.operation) and rule.key in (None, call.key):
                    if rule.skip:
                        rule.skip -= 1
                    elif rule.times:
                        rule.times -= 1
                        action = rule.action
                        break
        if action is None or not action(self, handler, call):
            self.relay(handler, body)

    def ask(self, handler, body):
        """The response of upstream, or None if it closes the connection without one."""
        connection = http.client.HTTPConnection(self.upstream, timeout=60)
        try:
            connection.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
            for name, value in handler.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
            return answer.status, headers, answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def relay(self, handler, body):
        answer = self.ask(handler, body)
        if answer is None:
            cut(self, handler, None)
        else:
            handler.answer(*answer)


def cut(_proxy, handler, _call):
    """Closes the connection without a response."""
    handler.close_connection = True
    try:
        handler.connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    return True


def lose_answer(proxy, handler, call):
    """Forwards the request and drops the response."""
    proxy.ask(handler, call.body)
    return cut(proxy, handler, call)


def hang(proxy, handler, call):
    """Does not respond until the test ends."""
    proxy.over.wait()
    return cut(proxy, handler, call)


def first(work):
    """Does something before the request is forwarded."""

    def action(_proxy, _handler, call):
        work(call)
        return False

    return action


def refuse(status, code, message="injected by the test"):
    """Responds with an error in the format of the service."""

    def action(_proxy, handler, call):
        if call.service == "sqs":
            body = json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": message})
            headers = [("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-ErrorType", code)]
        elif call.service == "sns":
            body = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            body += "<RequestId>r</RequestId></ErrorResponse>"
            headers = [("Content-Type", "text/xml")]
        else:
            body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            headers = [("Content-Type", "application/xml")]
        handler.answer(status, headers, b"" if handler.command == "HEAD" else body.encode())
        return True

    return action


def fail_entries(code, count, sender_fault=False):
    """Responds that the first entries of a batch failed, and all others succeeded."""

    def action(_proxy, handler, call):
        ids = [entry["Id"] for entry in json.loads(call.body)["Entries"]]
        failed = [{"Id": id, "Code": code, "SenderFault": sender_fault, "Message": "injected"} for id in ids[:count]]
        answer = {"Successful": [{"Id": id} for id in ids[count:]], "Failed": failed}
        handler.answer(200, [("Content-Type", "application/x-amz-json-1.0")], json.dumps(answer).encode())
        return True

    return action


def endless_list(_proxy, handler, _call):
    """Responds with a page of a list that has the same token every time."""
    body = (
        "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>controls/x.yaml</Key><ETag>x</ETag><Size>1</Size>"
        "</Contents><NextContinuationToken>a</NextContinuationToken></ListBucketResult>"
    )
    handler.answer(200, [("Content-Type", "application/xml"), ("x-amz-request-id", "page")], body.encode())
    return True


DENIED = refuse(403, "AccessDenied", "Access Denied")
UNAVAILABLE = refuse(503, "ServiceUnavailable", "Service is unable to handle request.")
NO_SUCH_KEY = refuse(404, "NoSuchKey", "The specified key does not exist.")
