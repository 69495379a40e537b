"""The program in networks of companies: proxies, and their certificates."""

import base64
import http.server
import threading

import pytest

# The first requests of a run: the status of the account and its two lists.
AT_ONCE = 3


def test_plan_apply_and_push_work_through_a_proxy_with_its_own_ca(network):
    planned = network.run("plan")
    assert planned.returncode == 3, planned.stderr
    assert network.run("apply", "--yes").returncode == 0
    assert network.run("plan").returncode == 0
    pushed = network.run("push")
    assert pushed.returncode == 0, pushed.stderr
    hosts = set(network.proxy.connected)
    assert "auditmanager.eu-west-1.amazonaws.com" in hosts
    assert any(host.endswith("s3.eu-west-1.amazonaws.com") for host in hosts), hosts


@pytest.mark.parametrize("variable", ["https_proxy", "ALL_PROXY", "all_proxy"])
def test_an_empty_variable_hides_no_other(network, variable):
    assert network.run("plan", HTTPS_PROXY="", **{variable: network.proxy.url}).returncode == 3
    assert network.proxy.connected


def test_the_password_of_a_proxy_is_sent(network):
    network.proxy.required = "Basic " + base64.b64encode(b"user:p@ss").decode()
    address = network.proxy.url.removeprefix("http://")
    done = network.run("plan", HTTPS_PROXY=f"http://user:p%40ss@{address}")
    assert done.returncode == 3, done.stderr
    network.proxy.connected.clear()
    refused = network.run("plan")
    assert refused.returncode == 2 and "proxy authorization required" in refused.stderr, refused.stderr
    assert len(network.proxy.connected) <= AT_ONCE, "nothing is tried again"


def test_an_unknown_ca_is_named_at_once(network):
    for arguments in (["plan"], ["push"]):
        network.proxy.connected.clear()
        done = network.run(*arguments, AWS_CA_BUNDLE=None)
        assert done.returncode == 2, done.stderr
        assert len(network.proxy.connected) <= AT_ONCE, "nothing is tried again"
        assert "the certificate of" in done.stderr and "is not trusted" in done.stderr, done.stderr
        assert ".eu-west-1.amazonaws.com" in done.stderr and "AWS_CA_BUNDLE" in done.stderr, done.stderr


def test_hosts_of_no_proxy_are_reached_directly(network):
    done = network.run("plan", NO_PROXY="*.amazonaws.com", AWS_MAX_ATTEMPTS="1")
    assert network.proxy.connected == [], done.stderr
    # Loopback is never reached through a proxy.
    done = network.run("plan", HTTP_PROXY="http://127.0.0.1:1", AWS_ENDPOINT_URL_AUDITMANAGER=network.account.endpoint)
    assert done.returncode == 3, done.stderr


@pytest.mark.parametrize("url", ["socks5://127.0.0.1:1080", "ftp://a", "http://", "http://user:secret@", ":3128"])
def test_an_unusable_proxy_is_refused_without_its_password(network, url):
    done = network.run("plan", HTTPS_PROXY=url)
    assert done.returncode == 2 and "HTTPS_PROXY is not the URL of a proxy" in done.stderr, done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize(("content", "problem"), [
    (None, "cannot be read"),
    (b"no certificate", "has no certificate"),
    (b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "is not valid PEM"),
    (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "has an invalid certificate, number 1"),
])
def test_an_unusable_file_with_certificates_is_refused(network, tmp_path, content, problem):
    path = tmp_path / "other.pem"
    if content is not None:
        path.write_bytes(content)
    done = network.run("plan", AWS_CA_BUNDLE=str(path))
    assert done.returncode == 2 and f'AWS_CA_BUNDLE names the file "{path}", which {problem}' in done.stderr, done.stderr
    (tmp_path / "config").write_text(f"[default]\nca_bundle = {path}\n")
    done = network.run("plan", AWS_CA_BUNDLE=None, AWS_CONFIG_FILE=str(tmp_path / "config"))
    assert done.returncode == 2 and 'ca_bundle of the profile "default" names' in done.stderr, done.stderr


class Page(http.server.BaseHTTPRequestHandler):
    """The sign-in page of a network."""

    status = 200

    def do_GET(self):
        self.server.requests += 1
        body = b"<html><body>Sign in to the network</body></html>"
        self.send_response(self.status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_HEAD = do_GET

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("status", [200, 403])
def test_a_page_of_another_server_is_no_answer_of_aws(network, status):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("At", (Page,), {"status": status}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    for arguments, variable in ((["plan"], "AWS_ENDPOINT_URL_AUDITMANAGER"), (["push"], "AWS_ENDPOINT_URL_S3")):
        server.requests = 0
        done = network.run(*arguments, **{variable: endpoint})
        assert done.returncode == 2 and server.requests <= AT_ONCE, done.stderr
        assert f"the response did not come from AWS: status {status}, text/html, from {endpoint}" in done.stderr
        assert "check the network, HTTPS_PROXY, and the endpoint URL" in done.stderr
    server.shutdown()
