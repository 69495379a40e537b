"""CloudTrail: trails and what they record."""

import datetime
import json
import urllib.request

import pytest


def new_trail(peer, bucket, **members):
    cloudtrail = peer("cloudtrail")
    if bucket:
        peer("s3").create_bucket(Bucket="bucket")
    return cloudtrail, cloudtrail.create_trail(Name="trail", S3BucketName="bucket", **members)


def test_a_trail_is_created_started_and_stopped(peer, request):
    cloudtrail, created = new_trail(peer, "moto" in request.node.name, IsMultiRegionTrail=True)
    assert created["TrailARN"].endswith(":trail/trail")
    assert created["IncludeGlobalServiceEvents"] and created["IsMultiRegionTrail"]
    assert not created["IsOrganizationTrail"] and not created["LogFileValidationEnabled"]
    (trail,) = cloudtrail.describe_trails()["trailList"]
    assert (trail["Name"], trail["HomeRegion"], trail["HasCustomEventSelectors"]) == ("trail", "us-east-1", False)
    assert not cloudtrail.get_trail_status(Name="trail")["IsLogging"]
    cloudtrail.start_logging(Name=created["TrailARN"])
    status = cloudtrail.get_trail_status(Name="trail")
    assert status["IsLogging"] and isinstance(status["StartLoggingTime"], datetime.datetime)
    cloudtrail.stop_logging(Name="trail")
    status = cloudtrail.get_trail_status(Name="trail")
    assert not status["IsLogging"] and isinstance(status["StopLoggingTime"], datetime.datetime)
    cloudtrail.delete_trail(Name="trail")
    assert cloudtrail.describe_trails()["trailList"] == []
    with pytest.raises(cloudtrail.exceptions.TrailNotFoundException):
        cloudtrail.get_trail_status(Name="trail")


def test_selectors_replace_those_before(peer, request):
    cloudtrail, _ = new_trail(peer, "moto" in request.node.name)
    basic = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": []}
    cloudtrail.put_event_selectors(TrailName="trail", EventSelectors=[basic])
    found = cloudtrail.get_event_selectors(TrailName="trail")
    (selector,) = found["EventSelectors"]
    assert (selector["ReadWriteType"], selector["IncludeManagementEvents"]) == ("WriteOnly", True)
    assert not found.get("AdvancedEventSelectors")
    advanced = [{"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]
    cloudtrail.put_event_selectors(TrailName="trail", AdvancedEventSelectors=advanced)
    assert cloudtrail.get_event_selectors(TrailName="trail")["AdvancedEventSelectors"] == advanced


@pytest.mark.parametrize("name", ["a", "ab", "a" * 129, ".abc", "abc.", "a b"])
def test_names_that_are_not_valid(peer, request, name):
    cloudtrail = peer("cloudtrail")
    if "moto" in request.node.name:
        peer("s3").create_bucket(Bucket="bucket")
    with pytest.raises(cloudtrail.exceptions.InvalidTrailNameException):
        cloudtrail.create_trail(Name=name, S3BucketName="bucket")


def test_names_have_no_adjacent_periods(program):
    """As the documentation says; moto accepts them."""
    cloudtrail = program.boto3("cloudtrail")
    with pytest.raises(cloudtrail.exceptions.InvalidTrailNameException):
        cloudtrail.create_trail(Name="a..b", S3BucketName="bucket")


def test_both_targets_name_the_operation(program):
    """boto3 and the AWS SDK for Rust send different targets."""
    for prefix in ("CloudTrail_20131101", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"):
        signature = "AWS4-HMAC-SHA256 Credential=any/20261127/us-east-1/cloudtrail/aws4_request, SignedHeaders=host, Signature=0"
        headers = {"X-Amz-Target": f"{prefix}.DescribeTrails", "Authorization": signature}
        request = urllib.request.Request(program.endpoint + "/", data=b"{}", headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=30) as response:
            assert json.load(response) == {"trailList": []}


def test_a_delivery_error_comes_from_a_seed(program):
    cloudtrail = program.boto3("cloudtrail")
    cloudtrail.create_trail(Name="failing", S3BucketName="bucket")
    program.admin("POST", "seed", {"cloudTrail": {"deliveryErrors": {"failing": "NoSuchBucket"}}})
    assert cloudtrail.get_trail_status(Name="failing")["LatestDeliveryError"] == "NoSuchBucket"
    cloudtrail.put_event_selectors(TrailName="failing", EventSelectors=[{"ReadWriteType": "ReadOnly"}])
    assert cloudtrail.describe_trails()["trailList"][0]["HasCustomEventSelectors"]
    cloudtrail.delete_trail(Name="failing")
