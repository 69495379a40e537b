"""A release on a server, as GitHub has it: FILE of version X is at /vX/FILE."""

import hashlib
import http.server
import os
import shutil
import threading
from pathlib import Path

from hidden import without
from jobs import run
from manifest import version

PACKAGES = Path(os.environ["CONTROLSYNC_PACKAGES"])


class Release:
    def __init__(self, folder):
        self.folder = folder
        self.version = version()
        self.files = folder / f"v{self.version}"
        self.files.mkdir()
        [self.archive] = PACKAGES.glob("controlsync-v*.tar.gz")
        [self.wheel] = PACKAGES.glob("*.whl")
        for path in (self.archive, self.wheel):
            shutil.copy(path, self.files)
        self.requests = []
        self.write_sums()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def write_sums(self):
        named = [path for path in sorted(self.files.iterdir()) if path.name != "SHA256SUMS"]
        lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in named]
        (self.files / "SHA256SUMS").write_text("".join(lines))

    def handler(release):
        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(release.folder))

            def do_GET(self):
                release.requests.append(self.path)
                # A copy of the releases of a repository, and its git repository.
                self.path = self.path.replace("/acme/controlsync/releases/download", "")
                super().do_GET()

            def log_message(self, *_):
                pass

        return Handler

    def broken(self, folder):
        """A release like this one, whose archive was changed afterwards."""
        files = folder / f"v{self.version}"
        shutil.copytree(self.files, files)
        with open(files / self.archive.name, "ab") as archive:
            archive.write(b"\0")
        return folder.as_uri()


def without_rust():
    """The PATH without Rust and without the program."""
    return without("cargo", "rustc", "controlsync")


def pip_settings():
    """What a machine needs to reach PyPI."""
    return {name: value for name, value in os.environ.items() if name.startswith("PIP_") and name != "PIP_FIND_LINKS"}


def environment(folder, *arguments):
    """A new Python environment with packages in it. Returns the folder of its programs."""
    code, output = run("python3", "-m", "venv", folder, cwd=folder.parent)
    assert code == 0, output
    programs = folder / "bin"
    if arguments:
        code, output = run(programs / "pip", "install", "--quiet", *arguments, cwd=folder.parent, **pip_settings())
        assert code == 0, output
    return programs
