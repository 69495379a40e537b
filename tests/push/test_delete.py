"""What is deleted from a bucket, and what is not."""

import pytest

from conftest import CATALOG

GONE = ["controls/gone.yaml", "controls/deep/gone.json", "frameworks/gone.yml", "keywords/AWS_Cloudtrail.txt"]
FOREIGN = [".controlsync/state.json", "README.md", "controls/notes.txt", "controls/a.yaml.bak", "other/controls/x.yaml"]


@pytest.fixture
def surplus(world):
    for key in GONE + FOREIGN:
        world.s3.put_object(Bucket=world.bucket, Key=key, Body=b"name: Gone\n")
    world.proxy.reset()
    return world


def test_nothing_is_deleted_unless_asked_for(surplus):
    ran = surplus.push()
    assert ran.code == 0 and ran.stdout.endswith(": 5 uploaded.\n"), ran
    assert ran.stderr == (
        f"4 objects in s3://{surplus.bucket}/ have no file here; --delete deletes what has none\n"
    )
    assert surplus.proxy.of("DELETE") == []
    assert surplus.push("--quiet").stderr == ""


def test_frameworks_go_first_and_nothing_else_goes(surplus):
    ran = surplus.push("--delete", "--yes")
    assert (ran.code, ran.stderr) == (0, ""), ran
    assert ran.stdout.endswith(
        "deleted frameworks/gone.yml\ndeleted controls/deep/gone.json\ndeleted controls/gone.yaml\n"
        "deleted keywords/AWS_Cloudtrail.txt\n\n"
        f"Pushed to s3://{surplus.bucket}/: 5 uploaded, 4 deleted.\n"
    )
    deleted = surplus.proxy.keys("DELETE")
    assert deleted[0] == "frameworks/gone.yml" and deleted[-1] == "keywords/AWS_Cloudtrail.txt"
    methods = [request.method for request in surplus.proxy.requests if request.method in ("PUT", "DELETE")]
    assert methods == ["PUT"] * 5 + ["DELETE"] * 4
    assert surplus.keys() == sorted([*CATALOG, *FOREIGN])


def test_only_below_the_prefix(surplus):
    surplus.s3.put_object(Bucket=surplus.bucket, Key="team/controls/old.yaml", Body=b"x")
    surplus.s3.put_object(Bucket=surplus.bucket, Key="teams/controls/old.yaml", Body=b"x")
    ran = surplus.push("--prefix", "team", "--delete", "--yes")
    assert (ran.code, surplus.proxy.keys("DELETE")) == (0, ["team/controls/old.yaml"]), ran


def test_off_a_terminal_it_needs_a_yes(surplus):
    ran = surplus.push("--delete")
    assert ran.code == 2 and "use --yes" in ran.stderr, ran
    assert surplus.proxy.requests == []


def test_a_no_changes_nothing(surplus):
    ran = surplus.push_on_terminal("--delete", typed=b"n\n")
    assert (ran.code, ran.stdout) == (3, "Nothing was uploaded or deleted.\n"), ran
    for path in GONE:
        assert f"- {path}" in ran.stderr, ran
    assert "Upload 5 files and delete 4 objects? [y/N]" in ran.stderr, ran
    assert surplus.proxy.of("PUT") == [] and surplus.proxy.of("DELETE") == []


def test_a_yes_does(surplus):
    ran = surplus.push_on_terminal("--delete", typed=b"y\n")
    assert ran.code == 0 and ran.stdout.endswith("5 uploaded, 4 deleted.\n"), ran
    # Nothing to delete, nothing to ask.
    ran = surplus.push_on_terminal("--delete", typed=b"n\n")
    assert ran.code == 0 and "[y/N]" not in ran.stderr, ran


def test_a_deletion_that_fails_is_told(surplus):
    surplus.proxy.refuse("DELETE", "controls/gone.yaml", "AccessDenied", "Access Denied")
    ran = surplus.push("--delete", "--yes")
    assert ran.code == 1 and "failed: delete controls/gone.yaml\n    DeleteObject: AccessDenied: Access Denied\n" in ran.stdout, ran
    assert "not deleted keywords/AWS_Cloudtrail.txt" in ran.stdout, ran


def test_what_another_catalog_has_is_not_deleted(surplus):
    surplus.s3.put_object(Bucket=surplus.bucket, Key="controlsync.toml", Body=b'catalog = "another"\n')
    surplus.proxy.reset()
    ran = surplus.push("--delete", "--yes")
    assert ran.code == 2 and 'holds the catalog "another", and this one is' in ran.stderr, ran
    assert surplus.proxy.of("DELETE") == [] and surplus.proxy.of("PUT") == []
    # Where the name is new, the bucket gets it first.
    assert surplus.push().code == 0
    assert surplus.push("--delete", "--yes").code == 0 and surplus.proxy.of("DELETE") != []
