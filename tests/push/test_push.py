"""Uploads to a bucket: which files, and in which order."""

import base64
import hashlib
import itertools
import os
import signal
import subprocess

import pytest

from conftest import CATALOG, REGION

UPLOADED = "".join(f"uploaded {path}\n" for path in CATALOG)


def sha256(content):
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def test_everything_is_uploaded_once(world):
    world.write("controls/a.yaml", "\ufeffname: A\r\ndescription: é\r\n")
    first = world.push()
    address = f"s3://{world.bucket}/"
    assert (first.code, first.stderr) == (0, ""), first
    assert first.stdout == f"{UPLOADED}\nPushed to {address}: 5 uploaded.\n"
    assert world.keys() == sorted(CATALOG)
    for path in CATALOG:
        content = (world.folder / path).read_bytes()
        assert world.content(path) == content
        assert world.head(path)["ChecksumSHA256"] == sha256(content), path
    again = world.push()
    assert (again.code, again.stdout) == (0, f"No changes. 5 files in {address} match the catalog.\n"), again
    assert (world.proxy.keys("PUT"), len(world.proxy.of("HEAD")), len(world.proxy.of("GET"))) == ([], 5, 1)


def test_only_the_content_counts(world):
    assert world.push().code == 0
    os.utime(world.folder / "controls/a.yaml", (0, 0))
    # With a KMS key or a multipart upload, the ETag is not a digest of the content.
    parts = world.s3.create_multipart_upload(Bucket=world.bucket, Key="controls/b.yaml")
    where = {"Bucket": world.bucket, "Key": "controls/b.yaml", "UploadId": parts["UploadId"]}
    content = CATALOG["controls/b.yaml"].encode()
    part = world.s3.upload_part(**where, PartNumber=1, Body=content)
    world.s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert world.head("controls/b.yaml")["ETag"].endswith('-1"')
    result = world.push()
    # An object without a checksum of its content counts as different, once.
    assert (result.code, world.proxy.keys("PUT")) == (0, ["controls/b.yaml"]), result
    assert world.push().stdout.startswith("No changes")
    # The same size and another content.
    world.write("controls/a.yaml", "name: C\n")
    world.write("frameworks/f.yaml", CATALOG["frameworks/f.yaml"].replace("[A,", "[C,"))
    result = world.push()
    assert world.proxy.keys("PUT") == ["controls/a.yaml", "frameworks/f.yaml"], result
    assert result.stdout.endswith(": 2 uploaded, 3 unchanged.\n"), result
    assert world.content("controls/a.yaml") == b"name: C\n"


def test_a_phase_starts_when_the_previous_one_is_done(world):
    for number in range(20):
        world.write(f"controls/{number}.yaml", f"name: Control {number}\n")
    delayed = ["keywords/AWS_Config.txt", "controls/7.yaml"]
    gates = {key: world.proxy.delay("PUT", key) for key in delayed}
    process = subprocess.Popen(world.command(), cwd=world.folder, env=world.environment, stdout=subprocess.PIPE)
    uploaded = []
    for key, uploads in zip(delayed, (2, 24)):
        arrived, resume = gates[key]
        # While this upload is delayed, all others of its phase arrive, and none of the next.
        assert arrived.wait(30) and world.proxy.wait_for("PUT", uploads, 30)
        assert not world.proxy.wait_for("PUT", uploads + 1, 0.3)
        uploaded.append(sorted({key.split("/")[0] for key in world.proxy.keys("PUT")}))
        resume.set()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert uploaded == [["controlsync.toml", "keywords"], ["controls", "controlsync.toml", "keywords"]]
    # The uploads of one phase arrive in any order.
    phase = {"controlsync.toml": 0, "keywords": 0, "controls": 1, "frameworks": 2}
    phases = [phase[key.split("/")[0]] for key in world.proxy.keys("PUT")]
    assert phases == sorted(phases)
    ended = max(request.ended for request in world.proxy.of("PUT") if request.key.startswith("controls/"))
    assert ended <= next(request.started for request in world.proxy.of("PUT") if request.key.startswith("frameworks/"))


