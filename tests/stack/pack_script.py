"""cdk/packs.sh with the packs of a catalog, for the tests."""

import re

import pytest
from deployment import ROOT
from packs import Catalog, record

PAGE = (ROOT / "docs/guide/deploy-packs.md").read_text()
# Arguments of `cdk/packs.sh` in the guide: to deploy, to look, to tighten a parameter, and for an organization.
ARGUMENTS = [line.split()[1:] for line in re.findall(r"^cdk/packs\.sh (.*)$", PAGE, re.MULTILINE)]
# The rule of the process check.
REVIEW = "access-is-reviewed-minutes-of-the-review"


@pytest.fixture(scope="module")
def catalog(aws, tmp_path_factory):
    record(aws)
    catalog = Catalog(tmp_path_factory.mktemp("catalog"))
    catalog.export()
    catalog.assess(aws)
    return catalog


@pytest.fixture
def run(aws, catalog):
    """Runs packs.sh with the packs of the catalog. Returns its output; fails for another exit code."""

    def run(*arguments, code=0, **variables):
        found, output = aws.run("packs.sh", str(catalog.packs), *arguments, **variables)
        assert found == code, output
        return output

    return run


def resources(aws, stack="controlsync-packs"):
    """The resources in the deployed template, by the name of the pack."""
    template = aws.client("cloudformation").get_template(StackName=stack)["TemplateBody"]["Resources"]
    names = ("ConformancePackName", "OrganizationConformancePackName")
    return {next(one["Properties"][name] for name in names if name in one["Properties"]): one for one in template.values()}


def kept(aws):
    [settings] = [one["Metadata"]["controlsync"] for one in resources(aws).values() if "controlsync" in one["Metadata"]]
    return settings
