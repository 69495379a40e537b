"""A network as in companies: an HTTP proxy that inspects TLS with its own CA, in front of servers without TLS."""

import contextlib
import datetime
import ipaddress
import re
import socket
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Authority:
    """A CA, and certificates of hosts."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test CA")])
        self.certificate = self.signed(self.name, self.key.public_key(), x509.BasicConstraints(ca=True, path_length=None))
        self.bundle = folder / "ca.pem"
        self.bundle.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def signed(self, subject, key, *extensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def context(self, host):
        """A TLS context of a server with this name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Host")])
        with contextlib.suppress(ValueError):
            host = ipaddress.ip_address(host)
        name = x509.DNSName(host) if isinstance(host, str) else x509.IPAddress(host)
        certificate = self.signed(subject, key.public_key(), x509.SubjectAlternativeName([name]))
        pem = self.folder / "host.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context


def copy(source, target, seen=lambda data: None):
    with contextlib.suppress(OSError, ValueError):
        while data := source.recv(65536):
            seen(data)
            target.sendall(data)
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


class Proxy:
    """An HTTP proxy that ends TLS, and sends what it reads to the server of each host."""

    def __init__(self, authority, servers):
        self.authority, self.servers = authority, servers
        self.connected, self.access_keys = [], set()
        self.required = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def close(self):
        self.listener.close()

    def serve(self, client):
        with contextlib.suppress(OSError, ssl.SSLError, KeyError):
            head = b""
            while b"\r\n\r\n" not in head:
                data = client.recv(1)
                if not data:
                    return
                head += data
            lines = head.decode().split("\r\n")
            method, address, _ = lines[0].split(" ")
            assert method == "CONNECT", lines[0]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
            host = address.rpartition(":")[0]
            self.connected.append(host)
            if self.required and headers.get("proxy-authorization") != self.required:
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                client.close()
                return
            server = next(server for part, server in self.servers.items() if host.startswith(part) or part in host)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with self.lock:
                context = self.authority.context(host)
            with context.wrap_socket(client, server_side=True) as inside:
                with socket.create_connection(server) as outside:
                    back = threading.Thread(target=copy, args=(outside, inside), daemon=True)
                    back.start()
                    copy(inside, outside, self.read)
                    back.join()

    def read(self, data):
        """Remembers who signed a request."""
        self.access_keys |= {key.decode() for key in re.findall(rb"Credential=(\w+)/", data)}
