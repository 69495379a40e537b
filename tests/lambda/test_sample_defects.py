"""Defects of the AWS sample enterprise-controls-catalog-via-aws-audit-manager.

Each has a test that checks that the function does not have it. The test names describe what the sample does.
"""

import os
import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import logs
from definitions import control, framework, invalid
from events import notification
from function import PRIVATE, binary
from proxy import UNAVAILABLE
from retries import upload

ROOT = Path(__file__).parents[2]
BACKUP = {"controls/backup.yaml": control("Backup")}


def operations(world, name):
    return [request for request in world.requests() if request["operation"] == name]


def test_01_object_keys_are_not_decoded(world):
    world.put({"controls/My Control.yaml": control("One"), "controls/S\u00e9curit\u00e9+.yaml": control("Two")})
    assert set(world.controls()) == {"One", "Two"}


def test_02_only_the_first_record_counts(world):
    world.bypass_event_bridge()
    world.upload("controls/backup.yaml", control("Backup"))
    world.discard_messages()
    world.send(notification("README.md", "images/logo.png", "controls/backup.yaml"))
    assert world.drain().sent_back == set()
    assert set(world.controls()) == {"Backup"}


def test_03_the_reason_of_a_failure_is_thrown_away(world):
    world.account.fault("deny", "CreateControl", times=100)
    upload(world, BACKUP)
    world.invoke(world.next_batch(receives=2))
    mail, error = world.mail(), world.event()["changes"][0]["error"]
    assert error["message"] and error["message"] in mail.text
    for word in ["CreateControl", "AccessDeniedException", "Backup", "controls/backup.yaml"]:
        assert word in mail.text


def test_04_a_failure_is_answered_as_success(world):
    function = world.function()
    function.new_lines()
    world.upload("controls/backup.yaml", control("Backup"))
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=100)
    event = world.next_batch()
    assert len(world.invoke(event).sent_back) == 1
    assert world.invoke({"action": "reconcile"}).kind == "error"
    lines = function.new_lines()
    assert logs.metrics(lines)["Failures"] == 1 and logs.metrics(lines)["CompletedRuns"] == 0
    assert "ERROR" in {line["level"] for line in lines}


def test_05_an_unsent_mail_fails_the_control_or_writes_it_again(world):
    world.upload("controls/backup.yaml", control("Backup"))
    world.proxy.on("Publish", UNAVAILABLE, times=100)
    event = world.next_batch()
    assert world.invoke(event).kind == "error", "Lambda retries, and the report is sent again"
    world.proxy.reset()
    assert world.retry(event).sent_back == set()
    assert len(operations(world, "CreateControl")) == 1 and "UpdateControl" not in world.written()
    mail = world.mail()
    assert mail.attributes["outcome"] == "applied" and "failed" not in mail.subject


def test_06_names_of_the_api_and_misspelled_names_are_ignored(world):
    source = "  - sourceName: Rule\n    sourceType: AWS_Config\n    sourceKeyword:\n"
    source += "      keywordValue: S3_BUCKET_VERSIONING_ENABLED\n"
    world.put(
        {
            "controls/pasted.yaml": control("Pasted", more=f"controlMappingSources:\n{source}"),
            "controls/misspelled.yaml": control("Misspelled", more=f"datasource:\n{source}"),
        }
    )
    assert set(world.controls()) == {"Pasted"}
    [created] = world.controls()["Pasted"]["controlMappingSources"]
    assert created["sourceType"] == "AWS_Config"
    assert created["sourceKeyword"]["keywordValue"] == "S3_BUCKET_VERSIONING_ENABLED"
    text = world.mail().text
    assert "controls/misspelled.yaml:4:1" in text and "datasource" in text


def test_07_empty_lists_and_texts_are_sent(world):
    world.put(
        {
            **BACKUP,
            "controls/empty.yaml": control("Empty", more="datasources: []\n"),
            "frameworks/empty.yaml": "name: Empty\ndescription: ''\ncontrolSets: [{name: Set, controls: [Backup]}]\n",
        }
    )
    assert world.frameworks() == {} and set(world.controls()) == {"Backup"}
    assert all(request["status"] == 200 for request in world.requests()), "nothing is sent that the service rejects"
    text = world.mail().text
    assert "controls/empty.yaml:4:" in text and "frameworks/empty.yaml:2:" in text