def test_files_that_refer_to_a_failed_upload_are_not_uploaded(world):
    world.s3.put_object(Bucket=world.bucket, Key="controls/old.yaml", Body=b"name: Old\n")
    world.proxy.reject("PUT", "controls/a.yaml", "AccessDenied", "User: x is not authorized")
    result = world.push("--delete", "--yes")
    assert result.code == 1
    assert result.stdout == (
        "uploaded controlsync.toml\n"
        "uploaded keywords/AWS_Config.txt\n"
        "failed: upload controls/a.yaml\n"
        "    PutObject: AccessDenied: User: x is not authorized\n"
        "    The credentials lack s3:PutObject on the object, or a permission on its encryption key.\n"
        "uploaded controls/b.yaml\n"
        "not uploaded frameworks/f.yaml\n"
        "not deleted controls/old.yaml\n"
        "\n"
        f"Pushed to s3://{world.bucket}/: 3 uploaded, 1 failed, 2 not started.\n"
        "Push again: files that are already in the bucket are not uploaded twice.\n"
    )
    assert not any(key.startswith("frameworks") for key in world.proxy.keys("PUT")) and world.proxy.of("DELETE") == []
    world.proxy.reset()
    result = world.push("--delete", "--yes")
    assert (result.code, world.proxy.keys("PUT")) == (0, ["controls/a.yaml", "frameworks/f.yaml"]), result
    assert result.stdout.endswith("2 uploaded, 3 unchanged, 1 deleted.\n"), result


def test_special_characters_in_names_are_preserved(empty):
    names = ["a b", "a+b", "a%2Bb", "a%20b", "é", "e\u0301", "'\"", "[1] #?&=;", "a&amp;b", "日本/🔑"]
    for number, name in enumerate(names):
        empty.write(f"controls/{name}.yaml", f"name: Control {number}\n")
    result = empty.push("--prefix", "team é/a+b")
    assert result.code == 0, result
    assert empty.keys() == sorted(f"team é/a+b/controls/{name}.yaml" for name in names)
    again = empty.push("--prefix", "team é/a+b", "--delete", "--yes")
    assert again.stdout.startswith("No changes. 10 files"), again


@pytest.mark.parametrize("errors", ["controls/a.yaml", "frameworks/f.yaml", "controlsync.toml"])
def test_errors_upload_nothing(world, errors):
    world.write(errors, "nonsense = 1\n" if errors.endswith("toml") else "nmae: A\n")
    result = world.push()
    assert result.code == 1 and errors in result.stdout, result
    assert result.stdout.endswith("\nNothing was uploaded: the catalog has errors.\n"), result
    assert world.proxy.requests == []


def test_warnings_do_not_stop_the_upload(world):
    world.write("controls/a.yaml", "name: A\ndescription: TODO\n")
    result = world.push()
    assert (result.code, "warning[placeholder-text]" in result.stderr) == (0, True), result
    assert world.push("--quiet").stderr == ""


@pytest.mark.parametrize(
    ("prefix", "keys"), [("audit", "audit/"), ("/audit/team/", "audit/team/"), ("/", ""), ("", ""), ("a//b", "a//b/")]
)
def test_prefixes_are_normalized(world, prefix, keys):
    result = world.push("--prefix", prefix)
    assert result.stdout.endswith(f"Pushed to s3://{world.bucket}/{keys}: 5 uploaded.\n"), result
    assert world.keys() == sorted(keys + path for path in CATALOG)


def test_the_flag_overrides_the_environment_and_the_file(world):
    other = world.bucket + "x"
    world.s3.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": REGION})
    world.write("controlsync.toml", f'[bucket]\nname = "{other}"\nprefix = "file"\n')

    def target(*arguments, **variables):
        result = world.push(*arguments, **variables)
        assert result.code == 0, result
        return result.stdout.split("s3://")[1].split()[0].rstrip(":")

    assert target(CONTROLSYNC_BUCKET="") == f"{other}/file/"
    assert target(CONTROLSYNC_PREFIX="") == f"{world.bucket}/file/"
    assert target(CONTROLSYNC_PREFIX="env") == f"{world.bucket}/env/"
    assert target("--bucket", other, "--prefix", "flag", CONTROLSYNC_PREFIX="env") == f"{other}/flag/"
    assert target("--prefix", "", CONTROLSYNC_PREFIX="env") == f"{world.bucket}/"


