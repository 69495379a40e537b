"""Conformance packs in moto's CloudFormation, which ignores both types: `AWS::Config::ConformancePack` goes to AWS Config of the
emulator, and `AWS::Config::OrganizationConformancePack` to moto's AWS Config. What they cannot do:

- The emulator reads templates from the request only, so that a pack in S3 counts as deployed without being sent.
- moto keeps organization packs, but neither reads their templates nor deploys them to accounts.
- Both apply a pack at once: they never refuse one because of another that is in progress.
- moto deletes resources before it creates others, CloudFormation afterwards."""

import os

import boto3
from moto.config.models import config_backends
from moto.core.common_models import CloudFormationModel


class Named:
    """What has the name of a pack."""

    def __init__(self, name):
        self.physical_resource_id = name

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)


class Pack(Named, CloudFormationModel):
    """A pack of an account."""

    # moto derives the service from it.
    __module__ = "moto.config.models"

    @staticmethod
    def cloudformation_name_type():
        return "ConformancePackName"

    @staticmethod
    def cloudformation_type():
        return "AWS::Config::ConformancePack"

    @classmethod
    def create_from_cloudformation_json(cls, name, document, account_id, region_name, **_):
        properties = document["Properties"]
        if "TemplateBody" in properties:
            cls.emulator(region_name).put_conformance_pack(**properties)
        return cls(properties["ConformancePackName"])

    @staticmethod
    def emulator(region):
        endpoint = os.environ["CONTROLSYNC_EMULATOR"]
        return boto3.client("config", region, endpoint_url=endpoint, aws_access_key_id="any", aws_secret_access_key="any")

    def delete(self, account_id, region_name):
        client = self.emulator(region_name)
        deployed = {one["ConformancePackName"] for one in client.describe_conformance_packs()["ConformancePackDetails"]}
        if self.physical_resource_id in deployed:
            client.delete_conformance_pack(ConformancePackName=self.physical_resource_id)


class OrganizationPack(Named, CloudFormationModel):
    """A pack of an organization."""

    __module__ = "moto.config.models"

    @staticmethod
    def cloudformation_name_type():
        return "OrganizationConformancePackName"

    @staticmethod
    def cloudformation_type():
        return "AWS::Config::OrganizationConformancePack"

    @classmethod
    def create_from_cloudformation_json(cls, name, document, account_id, region_name, **_):
        properties = document["Properties"]
        config_backends[account_id][region_name].put_organization_conformance_pack(
            name=properties["OrganizationConformancePackName"],
            # moto demands one.
            template_s3_uri=properties.get("TemplateS3Uri", "s3://in-the-request"),
            template_body=properties.get("TemplateBody", ""),
            delivery_s3_bucket=properties.get("DeliveryS3Bucket", ""),
            delivery_s3_key_prefix="",
            input_parameters=properties.get("ConformancePackInputParameters", []),
            excluded_accounts=properties.get("ExcludedAccounts", []),
        )
        return cls(properties["OrganizationConformancePackName"])

    def delete(self, account_id, region_name):
        config_backends[account_id][region_name].delete_organization_conformance_pack(self.physical_resource_id)
