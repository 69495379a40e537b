"""A PATH on which some programs are missing."""

import functools
import os
import tempfile
from pathlib import Path

# Removed when the tests end.
FOLDER = tempfile.TemporaryDirectory(prefix="hidden-")


@functools.cache
def without(*programs):
    """The PATH without programs. A folder that has one of them is replaced by a folder of links to everything else in it."""
    folders = []
    for number, folder in enumerate(map(Path, os.environ["PATH"].split(os.pathsep))):
        if any((folder / name).exists() for name in programs):
            links = Path(FOLDER.name) / f"{len(folders)}-{number}-{'-'.join(programs)}"
            links.mkdir()
            for entry in folder.iterdir():
                if entry.name not in programs:
                    (links / entry.name).symlink_to(entry)
            folder = links
        folders.append(str(folder))
    return os.pathsep.join(folders)
