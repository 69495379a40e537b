//! The law of fixes: no fix replaces a keyword that exists, in any service, standard or version, by another one.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::check::{Options, check};
use controlsync_core::fix::{Fixes, fix};
use controlsync_core::source::{Content, FileKind, Source, Sources};

/// Most data sources of one file.
const PER_FILE: usize = 200;

/// Fixes data sources with these keywords, and returns the keywords by what they were.
fn fixed(source_type: &str, keywords: &BTreeSet<String>, which: Fixes) -> BTreeMap<String, String> {
    let keywords: Vec<&String> = keywords.iter().collect();
    let file = |(index, part): (usize, &[&String])| {
        let mut text = format!("name: Control {index}\ndatasources:\n");
        for (number, keyword) in part.iter().enumerate() {
            let source = format!(
                "  - sourceName: Source {number}\n    sourceType: {source_type}\n    sourceKeyword:\n      keywordValue: \"{keyword}\"\n"
            );
            text.push_str(&source);
        }
        Source::new(format!("controls/{index:04}.yaml"), FileKind::Control, Content::Bytes(text.into_bytes()))
    };
    let sources = Sources::new(keywords.chunks(PER_FILE).enumerate().map(file).collect());
    let fixed = fix(check(sources, &Options::default()), &Options::default(), which, |_| true);
    let mut after = Vec::new();
    for (_, source) in fixed.checked.sources.iter() {
        let control: serde_json::Value = serde_yaml::from_str(source.text().unwrap()).unwrap();
        let sources = control["datasources"].as_array().unwrap();
        after.extend(sources.iter().map(|of| of["sourceKeyword"]["keywordValue"].as_str().unwrap().to_owned()));
    }
    assert_eq!(after.len(), keywords.len());
    keywords.into_iter().cloned().zip(after).collect()
}

/// Returns the listed controls of Security Hub, by keyword, with their consolidated ID.
fn listed_controls() -> BTreeMap<&'static str, &'static str> {
    let table = rows(include_str!("../../crates/core/src/keywords/data/AWS_Security_Hub.txt"));
    table.map(|line| (line.split('\t').next().unwrap(), line.split('\t').next_back().unwrap())).collect()
}

/// Returns the lines of a table without its header.
fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

#[test]
fn no_fix_turns_an_operation_into_another_one() {
    let mut keywords = BTreeSet::new();
    let mut prefixes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in rows(include_str!("operations.txt")) {
        let mut words = line.split(' ');
        let (client, signing_name) = (words.next().unwrap(), words.next().unwrap());
        for prefix in [client, signing_name] {
            prefixes.entry(prefix).or_default().insert(signing_name);
        }
        for operation in words {
            keywords.extend([client, signing_name].map(|prefix| format!("{prefix}_{operation}")));
        }
    }
    assert!(keywords.len() > 5_000, "{}", keywords.len());
    for source_type in ["AWS_API_Call", "AWS_Cloudtrail"] {
        for (before, after) in fixed(source_type, &keywords, Fixes::All) {
            let ((service, action), (of, to)) = (before.split_once('_').unwrap(), after.split_once('_').unwrap());
            assert!(action.eq_ignore_ascii_case(to), "{source_type}: {before} became {after}");
            // A client can have another name than its keywords, but not that of another client.
            let same = service == of || !prefixes.contains_key(of) || !prefixes[service].is_disjoint(&prefixes[of]);
            assert!(
                same || of.starts_with("elasticloadbalancing") || of == "rds",
                "{source_type}: {before} became {after}"
            );
        }
    }
}

#[test]
fn no_fix_turns_a_managed_rule_into_another_one() {
    let rules: BTreeSet<&str> = rows(include_str!("../../crates/core/src/keywords/data/AWS_Config.txt"))
        .chain(rows(include_str!("../../crates/core/src/keywords/data/AWS_Config.unlisted.txt")))
        .collect();
    assert_eq!(rules.len(), 842);
    let spellings: [fn(&str) -> String; 4] = [
        str::to_owned,
        str::to_lowercase,
        |rule| rule.to_lowercase().replace('_', "-"),
        |rule| format!("Custom_{}", rule.to_lowercase().replace('_', "-")),
    ];
    for spelling in spellings {
        let keywords: BTreeSet<String> = rules.iter().map(|rule| spelling(rule)).collect();
        let expected: BTreeMap<String, String> =
            rules.iter().map(|rule| (spelling(rule), (*rule).to_owned())).collect();
        for (before, after) in fixed("AWS_Config", &keywords, Fixes::All) {
            assert_eq!(after, expected[&before], "{before}");
        }
    }
    // A rule that no list has yet: words of several rules, put together.
    let newer: BTreeSet<String> = rules
        .iter()
        .zip(rules.iter().skip(7))
        .filter_map(|(one, other)| Some(format!("{}_{}", one.rsplit_once('_')?.0, other.rsplit_once('_')?.1)))
        .filter(|made_up| !rules.contains(made_up.as_str()))
        .collect();
    assert!(newer.len() > 500, "{}", newer.len());
    for (before, after) in fixed("AWS_Config", &newer, Fixes::All) {
        assert_eq!(before, after);
    }
}

