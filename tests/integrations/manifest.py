"""The version of this repository."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def version():
    """The version in Cargo.toml."""
    return tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]