def test_08_an_unknown_control_is_sent_as_nothing_and_not_named(world):
    world.put({**BACKUP, "frameworks/all.yaml": framework("All", ["Backup", "Bakcup"])})
    assert operations(world, "CreateAssessmentFramework") == []
    text = world.mail().text
    assert "frameworks/all.yaml:7:9" in text and "Bakcup" in text


def test_09_standard_controls_cannot_be_used(world):
    listed = world.listed("list_controls", "controlMetadataList", controlType="Standard")
    names = [one["name"] for one in listed]
    chosen = next(one for one in listed if names.count(one["name"]) == 1)
    world.put({**BACKUP, "frameworks/all.yaml": framework("All", ["Backup", f'standard: "{chosen["name"]}"'])})
    [control_set] = world.frameworks()["All"]["controlSets"]
    assert {one["id"] for one in control_set["controls"]} == {chosen["id"], world.controls()["Backup"]["id"]}


def test_10_tags_are_all_removed_and_then_set(world):
    world.put({"controls/backup.yaml": control("Backup", tags={"Owner": "One", "Old": "Old"})})
    world.put({"controls/bare.yaml": control("Bare")})
    arn = world.controls()["Backup"]["arn"]
    world.audit_manager.tag_resource(resourceArn=arn, tags={"Unmanaged": "stays"})
    world.forget_requests()
    world.put(
        {
            "controls/backup.yaml": control("Backup", tags={"Owner": "Two"}),
            "controls/bare.yaml": control("Bare", "Edited"),
        }
    )
    tags = world.controls()["Backup"]["tags"]
    assert {key: value for key, value in tags.items() if not key.startswith("controlsync:")} == {
        "Owner": "Two",
        "Unmanaged": "stays",
    }
    # Only the key that is no longer in the file, and nothing from the control without tags.
    [untagged] = operations(world, "UntagResource")
    assert re.findall(r"tagKeys=([^&]*)", untagged["path"]) == ["Old"]
    assert all(request["status"] == 200 for request in world.requests())
    assert {mail.attributes["outcome"] for mail in world.mails()} == {"applied"}


def test_11_tags_reach_the_service_as_numbers_and_dates(world):
    scalars = {"Version": "1.10", "Since": "2024-01-01", "Live": "true"}
    world.put({"controls/backup.yaml": control("Backup", tags=scalars)})
    assert world.controls() == {}
    text = world.mail().text
    for line, (key, value) in enumerate(scalars.items(), 5):
        assert f"controls/backup.yaml:{line}:" in text and f'"{value}"' in text, key
    world.put({"controls/backup.yaml": control("Backup", tags={key: f'"{value}"' for key, value in scalars.items()})})
    tags = world.controls()["Backup"]["tags"]
    assert {key: tags[key] for key in scalars} == scalars


def test_12_an_identical_upload_writes(world):
    files = {**BACKUP, "frameworks/all.yaml": framework("All", ["Backup"])}
    world.put(files)
    world.forget_requests()
    world.put(files)
    assert world.written() == []


def test_13_sources_and_control_sets_are_recreated_by_each_update(world):
    files = {**BACKUP, "frameworks/all.yaml": framework("All", ["Backup"])}
    world.put(files)

    def ids():
        sources, sets = world.controls()["Backup"]["controlMappingSources"], world.frameworks()["All"]["controlSets"]
        return [source["sourceId"] for source in sources], [one["id"] for one in sets]

    before = ids()
    world.put(
        {
            "controls/backup.yaml": control("Backup", "Edited"),
            "frameworks/all.yaml": framework("All", ["Backup"], "Edited"),
        }
    )
    assert "UpdateControl" in world.written() and "UpdateAssessmentFramework" in world.written()
    assert ids() == before