#[test]
fn no_fix_turns_a_security_hub_control_into_another_one() {
    let listed = listed_controls();
    let behind = rows(include_str!("../../crates/core/src/keywords/data/AWS_Security_Hub.rules.txt"));
    let ids = behind.map(|line| line.split('\t').next().unwrap());
    let ids = ids.chain(listed.iter().flat_map(|(keyword, consolidated)| [*keyword, *consolidated]));
    let keywords: BTreeSet<String> = ids.map(str::to_owned).collect();
    assert!(keywords.len() > 500, "{}", keywords.len());
    for which in [Fixes::Safe, Fixes::All] {
        for (before, after) in fixed("AWS_Security_Hub", &keywords, which) {
            let same = before.eq_ignore_ascii_case(&after)
                || which == Fixes::All && listed[after.as_str()].eq_ignore_ascii_case(&before);
            assert!(same, "{before} became {after}");
        }
    }
}

#[test]
fn no_fix_turns_a_control_of_another_standard_into_a_listed_one() {
    let spellings: [fn(&str, &str) -> String; 3] = [
        |version, number| format!("cis-aws-foundations-benchmark/v/{version}/{number}"),
        |version, number| {
            format!("arn:aws:securityhub:us-east-1::control/cis-aws-foundations-benchmark/v/{version}/{number}")
        },
        |version, number| format!("CIS AWS Foundations Benchmark v{version}/{number}"),
    ];
    let listed_ids = listed_controls();
    for version in ["1.2.0", "1.4.0", "2.0.0", "3.0.0", "5.0.0"] {
        for spelling in spellings {
            let numbers = (1..=5).flat_map(|chapter| (1..=22).map(move |number| format!("{chapter}.{number}")));
            let deeper = ["2.1.1", "2.2.1", "5.1.1"].map(str::to_owned);
            let numbers: Vec<String> = numbers.chain(deeper).collect();
            let keywords = numbers.iter().map(|number| spelling(version, number)).collect();
            let after = fixed("AWS_Security_Hub", &keywords, Fixes::All);
            let mut changed = 0;
            for number in &numbers {
                let (before, after) = (spelling(version, number), &after[&spelling(version, number)]);
                let listed = version == "1.2.0" && listed_ids.contains_key(number.as_str());
                assert_eq!(after, if listed { number } else { &before });
                changed += usize::from(*after != before);
            }
            assert_eq!(changed > 30, version == "1.2.0");
        }
    }
    let others: BTreeSet<String> = [
        "nist-800-53/v/5.0.0/IAM.5",
        "NIST.800-53.r5/AC-2",
        "NIST.800-53.r5 IAM.5",
        "arn:aws:securityhub:us-east-1::control/nist-800-53/v/5.0.0/IAM.5",
        "pci-dss/v/3.2.1/IAM.1",
        "pci-dss/v/4.0.1/IAM.5",
        "PCI DSS v4.0.1/8.3.1",
        "PCI DSS v3.2.1/8.1.4",
        "aws-resource-tagging-standard/v/1.0.0/IAM.23",
        "service-managed-aws-control-tower/v/1.0.0/IAM.5",
        "aws-foundational-security-best-practices/v/2.0.0/IAM.5",
    ]
    .map(str::to_owned)
    .into();
    for (before, after) in fixed("AWS_Security_Hub", &others, Fixes::All) {
        assert_eq!(before, after);
    }
}

#[test]
fn a_safe_fix_adds_no_version_to_a_control() {
    let keywords: BTreeSet<String> = ["CIS.1.14", "CIS 1.14", "CIS-1.14"].map(str::to_owned).into();
    for (before, after) in fixed("AWS_Security_Hub", &keywords, Fixes::Safe) {
        assert_eq!(before, after);
    }
    for (before, after) in fixed("AWS_Security_Hub", &keywords, Fixes::All) {
        assert_eq!(after, "1.14", "{before}");
    }
}

/// Needs third-party conformance packs, which `tests/run.sh` provides.
#[test]
fn names_of_rules_in_real_conformance_packs_become_their_identifiers() {
    let Some(corpora) = std::env::var_os("CONTROLSYNC_CORPORA").map(std::path::PathBuf::from) else { return };
    let mut identifiers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in std::fs::read_dir(corpora.join("conformance-packs")).unwrap() {
        let path = entry.unwrap().path();
        if !path.extension().is_some_and(|of| of == "yaml" || of == "yml") {
            continue;
        }
        let pack: serde_yaml::Value = serde_yaml::from_slice(&std::fs::read(path).unwrap()).unwrap();
        for (logical_id, resource) in pack["Resources"].as_mapping().unwrap() {
            let rule = &resource["Properties"];
            let Some(identifier) = rule["Source"]["SourceIdentifier"].as_str() else { continue };
            for name in [logical_id.as_str(), rule["ConfigRuleName"].as_str()].into_iter().flatten() {
                identifiers.entry(name.to_owned()).or_default().insert(identifier.to_owned());
            }
        }
    }
    let mut fixes = 0;
    let mut others = Vec::new();
    for (name, keyword) in fixed("AWS_Config", &identifiers.keys().cloned().collect(), Fixes::All) {
        let of_rule = &identifiers[&name];
        if of_rule.contains(&keyword) {
            fixes += 1;
        } else if keyword != name {
            others.push(format!("{name} {keyword}"));
        } else if name.contains('-') && !of_rule.contains("AWS_CONFIG_PROCESS_CHECK") {
            others.push(name);
        }
    }
    // A pack can name a rule after something else, and give it the name of another managed rule.
    let expected = [
        "AutoScalingMultipleAZ AUTOSCALING_MULTIPLE_AZ",
        "neptune-cluster-snapshot-public-encrypted",
        "s3-bucket-cross-region-replication-enabled S3_BUCKET_CROSS_REGION_REPLICATION_ENABLED",
        "s3-bucket-same-region-replication-enabled",
    ];
    assert_eq!(others, expected);
    assert!(fixes > 800, "{fixes} of {}", identifiers.len());
}
