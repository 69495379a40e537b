"""moto, with patches that its CloudFormation needs for deployments by the CDK."""

import sys
from pathlib import Path

from moto.cloudformation import models, responses
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.parsing import OutputMap, ResourceMap
from moto.core.common_models import CloudFormationModel
from moto.server import main
from moto.sns.models import sns_backends
from moto.sqs.models import Message

# Subscriptions by email must be confirmed.
sys.path.append(str(Path(__file__).parent.parent / "lambda"))
import moto_sns  # noqa: F401

# Conformance packs, which moto's CloudFormation ignores.
import moto_packs  # noqa: F401, I001

apply = models.ChangeSet.apply
change_set_of = models.CloudFormationBackend.describe_change_set
parse_parameter = ResourceMap.parse_ssm_parameter
update = ResourceMap.update
template_of = responses.get_stack_from_s3_url


def apply_with_outputs(change_set):
    """In moto, a stack created by a change set has neither outputs nor a description."""
    apply(change_set)
    stack = change_set.stack
    stack.description = change_set.template_dict.get("Description")
    stack.output_map = OutputMap(stack.resource_map, change_set.template_dict, stack.stack_id)


def template_for_moto(url, **arguments):
    """moto recognizes its own S3 only as localhost, but clients need the address for bucket names in the host. It also
    knows only the older deletion policy."""
    text = template_of(url.replace("127.0.0.1", "localhost"), **arguments)
    return text.replace('"RetainExceptOnCreate"', '"Retain"')


class ChangeSetNotFound(CloudFormationError):
    """The error that the CDK waits for. moto raises another one."""

    code = "ChangeSetNotFound"


def existing_change_set(backend, change_set_name):
    try:
        return change_set_of(backend, change_set_name)
    except ValidationError:
        raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist") from None


def parsed_parameter(resources, value, value_type):
    """An update passes the value of an SSM parameter, which moto treats as its name."""
    try:
        return parse_parameter(resources, value, value_type)
    except AttributeError:
        return value


def update_and_forget(resources, template, *arguments):
    """moto takes a resource that was removed, and is added again later, for the earlier one."""
    before = set(resources._resource_json_map)
    update(resources, template, *arguments)
    for name in before - set(template["Resources"]):
        resources._parsed_resources.pop(name, None)


class Subscription(CloudFormationModel):
    """A subscription of a stack, which moto knows only as a part of its topic."""

    # moto derives the service from it.
    __module__ = "moto.sns.models"

    def __init__(self, arn):
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_name_type():
        return None

    @staticmethod
    def cloudformation_type():
        return "AWS::SNS::Subscription"

    @classmethod
    def create_from_cloudformation_json(cls, name, document, account_id, region_name, **_):
        properties = document["Properties"]
        backend = sns_backends[account_id][region_name]
        return cls(backend.subscribe(properties["TopicArn"], properties["Endpoint"], properties["Protocol"]).arn)

    def delete(self, account_id, region_name):
        sns_backends[account_id][region_name].unsubscribe(self.physical_resource_id)


class BuildProject(CloudFormationModel):
    """A project of CodeBuild, which moto's CloudFormation does not know. It has an ARN, to which roles refer, and runs nothing."""

    # moto derives the service from it.
    __module__ = "moto.codebuild.models"

    def __init__(self, name, account_id, region):
        self.physical_resource_id = name
        self.arn = f"arn:aws:codebuild:{region}:{account_id}:project/{name}"

    @staticmethod
    def cloudformation_name_type():
        return "Name"

    @staticmethod
    def cloudformation_type():
        return "AWS::CodeBuild::Project"

    @classmethod
    def create_from_cloudformation_json(cls, name, document, account_id, region_name, **_):
        return cls(name, account_id, region_name)

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "Arn"

    def get_cfn_attribute(self, attr):
        return self.arn


def arrive_at_once(message, delay_seconds):
    """Queues have no delay here. It would let messages that are sent together arrive together."""


ResourceMap.parse_ssm_parameter = parsed_parameter
ResourceMap.update = update_and_forget
models.CloudFormationBackend.describe_change_set = existing_change_set
models.ChangeSet.apply = apply_with_outputs
Message.delay = arrive_at_once
responses.get_stack_from_s3_url = template_for_moto

if __name__ == "__main__":
    main()
