"""Stands before a server of S3: notes every request, and holds or refuses those that it is told to."""

import http.client
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'


class Request:
    def __init__(self, method, path):
        self.method = method
        # Without the bucket.
        self.key = unquote(urlsplit(path).path).lstrip("/").partition("/")[2]
        self.started = time.monotonic()
        self.ended = None


class Proxy:
    def __init__(self, behind):
        self.behind = urlsplit(behind).netloc
        self.reset()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                proxy.answer(self)

            do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = pass_on

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self):
        """Forgets everything."""
        self.refused, self.held = {}, {}
        self.reset_requests()

    def reset_requests(self):
        """Forgets what was asked for."""
        self.requests, self.came = [], threading.Condition()

    def wait_for(self, method, count, seconds):
        """Whether so many requests of a method have come, or come in time."""
        with self.came:
            return self.came.wait_for(lambda: len(self.of(method)) >= count, seconds)

    def refuse(self, method, key, code, message="No.", status=403):
        self.refused[method, key] = (status, ERROR.format(code=code, message=message).encode())

    def hold(self, method, key):
        """Keeps a request until the returned event is set, and says by the other event that it is there."""
        arrived, go_on = threading.Event(), threading.Event()
        self.held[method, key] = (arrived, go_on)
        return arrived, go_on

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        request = Request(handler.command, handler.path)
        with self.came:
            self.requests.append(request)
            self.came.notify_all()
        here = (request.method, request.key)
        if here in self.held:
            arrived, go_on = self.held[here]
            arrived.set()
            go_on.wait(30)
        if here in self.refused:
            status, answer = self.refused[here]
            headers = [("Content-Type", "application/xml")]
        else:
            behind = http.client.HTTPConnection(self.behind, timeout=30)
            behind.request(handler.command, handler.path, body=body, headers=dict(handler.headers.items()))
            response = behind.getresponse()
            status, answer = response.status, response.read()
            headers = response.getheaders()
            behind.close()
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