def test_14_lists_are_read_for_each_event_and_the_first_of_a_name_is_taken(world):
    world.account.switch(rejectDuplicateNames=False)
    source = {"sourceName": "R", "sourceType": "MANUAL", "sourceSetUpOption": "Procedural_Controls_Mapping"}
    made = [world.audit_manager.create_control(name="Twice", controlMappingSources=[source]) for _ in range(2)]
    world.forget_requests()
    files = {f"controls/{number}.yaml": control(f"Control {number}") for number in range(5)}
    files["frameworks/all.yaml"] = framework("All", ["Control 1"])
    world.put({**files, "controls/twice.yaml": control("Twice")})
    assert len(operations(world, "ListControls")) <= 2, "once before, and once after the creates to find others"
    assert all("maxResults=1000" in request["path"] for request in operations(world, "ListControls"))
    written = [request for request in world.requests() if request["operation"] in ("UpdateControl", "TagResource")]
    text = world.mail().text
    for one in made:
        assert one["control"]["id"] in text
        assert all(one["control"]["id"] not in request["path"] for request in written)


def test_15_concurrent_uploads_race_and_old_events_write_old_content(world):
    world.upload("frameworks/all.yaml", framework("All", ["Backup"]))
    world.upload("controls/backup.yaml", control("Backup", "First"))
    late = world.next_batch()
    late["Records"].reverse()
    answer = world.invoke(late)
    assert answer.sent_back == set()
    world.queue.settle(late, answer)
    assert set(world.frameworks()) == {"All"}
    world.put({"controls/backup.yaml": control("Backup", "Second")})
    assert world.invoke(late).sent_back == set()
    assert world.controls()["Backup"]["description"].startswith("Second")


def test_16_multipart_uploads_copies_and_deletions_do_nothing_and_readmes_are_errors(world):
    s3, bucket = world.s3, "catalog"
    upload = s3.create_multipart_upload(Bucket=bucket, Key="controls/parts.yaml")["UploadId"]
    where = {"Bucket": bucket, "Key": "controls/parts.yaml", "UploadId": upload}
    part = s3.upload_part(PartNumber=1, Body=control("Parts").encode(), **where)
    s3.complete_multipart_upload(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}, **where)
    assert world.drain().sent_back == set() and set(world.controls()) == {"Parts"}
    s3.copy_object(Bucket=bucket, Key="controls/copy.yaml", CopySource=f"{bucket}/controls/parts.yaml")
    world.remove("controls/parts.yaml")
    assert world.drain().sent_back == set() and set(world.controls()) == {"Parts"}
    assert world.controls()["Parts"]["tags"]["controlsync:source"] == "controls/copy.yaml"
    world.mails(), world.events()
    world.remove("controls/copy.yaml")
    world.upload("controls/other.yaml", control("Other"))
    assert world.drain().sent_back == set()
    assert "orphan" in {notice["kind"] for notice in world.event()["notices"]}
    world.mail()
    for key in ["README.md", "controls/README.md", "docs/picture.png"]:
        world.upload(key, "# Not a definition")
    world.drain()
    assert [mail.subject for mail in world.mails() if "error" in mail.subject] == []


def test_17_only_the_last_folder_counts(world):
    world.put({"controls/team/backup/a.yaml": control("Ours"), "x/y/controls/a.yaml": control("Not ours")})
    assert set(world.controls()) == {"Ours"}


def test_18_all_files_are_read_and_rejected_without_a_reason(world):
    bomb = "name: Bomb\na: &a [x, x, x, x, x, x, x, x, x]\n"
    for before, after in zip("abcdefgh", "bcdefghi"):
        bomb += f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    files = {
        "controls/bomb.yaml": bomb,
        "controls/comment.yaml": "# Only a comment.\n",
        "controls/deep.yaml": "[" * 100_000,
        "controls/huge.yaml": b"#" * (1024 * 1024 + 1),
        "controls/latin1.yaml": "name: S\u00e9curit\u00e9\n".encode("latin-1"),
        "controls/several.yaml": "name: One\n---\nname: Two\n",
    }
    # A byte order mark, as editors on Windows write it.
    valid = {"controls/mark.json": '\ufeff{"name": "Mark"}', "controls/lines.yaml": "name: Lines\r\ndescription: x\r\n"}
    world.put({**files, **valid, "controls/readme.txt": "x" * 100, "README.md": "# x"})
    assert set(world.controls()) == {"Mark", "Lines"}
    read = {call.key for call in world.proxy.calls if call.operation == "GetObject"}
    assert not read & {"controls/huge.yaml", "controls/readme.txt", "README.md"}
    mail, document = world.mail(), world.event()
    for key in files:
        assert key in mail.text
        assert any(notice["location"].startswith(key) and notice["finding"]["message"] for notice in document["notices"])


