"""Commands of docs/push.md, docs/guide/pull-requests.md and docs/guide/from-the-aws-sample.md that need a bucket."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def read(page):
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", read(page), re.DOTALL | re.MULTILINE)


@pytest.fixture
def run(empty):
    """Runs a command in the catalog's root directory. Returns its output."""
    empty.s3.create_bucket(Bucket="team-catalog", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    path = f"{Path(os.environ['CONTROLSYNC_BIN']).parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"

    def run(command):
        environment = empty.environment | {"PATH": path, "AWS_DEFAULT_REGION": "eu-west-1"}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=empty.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    yield run
    for item in empty.s3.list_objects_v2(Bucket="team-catalog").get("Contents", []):
        empty.s3.delete_object(Bucket="team-catalog", Key=item["Key"])
    empty.s3.delete_bucket(Bucket="team-catalog")


def test_push_prints_what_its_page_shows(empty, run):
    [command] = blocks("docs/push.md", "sh")
    [shown] = blocks("docs/push.md", "text")
    for number in range(36):
        empty.write(f"controls/other/{number}.yaml", f"name: Control {number}\n")
    run(command)
    empty.s3.put_object(Bucket="team-catalog", Key="audit/controls/gone.yaml", Body=b"name: gone\n")
    empty.write("controls/access/keys-are-rotated.yaml", "name: Access-KeysAreRotated\n")
    empty.write("frameworks/baseline.yaml", "name: Baseline\ncontrolSets: [{name: All, controls: [Control 1]}]\n")
    assert run(command) == shown


def test_ci_uploads_merged_changes(empty, run):
    lines = re.findall(r"`- (?:run: )?(controlsync push .*?)`", read("docs/guide/pull-requests.md"))
    assert len(lines) == 2
    for number, line in enumerate(lines):
        empty.write(f"audit/controls/{number}.yaml", f"name: Control {number}\n")
        assert "Pushed to s3://team-catalog/audit/: 1 uploaded" in run(f"CATALOG_DIR=audit; {line}")


def test_the_bucket_of_the_aws_sample_is_downloaded(empty, run):
    copying = next(block for block in blocks("docs/guide/from-the-aws-sample.md", "sh") if "aws s3 sync" in block)
    for key in ("controls/a.yaml", "frameworks/f.yaml"):
        empty.s3.put_object(Bucket="team-catalog", Key=key, Body=b"name: A\n")
    run(copying.replace("YOUR-BUCKET", "team-catalog"))
    assert (empty.folder / "controls/a.yaml").read_bytes() == b"name: A\n"
    assert (empty.folder / "frameworks/f.yaml").exists()


def test_the_stack_of_the_aws_sample_is_deleted(empty, run):
    [deleting] = [block for block in blocks("docs/guide/from-the-aws-sample.md", "sh") if "delete-stack" in block]
    address = f"export AWS_ENDPOINT_URL={empty.proxy.endpoint}\n"
    template = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'
    run(f"{address}aws cloudformation create-stack --stack-name their-sample --template-body '{template}'")
    run(address + deleting.replace("YOUR-STACK", "their-sample"))
    assert "their-sample" not in run(f"{address}aws cloudformation describe-stacks")
