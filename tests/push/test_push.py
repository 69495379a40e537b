"""What comes into a bucket, in which order, and what does not."""

import base64
import hashlib
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
    assert (again.code, again.stdout) == (0, f"Nothing differs: 5 files are in {address} as here.\n"), again
    assert (world.proxy.keys("PUT"), len(world.proxy.of("HEAD")), len(world.proxy.of("GET"))) == ([], 5, 1)


def test_only_the_content_counts(world):
    assert world.push().code == 0
    os.utime(world.folder / "controls/a.yaml", (0, 0))
    # As with a key of AWS KMS or an upload in parts, the ETag is no digest of the content.
    parts = world.s3.create_multipart_upload(Bucket=world.bucket, Key="controls/b.yaml")
    where = {"Bucket": world.bucket, "Key": "controls/b.yaml", "UploadId": parts["UploadId"]}
    content = CATALOG["controls/b.yaml"].encode()
    part = world.s3.upload_part(**where, PartNumber=1, Body=content)
    world.s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert world.head("controls/b.yaml")["ETag"].endswith('-1"')
    ran = world.push()
    # What has no checksum of its content counts as different, once.
    assert (ran.code, world.proxy.keys("PUT")) == (0, ["controls/b.yaml"]), ran
    assert world.push().stdout.startswith("Nothing differs")
    # The same size, another content, an ETag that claims to be the same.
    world.write("controls/a.yaml", "name: C\n")
    world.write("frameworks/f.yaml", CATALOG["frameworks/f.yaml"].replace("[A,", "[C,"))
    ran = world.push()
    assert world.proxy.keys("PUT") == ["controls/a.yaml", "frameworks/f.yaml"], ran
    assert ran.stdout.endswith(": 2 uploaded, 3 unchanged.\n"), ran
    assert world.content("controls/a.yaml") == b"name: C\n"


def test_a_phase_begins_when_the_one_before_is_done(world):
    for number in range(20):
        world.write(f"controls/{number}.yaml", f"name: Control {number}\n")
    held = ["keywords/AWS_Config.txt", "controls/7.yaml"]
    gates = {key: world.proxy.hold("PUT", key) for key in held}
    process = subprocess.Popen(world.command(), cwd=world.folder, env=world.environment, stdout=subprocess.PIPE)
    seen = []
    for key, uploads in zip(held, (2, 24)):
        arrived, go_on = gates[key]
        # While this one stands still, all others of its phase come, and after them nothing.
        assert arrived.wait(30) and world.proxy.wait_for("PUT", uploads, 30)
        assert not world.proxy.wait_for("PUT", uploads + 1, 0.3)
        seen.append(sorted({key.split("/")[0] for key in world.proxy.keys("PUT")}))
        go_on.set()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert seen == [["controlsync.toml", "keywords"], ["controls", "controlsync.toml", "keywords"]]
    folders = [key.split("/")[0] for key in world.proxy.keys("PUT")]
    assert folders == sorted(folders, key=["controlsync.toml", "keywords", "controls", "frameworks"].index)
    ended = max(request.ended for request in world.proxy.of("PUT") if request.key.startswith("controls/"))
    assert ended <= next(request.started for request in world.proxy.of("PUT") if request.key.startswith("frameworks/"))


def test_what_refers_to_a_failed_upload_stays_away(world):
    world.s3.put_object(Bucket=world.bucket, Key="controls/old.yaml", Body=b"name: Old\n")
    world.proxy.refuse("PUT", "controls/a.yaml", "AccessDenied", "User: x is not authorized")
    ran = world.push("--delete", "--yes")
    assert ran.code == 1
    assert ran.stdout == (
        "uploaded controlsync.toml\n"
        "uploaded keywords/AWS_Config.txt\n"
        "failed: upload controls/a.yaml\n"
        "    PutObject: AccessDenied: User: x is not authorized\n"
        "    The credentials lack s3:PutObject on the object, or a permission on the key that encrypts it.\n"
        "uploaded controls/b.yaml\n"
        "not uploaded frameworks/f.yaml\n"
        "not deleted controls/old.yaml\n"
        "\n"
        f"Pushed to s3://{world.bucket}/: 3 uploaded, 1 failed, 2 not started.\n"
        "Push again: what is there already is not uploaded twice.\n"
    )
    assert not any(key.startswith("frameworks") for key in world.proxy.keys("PUT")) and world.proxy.of("DELETE") == []
    world.proxy.reset()
    ran = world.push("--delete", "--yes")
    assert (ran.code, world.proxy.keys("PUT")) == (0, ["controls/a.yaml", "frameworks/f.yaml"]), ran
    assert ran.stdout.endswith("2 uploaded, 3 unchanged, 1 deleted.\n"), ran


def test_names_stay_as_they_are(empty):
    names = ["a b", "a+b", "a%2Bb", "a%20b", "é", "e\u0301", "'\"", "[1] #?&=;", "a&amp;b", "日本/🔑"]
    for number, name in enumerate(names):
        empty.write(f"controls/{name}.yaml", f"name: Control {number}\n")
    ran = empty.push("--prefix", "team é/a+b")
    assert ran.code == 0, ran
    assert empty.keys() == sorted(f"team é/a+b/controls/{name}.yaml" for name in names)
    again = empty.push("--prefix", "team é/a+b", "--delete", "--yes")
    assert again.stdout.startswith("Nothing differs: 10 files"), again


