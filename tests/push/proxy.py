"""A proxy in front of an S3 server. It records every request, and delays or rejects those that a test selects."""

import http.client
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'

PAGE = (
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>true</IsTruncated><Contents>'
    '<Key>controls/x.yaml</Key><ETag>"x"</ETag><Size>1</Size></Contents>'
    "<NextContinuationToken>{token}</NextContinuationToken></ListBucketResult>"
)


class Request:
    def __init__(self, method, path):
        self.method = method
        # The path without the bucket.
        self.key = unquote(urlsplit(path).path).lstrip("/").partition("/")[2]
        self.started = time.monotonic()
        self.ended = None


class Proxy:
    def __init__(self, upstream):
        self.upstream = urlsplit(upstream).netloc
        self.reset()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def relay(self):
                proxy.answer(self)

            do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = relay

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self):
        """Forgets everything."""
        self.rejected, self.delayed, self.tokens = {}, {}, None
        self.reset_requests()

    def reset_requests(self):
        """Forgets the requests."""
        self.requests, self.arrived = [], threading.Condition()

    def wait_for(self, method, count, seconds):
        """Whether `count` requests of a method arrive in time."""
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.of(method)) >= count, seconds)

    def reject(self, method, key, code, message="No.", status=403):
        self.rejected[method, key] = (status, ERROR.format(code=code, message=message).encode())

    def never_end(self, tokens):
        """Answers every list with one object, and the next of these tokens."""
        self.tokens = iter(tokens)

    def delay(self, method, key):
        """Delays a request. Returns an event that is set when it arrives, and one that lets it continue."""
        arrived, resume = threading.Event(), threading.Event()
        self.delayed[method, key] = (arrived, resume)
        return arrived, resume

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        request = Request(handler.command, handler.path)
        with self.arrived:
            self.requests.append(request)
            self.arrived.notify_all()
        target = (request.method, request.key)
        if target in self.delayed:
            arrived, resume = self.delayed[target]
            arrived.set()
            resume.wait(30)
        if self.tokens and "list-type=2" in handler.path:
            status, answer = 200, PAGE.format(token=next(self.tokens)).encode()
            headers = [("Content-Type", "application/xml"), ("x-amz-request-id", "page")]
        elif target in self.rejected:
            status, answer = self.rejected[target]
            headers = [("Content-Type", "application/xml"), ("x-amz-request-id", "rejected")]
        else:
            connection = http.client.HTTPConnection(self.upstream, timeout=30)
            connection.request(handler.command, handler.path, body=body, headers=dict(handler.headers.items()))
            response = connection.getresponse()
            status, answer = response.status, response.read()
            headers = response.getheaders()
            connection.close()
        handler.send_response(status)
        own = {"connection", "content-length", "transfer-encoding", "date", "server"}
        for name, value in headers:
            if name.lower() not in own or (handler.command == "HEAD" and name.lower() == "content-length"):
                handler.send_header(name, value)
        if handler.command != "HEAD":
            handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        request.ended = time.monotonic()
        if handler.command != "HEAD":
            handler.wfile.write(answer)

    def of(self, method):
        return [request for request in self.requests if request.method == method]

    def keys(self, method):
        return [request.key for request in self.of(method)]
