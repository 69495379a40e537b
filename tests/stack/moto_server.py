"""moto, with patches that its CloudFormation needs for deployments by the CDK."""

from moto.cloudformation import models, responses
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.parsing import OutputMap, ResourceMap
from moto.server import main

apply = models.ChangeSet.apply
change_set_of = models.CloudFormationBackend.describe_change_set
parse_parameter = ResourceMap.parse_ssm_parameter
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


ResourceMap.parse_ssm_parameter = parsed_parameter
models.CloudFormationBackend.describe_change_set = existing_change_set
models.ChangeSet.apply = apply_with_outputs
responses.get_stack_from_s3_url = template_for_moto

if __name__ == "__main__":
    main()
