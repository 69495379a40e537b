"""A synthesized template, with queries for the tests."""


def listed(value):
    return value if isinstance(value, list) else [value]


class Template:
    def __init__(self, document):
        self.resources = document["Resources"]
        self.outputs = document["Outputs"]
        self.description = document["Description"]

    def of(self, kind, name=""):
        """The properties of the only resource of a type whose id in the construct starts with a name."""
        found = [
            resource["Properties"]
            for key, resource in self.resources.items()
            if resource["Type"] == kind and key.startswith(f"Controlsync{name}")
        ]
        assert len(found) == 1, f"{len(found)} resources of type {kind} {name}"
        return found[0]

    def all(self, kind):
        return [resource["Properties"] for resource in self.resources.values() if resource["Type"] == kind]

    def variables(self, function="Function"):
        """The environment of a function."""
        return self.of("AWS::Lambda::Function", function)["Environment"]["Variables"]

    def statements(self, role="Role"):
        """The statements of a role."""
        policies = self.of("AWS::IAM::Role", role)["Policies"]
        return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]

    def actions(self, role="Role"):
        """The actions that a role allows."""
        return {action for statement in self.statements(role) for action in listed(statement["Action"])}
