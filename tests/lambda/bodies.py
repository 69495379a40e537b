"""The HTTP handler that the proxy and the Runtime API share."""

from http.server import BaseHTTPRequestHandler


class Handler(BaseHTTPRequestHandler):
    """Keeps connections open, sends each response in one packet, and does not log."""

    protocol_version = "HTTP/1.1"
    # A response in two packets would wait for the acknowledgment of the first.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return content

    def answer(self, status, headers=(), body=b""):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