@pytest.mark.parametrize("errors", ["controls/a.yaml", "frameworks/f.yaml", "controlsync.toml"])
def test_errors_upload_nothing(world, errors):
    world.write(errors, "nonsense = 1\n" if errors.endswith("toml") else "nmae: A\n")
    ran = world.push()
    assert ran.code == 1 and errors in ran.stdout, ran
    assert ran.stdout.endswith("\nNothing is uploaded from a catalog with errors.\n"), ran
    assert world.proxy.requests == []


def test_warnings_are_told_beside(world):
    world.write("controls/a.yaml", "name: A\ndescription: TODO\n")
    ran = world.push()
    assert (ran.code, "warning[placeholder-text]" in ran.stderr) == (0, True), ran
    assert world.push("--quiet").stderr == ""


@pytest.mark.parametrize(
    ("prefix", "keys"), [("audit", "audit/"), ("/audit/team/", "audit/team/"), ("/", ""), ("", ""), ("a//b", "a//b/")]
)
def test_a_prefix_has_one_form(world, prefix, keys):
    ran = world.push("--prefix", prefix)
    assert ran.stdout.endswith(f"Pushed to s3://{world.bucket}/{keys}: 5 uploaded.\n"), ran
    assert world.keys() == sorted(keys + path for path in CATALOG)


def test_the_bucket_is_of_the_flag_else_the_environment_else_the_file(world):
    other = world.bucket + "x"
    world.s3.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": REGION})
    world.write("controlsync.toml", f'[bucket]\nname = "{other}"\nprefix = "file"\n')

    def place(*arguments, **variables):
        ran = world.push(*arguments, **variables)
        assert ran.code == 0, ran
        return ran.stdout.split("s3://")[1].split()[0].rstrip(":")

    assert place(CONTROLSYNC_BUCKET="") == f"{other}/file/"
    assert place(CONTROLSYNC_PREFIX="") == f"{world.bucket}/file/"
    assert place(CONTROLSYNC_PREFIX="env") == f"{world.bucket}/env/"
    assert place("--bucket", other, "--prefix", "flag", CONTROLSYNC_PREFIX="env") == f"{other}/flag/"
    assert place("--prefix", "", CONTROLSYNC_PREFIX="env") == f"{world.bucket}/"


def test_a_configuration_from_elsewhere_is_that_of_the_catalog(world):
    elsewhere = world.folder.parent / "elsewhere.toml"
    elsewhere.write_text('catalog = "elsewhere"\n')
    ran = world.push("--config", str(elsewhere), "--delete", "--yes")
    assert (ran.code, world.content("controlsync.toml")) == (0, b'catalog = "elsewhere"\n'), ran


def test_what_cannot_run_says_why(world):
    assert world.push(CONTROLSYNC_BUCKET="").stderr == (
        "error: no bucket is named: use --bucket, CONTROLSYNC_BUCKET, or `name` under [bucket] in controlsync.toml\n"
    )
    ran = world.push("--bucket", "s3://team/audit")
    assert ran.code == 2 and "is no name of a bucket" in ran.stderr, ran
    ran = world.push("--bucket", "there-is-no-such-bucket")
    assert ran.code == 2 and "ListObjectsV2: NoSuchBucket: " in ran.stderr, ran
    assert ran.stderr.endswith("Check the name of the bucket.\n"), ran
    world.proxy.refuse("GET", "", "AccessDenied", "Access Denied")
    ran = world.push()
    assert (ran.code, ran.stdout) == (2, ""), ran
    assert ran.stderr == (
        f"error: cannot compare with s3://{world.bucket}/: ListObjectsV2: AccessDenied: Access Denied\n"
        "The credentials lack s3:ListBucket on the bucket, or a permission on the key that encrypts it.\n"
    )
    ran = world.push("--local")
    assert ran.code == 2 and "leave out --local" in ran.stderr, ran
    ran = world.push(AWS_ENDPOINT_URL_S3="http://127.0.0.1:1")
    assert ran.code == 2 and ran.stderr.endswith("Check the network, the Region and AWS_ENDPOINT_URL_S3.\n"), ran
    ran = world.push(AWS_ENDPOINT_URL_S3="nonsense")
    assert ran.code == 2 and "AWS_ENDPOINT_URL_S3 holds no URL" in ran.stderr, ran
    for path in ("controls/a.yaml", "controls/b.yaml", "frameworks/f.yaml"):
        (world.folder / path).unlink()
    ran = world.push("--delete", "--yes")
    assert ran.code == 2 and "holds no .yaml, .yml or .json file" in ran.stderr, ran
    assert world.proxy.of("PUT") == []


def test_without_checksums_nothing_is_uploaded(world):
    assert world.push().code == 0
    world.write("controls/b.yaml", "name: B\ndescription: new\n")
    world.proxy.refuse("HEAD", "controls/a.yaml", "AccessDenied")
    ran = world.push()
    assert (ran.code, world.proxy.of("PUT")) == (2, []), ran
    assert ran.stderr.endswith(
        "HeadObject: the answer has status 403 and no message\n"
        "The credentials lack s3:GetObject on the object, or a permission on the key that encrypts it.\n"
    ), ran


def test_ctrl_c_starts_nothing_new_and_reports(world):
    arrived, go_on = world.proxy.hold("PUT", "controlsync.toml")
    process = subprocess.Popen(
        world.command(), cwd=world.folder, env=world.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )
    assert arrived.wait(30)
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline().startswith("Nothing new is started")
    go_on.set()
    stdout, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert stdout.startswith("uploaded controlsync.toml\n") and "not uploaded controls/a.yaml\n" in stdout, stdout
    assert not any(key.startswith(("controls/", "frameworks/")) for key in world.proxy.keys("PUT"))
    assert world.push().code == 0
