"""Every form of profile: each gets its credentials from its own source, through the proxy, and signs with them."""

import hashlib
import http.server
import json
import threading
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

ROLE = "arn:aws:iam::111122223333:role/audit"
SESSION = "arn:aws:sts::111122223333:assumed-role/admin/me"
STS = """<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
  <AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/audit/b</Arn></AssumedRoleUser>
  <Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
  <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
</{action}Result></{action}Response>"""


class Issuer(http.server.BaseHTTPRequestHandler):
    """STS, IAM Identity Center, AWS Sign-In and the endpoint of a container."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        host = self.headers["Host"]
        self.server.asked.append(host.partition(":")[0])
        if host.startswith("sts."):
            action = "AssumeRoleWithWebIdentity" if "WithWebIdentity" in body else "AssumeRole"
            key = "WEBIDENTITY" if action.endswith("Identity") else "ROLE"
            return "text/xml", STS.format(action=action, key=key)
        if host.startswith("portal.sso."):
            keys = {"accessKeyId": "SSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": 4070908800000}
            return "application/json", json.dumps({"roleCredentials": keys})
        if "signin" in host:
            keys = {"accessKeyId": "LOGIN", "secretAccessKey": "s", "sessionToken": "t"}
            token = {"accessToken": keys, "tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": "next"}
            return "application/json", json.dumps(token)
        keys = {"AccessKeyId": "CONTAINER", "SecretAccessKey": "s", "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}
        return "application/json", json.dumps(keys)

    def do_GET(self):
        content_type, text = self.answer()
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture
def issuer(network):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    network.proxy.servers |= dict.fromkeys(["sts.", "portal.sso.", "signin"], server.server_address)
    yield server
    server.shutdown()


def sso_token(network, identifier):
    token = {"accessToken": "token", "expiresAt": "2099-01-01T00:00:00Z", "region": "eu-west-1", "startUrl": "https://a"}
    folder = network.home / ".aws" / "sso" / "cache"
    folder.mkdir(parents=True)
    (folder / f"{hashlib.sha1(identifier.encode()).hexdigest()}.json").write_text(json.dumps(token))


def login_token(network):
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
    keys = {
        "accessKeyId": "OLD", "secretAccessKey": "s", "sessionToken": "t", "accountId": "111122223333", "expiresAt": soon,
    }
    token = {
        "accessToken": keys, "tokenType": "aws_sigv4", "refreshToken": "refresh", "clientId": "client",
        "dpopKey": pem.decode(),
    }
    folder = network.home / ".aws" / "login" / "cache"
    folder.mkdir(parents=True)
    (folder / f"{hashlib.sha256(SESSION.encode()).hexdigest()}.json").write_text(json.dumps(token))


STATIC = "aws_access_key_id = STATIC\naws_secret_access_key = s\n"
SSO = "sso_account_id = 111122223333\nsso_role_name = audit\n"
PROCESS = (
    """credential_process = echo '{"Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "s"}'\n"""
)


@pytest.mark.parametrize(("profile", "key", "asked"), [
    (STATIC, "STATIC", []),
    (PROCESS, "PROCESS", []),
    (f"role_arn = {ROLE}\nsource_profile = base\n", "ROLE", ["sts."]),
    (f"sso_start_url = https://a\nsso_region = eu-west-1\n{SSO}", "SSO", ["portal.sso."]),
    (f"sso_session = team\n{SSO}", "SSO", ["portal.sso."]),
    (f"role_arn = {ROLE}\nweb_identity_token_file = TOKEN\n", "WEBIDENTITY", ["sts."]),
    (f"role_arn = {ROLE}\ncredential_source = EcsContainer\n", "ROLE", ["127.0.0.1", "sts."]),
    (f"login_session = {SESSION}\n", "LOGIN", ["signin"]),
], ids=["static", "process", "role", "sso", "sso-session", "web-identity", "container", "login"])
def test_a_profile_gets_its_credentials_from_its_own_source(network, issuer, profile, key, asked):
    sso_token(network, "team" if "sso_session" in profile else "https://a")
    login_token(network)
    token = network.home / "token"
    token.write_text("token")
    config = network.home / "config"
    config.write_text(
        f"[profile used]\nregion = eu-west-1\n{profile.replace('TOKEN', str(token))}\n[profile base]\n{STATIC}\n"
        "[sso-session team]\nsso_start_url = https://a\nsso_region = eu-west-1\n"
    )
    done = network.run(
        "plan", "--profile", "used",
        AWS_CONFIG_FILE=str(config), AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_REGION=None,
        AWS_CONTAINER_CREDENTIALS_FULL_URI=f"http://127.0.0.1:{issuer.server_address[1]}/credentials",
    )
    assert done.returncode == 3, done.stderr
    assert key in network.proxy.access_keys, network.proxy.access_keys
    assert len(issuer.asked) == len(asked), issuer.asked
    assert all(part in host for part, host in zip(asked, issuer.asked, strict=True)), issuer.asked


def test_an_unknown_ca_of_a_source_is_named_at_once(network, issuer):
    config = network.home / "config"
    config.write_text(f"[profile used]\nrole_arn = {ROLE}\nsource_profile = base\n[profile base]\n{STATIC}")
    done = network.run("plan", "--profile", "used", AWS_CONFIG_FILE=str(config), AWS_CA_BUNDLE=None)
    assert done.returncode == 2 and len(network.proxy.connected) == 1, done.stderr
    assert "the certificate of sts.eu-west-1.amazonaws.com is not trusted" in done.stderr, done.stderr
    assert "AWS_CA_BUNDLE" in done.stderr


def test_credentials_of_a_container_are_used_if_the_profile_of_the_file_is_elsewhere(network, issuer):
    (network.folder / "controlsync.toml").write_text('[target]\nprofile = "laptop"\n')
    container = f"http://127.0.0.1:{issuer.server_address[1]}/credentials"
    without_keys = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    done = network.run("plan", AWS_CONTAINER_CREDENTIALS_FULL_URI=container, **without_keys)
    assert done.returncode == 3 and "CONTAINER" in network.proxy.access_keys, done.stderr
    done = network.run("plan", **without_keys)
    assert done.returncode == 2 and 'the profile "laptop" does not exist' in done.stderr, done.stderr