def test_a_configuration_outside_the_catalog_is_uploaded(world):
    elsewhere = world.folder.parent / "elsewhere.toml"
    elsewhere.write_text('catalog = "elsewhere"\n')
    result = world.push("--config", str(elsewhere), "--delete", "--yes")
    assert (result.code, world.content("controlsync.toml")) == (0, b'catalog = "elsewhere"\n'), result


def test_errors_before_the_upload_say_what_to_do(world):
    assert world.push(CONTROLSYNC_BUCKET="").stderr == (
        "error: no bucket is set: use --bucket, CONTROLSYNC_BUCKET, or `name` under [bucket] in controlsync.toml\n"
    )
    result = world.push("--bucket", "s3://team/audit")
    assert result.code == 2 and "is not a valid bucket name" in result.stderr, result
    result = world.push("--bucket", "there-is-no-such-bucket")
    assert result.code == 2 and "ListObjectsV2: NoSuchBucket: " in result.stderr, result
    assert result.stderr.endswith("Check the name of the bucket.\n"), result
    world.proxy.reject("GET", "", "AccessDenied", "Access Denied")
    result = world.push()
    assert (result.code, result.stdout) == (2, ""), result
    assert result.stderr == (
        f"error: cannot compare with s3://{world.bucket}/: ListObjectsV2: AccessDenied: Access Denied\n"
        "The credentials lack s3:ListBucket on the bucket, or a permission on its encryption key.\n"
    )
    result = world.push("--local")
    assert result.code == 2 and "remove --local" in result.stderr, result
    result = world.push(AWS_ENDPOINT_URL_S3="http://127.0.0.1:1")
    assert result.code == 2 and result.stderr.endswith("Check the network, the Region and AWS_ENDPOINT_URL_S3.\n"), result
    result = world.push(AWS_ENDPOINT_URL_S3="nonsense")
    assert result.code == 2 and "AWS_ENDPOINT_URL_S3 is not a valid URL" in result.stderr, result
    for path in ("controls/a.yaml", "controls/b.yaml", "frameworks/f.yaml"):
        (world.folder / path).unlink()
    result = world.push("--delete", "--yes")
    assert result.code == 2 and "has no .yaml, .yml or .json file" in result.stderr, result
    assert world.proxy.of("PUT") == []


def test_without_checksums_nothing_is_uploaded(world):
    assert world.push().code == 0
    world.write("controls/b.yaml", "name: B\ndescription: new\n")
    world.proxy.reject("HEAD", "controls/a.yaml", "AccessDenied")
    result = world.push()
    assert (result.code, world.proxy.of("PUT")) == (2, []), result
    assert result.stderr.endswith(
        "HeadObject: the response has status 403 and no message\n"
        "The credentials lack s3:GetObject on the object, or a permission on its encryption key.\n"
    ), result


@pytest.mark.parametrize(("tokens", "requests", "why"), [
    (itertools.repeat("a"), 2, "the service repeated the token of a page"),
    (itertools.cycle("ab"), 3, "the service repeated the token of a page"),
    (map(str, itertools.count()), 101, "100 pages in a row have nothing new"),
])
def test_a_list_that_does_not_end_is_an_error(world, tokens, requests, why):
    world.proxy.never_end(tokens)
    result = world.push()
    assert (result.code, world.proxy.of("PUT"), len(world.proxy.of("GET"))) == (2, [], requests), result
    assert f"ListObjectsV2: the list does not end: {why}\n" in result.stderr, result


def test_ctrl_c_starts_nothing_new_and_reports(world):
    arrived, resume = world.proxy.delay("PUT", "controlsync.toml")
    process = subprocess.Popen(
        world.command(), cwd=world.folder, env=world.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )
    assert arrived.wait(30)
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline().startswith("Stopping: requests in flight are finished")
    resume.set()
    stdout, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert stdout.startswith("uploaded controlsync.toml\n") and "not uploaded controls/a.yaml\n" in stdout, stdout
    assert not any(key.startswith(("controls/", "frameworks/")) for key in world.proxy.keys("PUT"))
    assert world.push().code == 0
