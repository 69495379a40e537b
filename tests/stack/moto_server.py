"""moto, with what its CloudFormation lacks for a deployment by the CDK."""

from moto.cloudformation import models, responses
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.parsing import OutputMap, ResourceMap
from moto.server import main

apply = models.ChangeSet.apply
change_set_of = models.CloudFormationBackend.describe_change_set
parse_parameter = ResourceMap.parse_ssm_parameter
template_of = responses.get_stack_from_s3_url


def apply_with_outputs(change_set):
    """A stack that a change set makes has resources in moto, and neither outputs nor a description."""
    apply(change_set)
    stack = change_set.stack
    stack.description = change_set.template_dict.get("Description")
    stack.output_map = OutputMap(stack.resource_map, change_set.template_dict, stack.stack_id)


def template_for_moto(url, **arguments):
    """moto knows its own S3 by this name only, under which clients look for buckets by names of their own; and of the
    policies that keep a resource, it knows the older one."""
    text = template_of(url.replace("127.0.0.1", "localhost"), **arguments)
    return text.replace('"RetainExceptOnCreate"', '"Retain"')


class ChangeSetNotFound(CloudFormationError):
    """The CDK waits for this error of CloudFormation; moto has another one."""

    code = "ChangeSetNotFound"


def existing_change_set(backend, change_set_name):
    try:
        return change_set_of(backend, change_set_name)
    except ValidationError:
        raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist") from None


def parsed_parameter(resources, value, value_type):
    """An update comes with the value of a parameter of SSM, which moto takes for its name."""
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
