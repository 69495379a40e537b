"""Deletion of objects from a bucket."""

import pytest

from conftest import CATALOG

SURPLUS = ["controls/old.yaml", "controls/deep/old.json", "frameworks/old.yml", "keywords/AWS_Cloudtrail.txt"]
OTHER = [".controlsync/state.json", "README.md", "controls/notes.txt", "controls/a.yaml.bak", "other/controls/x.yaml"]


@pytest.fixture
def surplus(world):
    for key in SURPLUS + OTHER:
        world.s3.put_object(Bucket=world.bucket, Key=key, Body=b"name: Old\n")
    world.proxy.reset()
    return world


def test_nothing_is_deleted_unless_asked_for(surplus):
    result = surplus.push()
    assert result.code == 0 and result.stdout.endswith(": 5 uploaded.\n"), result
    assert result.stderr == (
        f"4 objects in s3://{surplus.bucket}/ have no local file; use --delete to delete such objects\n"
    )
    assert surplus.proxy.of("DELETE") == []
    assert surplus.push("--quiet").stderr == ""


def test_frameworks_are_deleted_first_and_unrelated_objects_are_kept(surplus):
    result = surplus.push("--delete", "--yes")
    assert (result.code, result.stderr) == (0, ""), result
    assert result.stdout.endswith(
        "deleted frameworks/old.yml\ndeleted controls/deep/old.json\ndeleted controls/old.yaml\n"
        "deleted keywords/AWS_Cloudtrail.txt\n\n"
        f"Pushed to s3://{surplus.bucket}/: 5 uploaded, 4 deleted.\n"
    )
    deleted = surplus.proxy.keys("DELETE")
    assert deleted[0] == "frameworks/old.yml" and deleted[-1] == "keywords/AWS_Cloudtrail.txt"
    methods = [request.method for request in surplus.proxy.requests if request.method in ("PUT", "DELETE")]
    assert methods == ["PUT"] * 5 + ["DELETE"] * 4
    assert surplus.keys() == sorted([*CATALOG, *OTHER])


def test_only_objects_below_the_prefix_are_deleted(surplus):
    surplus.s3.put_object(Bucket=surplus.bucket, Key="team/controls/old.yaml", Body=b"x")
    surplus.s3.put_object(Bucket=surplus.bucket, Key="teams/controls/old.yaml", Body=b"x")
    result = surplus.push("--prefix", "team", "--delete", "--yes")
    assert (result.code, surplus.proxy.keys("DELETE")) == (0, ["team/controls/old.yaml"]), result


def test_without_a_terminal_yes_is_required(surplus):
    result = surplus.push("--delete")
    assert result.code == 2 and "use --yes" in result.stderr, result
    assert surplus.proxy.requests == []


def test_answering_no_changes_nothing(surplus):
    result = surplus.push_on_terminal("--delete", typed=b"n\n")
    assert (result.code, result.stdout) == (3, "Nothing was uploaded or deleted.\n"), result
    for path in SURPLUS:
        assert f"- {path}" in result.stderr, result
    assert "Upload 5 files and delete 4 objects? [y/N]" in result.stderr, result
    assert surplus.proxy.of("PUT") == [] and surplus.proxy.of("DELETE") == []


def test_answering_yes_uploads_and_deletes(surplus):
    result = surplus.push_on_terminal("--delete", typed=b"y\n")
    assert result.code == 0 and result.stdout.endswith("5 uploaded, 4 deleted.\n"), result
    # With nothing to delete, there is no prompt.
    result = surplus.push_on_terminal("--delete", typed=b"n\n")
    assert result.code == 0 and "[y/N]" not in result.stderr, result


def test_a_failed_deletion_is_reported(surplus):
    surplus.proxy.reject("DELETE", "controls/old.yaml", "AccessDenied", "Access Denied")
    result = surplus.push("--delete", "--yes")
    failed = "failed: delete controls/old.yaml\n    DeleteObject: AccessDenied: Access Denied\n"
    assert result.code == 1 and failed in result.stdout, result
    assert "not deleted keywords/AWS_Cloudtrail.txt" in result.stdout, result


def test_objects_of_another_catalog_are_not_deleted(surplus):
    surplus.s3.put_object(Bucket=surplus.bucket, Key="controlsync.toml", Body=b'catalog = "another"\n')
    surplus.proxy.reset()
    result = surplus.push("--delete", "--yes")
    assert result.code == 2 and 'has the catalog "another", but this catalog is' in result.stderr, result
    assert surplus.proxy.of("DELETE") == [] and surplus.proxy.of("PUT") == []
    # After a rename, a push without --delete uploads the new name first.
    assert surplus.push().code == 0
    assert surplus.push("--delete", "--yes").code == 0 and surplus.proxy.of("DELETE") != []


def test_exceptions_and_guard_rules_are_uploaded_with_what_they_belong_to_and_deleted(world):
    world.write("exceptions/a.yaml", "check: ACCESS_KEYS_ROTATED\nreason: Migration\nuntil: 9999-12-31\n")
    world.write("rules/house.guard", "rule house {}\n")
    world.write("rules/README.md", "Ours.\n")
    assert world.push().code == 0
    assert world.keys() == sorted([*CATALOG, "exceptions/a.yaml", "rules/house.guard"])
    uploaded = world.proxy.keys("PUT")
    assert uploaded.index("rules/house.guard") < uploaded.index("controls/a.yaml")
    (world.folder / "exceptions/a.yaml").unlink()
    (world.folder / "rules/house.guard").unlink()
    result = world.push("--delete", "--yes")
    assert (result.code, world.keys()) == (0, sorted(CATALOG)), result
    assert world.proxy.keys("DELETE") == ["exceptions/a.yaml", "rules/house.guard"]