def test_19_the_log_contains_texts_of_controls(world):
    function = world.function()
    function.new_lines()
    world.put({**BACKUP, "controls/bad.yaml": invalid("Bad"), "frameworks/all.yaml": framework("All", ["Backup"])})
    world.account.fault("deny", "UpdateControl")
    upload(world, {"controls/backup.yaml": control("Backup", "Edited")})
    world.invoke(world.next_batch(receives=2))
    log = str(function.new_lines())
    assert "Backup" in log and "controls/bad.yaml" in log
    assert PRIVATE not in log and "What must be true" not in log and "Edited" not in log


def test_20_orphans_are_not_reported_and_a_rename_makes_a_second_control(world):
    world.put({**BACKUP, "controls/old.yaml": control("Old")})
    before = {name: one["id"] for name, one in world.controls().items()}
    world.mail(), world.event()
    world.remove("controls/backup.yaml")
    world.upload("controls/old.yaml", control("New", renamed_from="Old"))
    world.drain()
    after = {name: one["id"] for name, one in world.controls().items()}
    assert after == {"Backup": before["Backup"], "New": before["Old"]}
    mail = world.mail()
    assert "1 renamed" in mail.subject and "Backup" in mail.text
    assert "orphan" in {notice["kind"] for notice in world.event()["notices"]}


def test_21_every_mail_has_the_same_subject_and_does_not_name_the_account(world):
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    subjects = set()
    for files in [BACKUP, {"controls/bad.yaml": invalid("Bad")}, {"controls/bad.yaml": control("Bad")}]:
        world.put(files)
        mail, document = world.mail(), world.event()
        subjects.add(mail.subject)
        assert mail.attributes["outcome"] in mail.subject
        for text in [mail.subject, mail.text]:
            assert "000000000000" in text and "us-east-1" in text
        assert version in mail.text and document["tool"] == {"name": "controlsync", "version": version}
    assert len(subjects) == 3


def test_22_the_package_needs_removed_runtime_libraries_and_scripts_continue_after_errors(world):
    program = binary("sync").read_bytes()
    needed = {name.decode() for name in re.findall(rb"\0((?:lib|ld-linux)[\w.+-]*\.so(?:\.\d+)*)(?=\0)", program)}
    assert needed, "the binary is linked to the C library of the runtime"
    assert all(re.match(r"(ld-linux.*|lib(c|m|gcc_s|pthread|dl|rt|util)\.so\.\d)$", name) for name in needed), needed
    package = binary("sync").with_name("bootstrap.zip")
    if package.exists():
        with zipfile.ZipFile(package) as archive:
            [entry] = archive.infolist()
            assert (entry.filename, entry.external_attr >> 16 & 0o777) == ("bootstrap", 0o755)
            assert archive.read(entry) == program
    script = (ROOT / "crates/lambda/package.sh").read_text()
    assert re.search(r"^set -euo pipefail$", script, re.M)
    assert not re.search(r"^\s*(while|until) (true|:)", script, re.M)


def test_23_features_promised_by_the_readme_are_missing(world, tmp_path):
    """The sample's README promises validation of frameworks, its code has none. CLI and function find the same."""
    (tmp_path / "frameworks").mkdir()
    text = framework("All", ["Backup"]).replace("controlSets", "controlsets")
    (tmp_path / "frameworks/all.yaml").write_text(text)
    arguments = [os.environ["CONTROLSYNC_BIN"], "lint", "--format", "concise"]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "frameworks/all.yaml:3:1" in done.stdout
    world.upload("frameworks/all.yaml", text)
    world.drain()
    mail = world.mail()
    found = {line.split(": ")[0] for line in done.stdout.splitlines() if ": error" in line}
    assert found and all(location in mail.text for location in found)
    assert world.frameworks() == {}


def test_every_defect_has_a_test():
    numbers = [int(number) for number in re.findall(r"def test_(\d\d)_", Path(__file__).read_text())]
    assert numbers == list(range(1, 24))
