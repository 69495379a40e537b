"""Commits and authors in the metadata of objects."""

import subprocess
from urllib.parse import unquote

import pytest

NAME = "José Ünal, Ключ 100%"


@pytest.fixture
def repository(world):
    world.git("init", "-q", "-b", "main")
    world.git("config", "user.name", "Someone Else")
    world.git("config", "user.email", "someone@example.org")
    return world


def commit(world, message, author=NAME):
    world.git("add", "--all")
    world.git("commit", "-q", "--allow-empty", "-m", message, "--author", f"{author} <a@example.org>")
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=world.folder, env=world.environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def origin(world, key):
    metadata = world.head(key)["Metadata"]
    assert all(value.isascii() for value in metadata.values())
    return metadata.get("controlsync-commit"), unquote(metadata.get("controlsync-author", ""))


def test_every_object_has_the_last_commit_of_its_file(repository):
    world = repository
    world.write("controls/né + \"x\".yaml", "name: Odd\n")
    world.write("controls/b.yaml", "name: B\ndescription: old\n")
    first = commit(world, "first")
    world.write("controls/b.yaml", "name: B\n")
    second = commit(world, "second", "Zoë")
    commit(world, "unrelated")
    result = world.push()
    assert (result.code, result.stderr) == (0, ""), result
    assert origin(world, "controls/a.yaml") == (first, NAME)
    assert origin(world, "controls/né + \"x\".yaml") == (first, NAME)
    assert origin(world, "controlsync.toml") == (first, NAME)
    assert origin(world, "controls/b.yaml") == (second, "Zoë")
    # Objects that are not uploaded keep their metadata.
    world.write("controls/b.yaml", "name: B\ndescription: new\n")
    third = commit(world, "third")
    assert world.push().code == 0 and world.proxy.keys("PUT") == ["controls/b.yaml"]
    assert origin(world, "controls/b.yaml") == (third, NAME)
    assert origin(world, "controls/a.yaml") == (first, NAME)


def test_uncommitted_files_are_marked(repository):
    world = repository
    world.write(".gitignore", "ignored.yaml\n")
    world.write("controls/staged.yaml", "name: Staged\n")
    first = commit(world, "first")
    world.write("controls/a.yaml", "name: A\ndescription: edited\n")
    world.write("controls/new.yaml", "name: New\n")
    world.write("controls/ignored.yaml", "name: Ignored\n")
    world.write("controls/staged.yaml", "name: Staged\ndescription: x\n")
    world.git("add", "controls/staged.yaml")
    assert world.push().code == 0
    for name in ("a", "new", "ignored", "staged"):
        assert origin(world, f"controls/{name}.yaml") == ("uncommitted", "Someone Else"), name
    assert origin(world, "controls/b.yaml") == (first, NAME)
    world.git("config", "--unset", "user.name")
    world.write("controls/new.yaml", "name: New one\n")
    assert world.push().code == 0
    assert origin(world, "controls/new.yaml") == ("uncommitted", "")


def test_a_catalog_in_a_subdirectory_of_the_work_tree(repository):
    world = repository
    for path in ("controls", "frameworks", "keywords", "controlsync.toml"):
        (world.folder / "team é").mkdir(exist_ok=True)
        (world.folder / path).rename(world.folder / "team é" / path)
    first = commit(world, "first")
    assert world.push("--catalog-dir", "team é").code == 0
    assert origin(world, "controls/a.yaml") == (first, NAME)


def test_a_configuration_file_with_another_name(repository):
    world = repository
    world.write("ci/prod.toml", 'catalog = "prod"\n')
    first = commit(world, "first")
    assert world.push("--config", "ci/prod.toml").code == 0
    assert world.content("controlsync.toml") == b'catalog = "prod"\n'
    assert origin(world, "controlsync.toml") == (first, NAME)


def test_files_changed_by_a_merge_have_the_merge_commit(repository):
    world = repository
    first = commit(world, "first")
    world.git("switch", "-q", "-c", "side")
    world.write("controls/a.yaml", "name: A\ndescription: side\n")
    world.write("controls/b.yaml", "name: B\ndescription: side\n")
    side = commit(world, "side", "Side")
    world.git("switch", "-q", "main")
    world.write("controls/a.yaml", "name: A\ndescription: main\n")
    commit(world, "main", "Main")
    subprocess.run(["git", "merge", "-q", "side"], cwd=world.folder, env=world.environment, capture_output=True)
    world.write("controls/a.yaml", "name: A\ndescription: both\n")
    merge = commit(world, "merge", "Merger")
    assert world.push().code == 0
    assert origin(world, "controls/a.yaml") == (merge, "Merger")
    assert origin(world, "controls/b.yaml") == (side, "Side")
    assert origin(world, "frameworks/f.yaml") == (first, NAME)


def test_a_shallow_clone_leaves_out_unknown_commits(repository):
    world = repository
    first = commit(world, "first")
    world.write("controls/b.yaml", "name: B\ndescription: b\n")
    last = commit(world, "last")
    clone = world.folder.parent / "clone"
    world.git("clone", "-q", "--depth", "1", f"file://{world.folder}", str(clone))
    world.folder = clone
    result = world.push()
    assert result.code == 0, result
    assert result.stderr == (
        "warning: the last commit of 5 files is not in this shallow clone and is not recorded; fetch all commits\n"
    )
    assert origin(world, "controls/b.yaml") == (None, "")
    world.git("fetch", "-q", "--unshallow")
    result = world.push("--prefix", "full")
    assert (result.code, result.stderr) == (0, ""), result
    assert origin(world, "full/controls/a.yaml") == (first, NAME)
    assert origin(world, "full/controls/b.yaml") == (last, NAME)


@pytest.mark.parametrize("broken", ["no repository", "no git", "no commits"])
def test_without_commits_everything_is_uploaded(world, broken):
    variables = {}
    if broken == "no git":
        variables["PATH"] = ""
    if broken == "no commits":
        world.git("init", "-q")
    result = world.push(**variables)
    assert (result.code, result.stderr) == (0, ""), result
    assert len(world.keys()) == 5
    expected = "uncommitted" if broken == "no commits" else None
    assert origin(world, "controls/a.yaml") == (expected, "")


def test_an_unreadable_repository_is_reported(world):
    world.git("init", "-q")
    result = world.push(PATH="")
    warning = "warning: commits and authors are not recorded: cannot run git: No such file or directory (os error 2)\n"
    assert (result.code, result.stderr) == (0, warning), result
    assert len(world.keys()) == 5


def test_a_missing_repository_is_reported_with_verbose(world):
    result = world.push("-v")
    assert result.code == 0, result
    assert "commits are unknown: git rev-parse: fatal: not a git repository" in result.stderr, result
