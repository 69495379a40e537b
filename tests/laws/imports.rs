//! Nothing in a conformance pack is lost silently, and an import never changes what exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use controlsync_core::catalog_path;
use controlsync_core::check::{self, Checked, check};
use controlsync_core::model::{Control, ControlRef};
use controlsync_core::packs::import::{Extent, Imported, Options, Rejected, import};
use controlsync_core::pull::Target;
use controlsync_core::source::{Content, FileKind, Source, Sources};
use proptest::prelude::*;

/// Smaller than the stack of any thread.
const STACK: usize = 512 * 1024;

pub type Files = BTreeMap<String, String>;

pub fn checked(files: &Files) -> Checked {
    let source = |(path, text): (&String, &String)| {
        Source::new(path.clone(), catalog_path::kind_of(path).unwrap(), Content::Bytes(text.clone().into_bytes()))
    };
    check(Sources::new(files.iter().map(source).collect()), &check::Options::default())
}

fn source(path: &str, text: &str) -> Source {
    Source::new(path, FileKind::Ignored, Content::Bytes(text.as_bytes().to_vec()))
}

fn result(files: &Files, packs: &[(&str, &str)]) -> Result<Imported, Vec<Rejected>> {
    let packs: Vec<Source> = packs.iter().map(|(path, text)| source(path, text)).collect();
    let target = Target { checked: checked(files), files: files.keys().cloned().collect(), folders: BTreeSet::new() };
    import(&target, &packs, &Options::default())
}

/// Imports packs into files.
pub fn imported(files: &mut Files, packs: &[(&str, &str)]) -> Imported {
    let imported = result(files, packs).unwrap();
    for file in &imported.files {
        assert!(files.insert(file.path.clone(), file.text.clone()).is_none(), "{} existed", file.path);
    }
    let checked = checked(files);
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
    imported
}

/// The reasons of what a pack with these rules leaves out.
fn reasons(imported: &Imported) -> Vec<String> {
    imported.left_out.iter().map(|one| format!("{} {}: {}", one.line, one.name, one.reason)).collect()
}

fn control(files: &Files, name: &str) -> Control {
    checked(files).catalog.controls[name].value.clone()
}

/// A pack with one rule with a parameter.
fn with_value(head: &str, value: &str) -> String {
    format!(
        "{head}Resources:\n  Keys:\n    Type: AWS::Config::ConfigRule\n    Properties:\n      Source: {{Owner: AWS, \
         SourceIdentifier: ACCESS_KEYS_ROTATED}}\n      InputParameters: {{maxAccessKeyAge: {value}}}\n"
    )
}

/// The value that the control demands after an import, or the reason why it demands nothing.
fn value_of(head: &str, value: &str) -> Result<String, String> {
    let mut files = Files::new();
    let imported = imported(&mut files, &[("a.yaml", &with_value(head, value))]);
    let demands = control(&files, "access-keys-rotated").sources[0].required_parameters.clone();
    let exactly = demands.into_values().next().and_then(|demand| demand.exactly);
    exactly.ok_or_else(|| imported.left_out.iter().map(|one| one.reason.clone()).collect::<Vec<_>>().join("; "))
}

#[test]
fn functions_are_evaluated_in_both_forms() {
    let head = "Parameters:\n  P: {Type: String, Default: '30'}\n  None: {Type: String}\n  Empty: {Default: ''}\n  Number: {Default: 60}\n\
                Conditions:\n  yes: !Not [!Equals ['', !Ref P]]\n  no: !Equals [a, b]\n  both: !And [!Condition yes, Condition: no]\n  \
                one: {Fn::Or: [{Condition: yes}, {Condition: no}]}\n  self: !Not [Condition: self]\n  lost: !Equals [!Ref None, a]\n";
    for (value, expected) in [
        ("90", "90"),
        ("'90'", "90"),
        ("!Ref P", "30"),
        ("{Ref: P}", "30"),
        ("{Ref: Number}", "60"),
        ("!If [yes, !Ref P, !Ref AWS::NoValue]", "30"),
        ("{Fn::If: [no, {Ref: P}, 45]}", "45"),
        ("!If [both, 1, 2]", "2"),
        ("!If [one, 1, 2]", "1"),
        ("!Sub '${P}0'", "300"),
        ("!Sub ['${X}${P}', {X: 1}]", "130"),
        ("{Fn::Sub: '${Number}'}", "60"),
        ("!Join ['', [1, !Ref P]]", "130"),
        ("!Select [1, [10, 20]]", "20"),
        ("!Select [0, !Split [',', '7,8']]", "7"),
        ("[15]", "15"),
        ("{Fn::If: [yes, {Fn::If: [no, 1, !Ref Number]}, 3]}", "60"),
    ] {
        assert_eq!(value_of(head, value), Ok(expected.to_owned()), "{value}");
    }
    for (value, expected) in [
        ("!Ref AWS::NoValue", ""),
        ("!If [no, 1, !Ref AWS::NoValue]", ""),
        ("!Ref Empty", ""),
        ("!Ref None", "`maxAccessKeyAge`: the parameter `None` has no default"),
        ("!Ref Unknown", "`maxAccessKeyAge`: `Unknown` is not a parameter of the pack"),
        ("!Ref AWS::AccountId", "`maxAccessKeyAge`: `AWS::AccountId` is known only in a deployment"),
        ("!Sub '${AWS::Region}'", "`maxAccessKeyAge`: `AWS::Region` is known only in a deployment"),
        ("!Sub '${P'", "`maxAccessKeyAge`: `Fn::Sub` has a `${` without `}`"),
        ("!If [self, 1, 2]", "`maxAccessKeyAge`: the condition `self` depends on itself"),
        ("!If [lost, 1, 2]", "`maxAccessKeyAge`: the parameter `None` has no default"),
        ("!If [missing, 1, 2]", "`maxAccessKeyAge`: the template has no condition `missing`"),
        ("!If [yes, 1]", "`maxAccessKeyAge`: `Fn::If` has the wrong arguments"),
        ("!Select [5, [a]]", "`maxAccessKeyAge`: `Fn::Select` has no item `5`"),
        ("!GetAtt a.b", "`maxAccessKeyAge`: `Fn::GetAtt` is not a function of conformance packs"),
        ("{Fn::ImportValue: x}", "`maxAccessKeyAge`: `Fn::ImportValue` is not a function of conformance packs"),
        ("{a: b}", "`maxAccessKeyAge` is not a string"),
        ("many", "the parameter `maxAccessKeyAge`: `many` is not a whole number"),
    ] {
        assert_eq!(value_of(head, value), Err(expected.to_owned()), "{value}");
    }
}

#[test]
fn hostile_templates_are_listed_or_rejected() {
    let chain: String = (0..5_000).fold(String::from("Conditions:\n"), |mut text, number| {
        let _ = writeln!(text, "  c{number}: !Not [Condition: c{}]", number + 1);
        text
    });
    let wide = format!("Parameters:\n  P: {{Default: {}}}\n", "x".repeat(300_000));
    let doubling: String = (0..40).fold(String::from("Conditions:\n  c40: !Equals [a, a]\n"), |mut text, number| {
        let _ = writeln!(text, "  c{number}: !And [Condition: c{0}, Condition: c{0}]", number + 1);
        text
    });
    let run = move || {
        assert!(
            value_of(&chain, "!If [c0, 1, 2]")
                .unwrap_err()
                .contains("functions and conditions go deeper than 100 levels")
        );
        assert!(value_of(&wide, &format!("!Sub '{}'", "${P}".repeat(30))).unwrap_err().contains("bytes of text"));
        assert!(value_of(&wide, "!Join [!Ref P, [a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a]]").unwrap_err().contains("bytes"));
        assert_eq!(value_of(&doubling, "!If [c0, 1, 2]"), Ok("1".to_owned()));
        let deep = format!("{}1{}", "!Not [".repeat(60), "]".repeat(60));
        assert!(result(&Files::new(), &[("a.yaml", &with_value("", &deep))]).is_err());
    };
    std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap();
    for (text, expected) in [
        ("", "not a conformance pack: it is empty"),
        ("# nothing\n", "not a conformance pack: it is empty"),
        ("a string", "not a conformance pack: expected a mapping, found a string"),
        ("name: Keys\n", "not a conformance pack: it has no `Resources`"),
        (
            "Resources: {Bucket: {Type: AWS::S3::Bucket}}",
            "not a conformance pack: it has no resource of type `AWS::Config::ConfigRule`",
        ),
        ("Resources: [", "`[` is not closed"),
        ("Resources: !Include x\n", "unsupported tag `!Include`"),
        ("!Ref Resources: x\n", "unsupported tag `!Ref`"),
        ("a: 1\na: 2\n", "duplicate key `a`"),
    ] {
        let rejected = result(&Files::new(), &[("a.yaml", text)]).unwrap_err();
        let reason = &rejected[0].reason;
        assert!(reason == expected || text.ends_with('[') && !reason.is_empty(), "{text:?}: {reason}");
    }
}

pub const CUSTOM: &str = "\
Resources:
  Guard:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: house-rule
      Scope: {ComplianceResourceTypes: [AWS::EC2::Volume], TagKey: Team}
      Source:
        Owner: CUSTOM_POLICY
        CustomPolicyDetails: {PolicyRuntime: guard-2.x.x, PolicyText: \"rule a { b exists }\\n\", EnableDebugLogDelivery: true}
  Lambda:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: daily
      Source:
        Owner: CUSTOM_LAMBDA
        SourceIdentifier: arn:aws:lambda:eu-west-1:111122223333:function:daily
        SourceDetails: [{EventSource: aws.config, MessageType: ScheduledNotification, MaximumExecutionFrequency: One_Hour}]
  Elsewhere:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: elsewhere
      Source: {Owner: CUSTOM_LAMBDA, SourceIdentifier: !Sub 'arn:aws:lambda:x:${AWS::AccountId}:function:y'}
  Nameless:
    Type: AWS::Config::ConfigRule
    Properties: {Source: {Owner: CUSTOM_LAMBDA, SourceIdentifier: a}}
  Check:
    Type: AWS::Config::ConfigRule
    Properties: {ConfigRuleName: attested, Description: People do it., Source: {Owner: AWS, SourceIdentifier: AWS_CONFIG_PROCESS_CHECK}}
  Fix:
    Type: AWS::Config::RemediationConfiguration
    Properties:
      ConfigRuleName: {Ref: Guard}
      TargetType: SSM_DOCUMENT
      TargetId: AWS-Stop
      Automatic: true
      MaximumAutomaticAttempts: 5
      RetryAttemptSeconds: 600
      Parameters:
        AutomationAssumeRole: {StaticValue: {Values: ['arn:aws:iam::111122223333:role/Stop']}}
        Id: {ResourceValue: {Value: RESOURCE_ID}}
        Tags: {StaticValue: {Values: [a, b]}}
  Lost:
    Type: AWS::Config::RemediationConfiguration
    Properties: {ConfigRuleName: other, TargetId: AWS-Stop}
  Bucket: {Type: AWS::S3::Bucket}
Outputs: {}
";

#[test]
fn custom_rules_process_checks_and_remediations_survive() {
    let mut files = Files::new();
    let first = imported(&mut files, &[("Custom.yaml", CUSTOM)]);
    insta::assert_snapshot!(files.iter().fold(reasons(&first).join("\n"), |mut text, (path, content)| {
        let _ = write!(text, "\n── {path}\n{}", content.trim_end());
        text
    }));
    let again = imported(&mut files, &[("Custom.yaml", CUSTOM)]);
    assert_eq!((again.files.len(), again.reused, again.unchanged), (0, 4, 1));
    assert_eq!(reasons(&again), reasons(&first));
    // Another text under the same name is listed, and the file stays.
    let changed = CUSTOM.replace("b exists", "c exists");
    let other = imported(&mut files, &[("Changed.yaml", &changed)]);
    assert!(
        reasons(&other).contains(&"2 Guard: the control `house-rule` has another `customRule`, or none".to_owned())
    );
}

#[test]
fn controls_of_the_catalog_are_used_if_the_rule_is_their_only_source() {
    let pack = with_value("", "90");
    let source = |keyword: &str, more: &str| {
        format!(
            "  - sourceName: {keyword}\n    sourceType: AWS_Config\n    sourceKeyword: {{keywordValue: {keyword}}}\n{more}"
        )
    };
    let keys =
        |more: &str| source("ACCESS_KEYS_ROTATED", &format!("    requiredParameters: {{maxAccessKeyAge: {more}}}\n"));
    let with = |sources: &str| {
        let text = format!("name: Our keys\ndatasources:\n{sources}");
        let mut files = Files::from([("controls/keys.yaml".to_owned(), text)]);
        let imported = imported(&mut files, &[("Pack.yaml", &pack)]);
        (imported.reused, reasons(&imported), imported.files.len())
    };
    assert_eq!(with(&keys("90")), (1, vec![], 1));
    assert_eq!(with(&keys("{atMost: 90}")), (1, vec![], 1));
    let differs = |demand: &str| {
        vec![format!("6 Keys: the pack sets `maxAccessKeyAge` to `90`; the control `Our keys` demands {demand}")]
    };
    assert_eq!(with(&keys("{atMost: 120}")), (1, differs("at most 120"), 1));
    assert_eq!(with(&keys("60")), (1, differs("exactly 60"), 1));
    assert_eq!(with(&source("ACCESS_KEYS_ROTATED", "")), (1, differs("nothing"), 1));
    // A control that collects more is not what the pack wants; what it demands holds nevertheless.
    let several = source("ROOT_ACCOUNT_MFA_ENABLED", "");
    assert_eq!(with(&(keys("90") + &several)), (0, vec![], 2));
    let conflict = "6 Keys: no value of `maxAccessKeyAge` meets `90` and what other controls of the catalog demand";
    assert_eq!(with(&(keys("60") + &several)), (0, vec![conflict.to_owned()], 2));
}

#[test]
fn twins_are_imported_once_and_other_frameworks_stay() {
    let mut files = Files::new();
    let pack = with_value("", "90");
    let twin = pack.replace("{maxAccessKeyAge: 90}", "\n        maxAccessKeyAge: 90");
    let both = imported(&mut files, &[("a/Keys.yaml", &pack), ("b/Keys.yml", &twin)]);
    assert_eq!(both.repeated, [("b/Keys.yml".to_owned(), "a/Keys.yaml".to_owned())]);
    assert!(both.is_complete() && both.files.len() == 2);
    let other = pack.replace("ACCESS_KEYS_ROTATED", "ROOT_ACCOUNT_MFA_ENABLED").replace("{maxAccessKeyAge: 90}", "{}");
    let stays = imported(&mut files, &[("Keys.yaml", &other)]);
    assert_eq!(reasons(&stays), ["1 Keys: the catalog has another framework with this name, which stays as it is"]);
    assert_eq!(stays.files, []);
    let same_name = imported(&mut Files::new(), &[("a/Keys.yaml", &pack), ("b/Keys.yaml", &other)]);
    assert_eq!(
        reasons(&same_name),
        ["1 Keys: `a/Keys.yaml` gives a framework with the same name; import them one by one"]
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of inputs")]
fn everything_that_does_not_come_has_a_reason() {
    let rule = |more: &str| format!("Resources:\n  R:\n    Type: AWS::Config::ConfigRule\n{more}");
    let managed = |more: &str| {
        rule(&format!("    Properties:\n      Source: {{Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}}\n{more}"))
    };
    let fixed = |more: &str| {
        managed(&format!(
            "      ConfigRuleName: r\n  F:\n    Type: AWS::Config::RemediationConfiguration\n    Properties: {{ConfigRuleName: \
             r, {more}}}\n"
        ))
    };
    let custom = |more: &str| {
        rule(&format!(
            "    Properties:\n      ConfigRuleName: r\n      Source: {{Owner: CUSTOM_LAMBDA, SourceIdentifier: {more}"
        ))
    };
    let function = "arn:aws:lambda:eu-west-1:111122223333:function:f";
    let check = "  F:\n    Type: AWS::Config::RemediationConfiguration\n    Properties: {ConfigRuleName: r}\n";
    let process =
        "    Properties: {ConfigRuleName: r, Source: {Owner: AWS, SourceIdentifier: AWS_CONFIG_PROCESS_CHECK}}\n";
    for (pack, expected) in [
        (rule(""), "2 R: it has no `Source`"),
        (rule("    Properties: {Source: {Owner: AWS}}\n"), "2 R: `Source` has no known `SourceIdentifier`"),
        (
            rule("    Properties: {Source: {Owner: UNKNOWN}}\n"),
            "2 R: the owner of `Source` is not `AWS`, `CUSTOM_LAMBDA` or `CUSTOM_POLICY`",
        ),
        (
            rule("    Properties: {Source: {Owner: AWS, SourceIdentifier: AWS_CONFIG_PROCESS_CHECK}}\n"),
            "2 R: it has no `ConfigRuleName`, after which a process check is named",
        ),
        (rule("    Condition: c\n"), "4 R: its condition `c`: the template has no condition `c`"),
        (
            rule("    Condition: c\nConditions: {c: !Equals [a, b]}\n"),
            "2 R: its condition `c` does not hold with the defaults of the parameters",
        ),
        (
            rule("    Condition: c\nConditions: {c: true}\n"),
            "5 R: its condition `c`: expected a condition: `Fn::Equals`, `Fn::Not`, `Fn::And`, `Fn::Or` or `Condition`",
        ),
        (managed("    DeletionPolicy: Retain\n"), "6 R: a catalog has no key for `DeletionPolicy`"),
        (managed("      InputParameters: []\n"), "6 R: `InputParameters` is not a mapping"),
        (managed("      InputParameters: !Sub x\n"), "6 R: `InputParameters`: `Fn::Sub` cannot be here"),
        (
            managed("      InputParameters: {maxAccessKeyAge: !Split ['', a]}\n"),
            "6 R: `maxAccessKeyAge`: `Fn::Split` needs a delimiter",
        ),
        (
            managed("      InputParameters: {age: 1}\n"),
            "6 R: `ACCESS_KEYS_ROTATED` has no parameter `age` in the table of 2026-07-10",
        ),
        (
            managed("      Scope: {ComplianceResourceTypes: AWS::IAM::User}\n"),
            "6 R: `Scope.ComplianceResourceTypes` is not a list of strings",
        ),
        (
            managed("      Scope: {ComplianceResourceTypes: [AWS::IAM::Role]}\n"),
            "6 R: a catalog has no key for `Scope.ComplianceResourceTypes`: AWS::IAM::Role; those of `ACCESS_KEYS_ROTATED` are AWS::IAM::User",
        ),
        (
            managed("      EvaluationModes: [{Mode: PROACTIVE}]\n"),
            "6 R: a catalog has no key for `EvaluationModes: [{Mode: PROACTIVE}]`",
        ),
        (
            managed(&format!("      Description: {}\n", "x".repeat(1_001))),
            "2 R: `Description` has more than 1000 characters",
        ),
        (managed("    Controls: x\n"), "6 R: `Controls` is not a list of strings"),
        (managed("    Controls: [a_b]\n"), "2 R: names of control sets have no `_` and `\\`: `a_b` becomes `a-b`"),
        (custom("x}\n"), "6 R: `x` is not the ARN of a Lambda function, so it has no `customRule`"),
        (
            custom(&format!("{function}}}\n")),
            "6 R: `customRule` needs resource types, and the rule has no `Scope.ComplianceResourceTypes`",
        ),
        (
            custom(&format!("{function}}}\n      Scope: {{ComplianceResourceTypes: [Volume]}}\n")),
            "6 R: `customRule` needs resource types, and `Volume` is not one",
        ),
        (fixed(""), "7 F: it has no `TargetId` with the name of a document"),
        (rule(&format!("{process}{check}")), "5 F: the rule `r` is a process check, or has another remediation"),
        (
            fixed("TargetId: AWS-Stop, Parameters: {a: {}, AutomationAssumeRole: {StaticValue: {Values: [x]}}}"),
            "9 F: `a` has neither `StaticValue.Values` nor `ResourceValue.Value`",
        ),
        (
            fixed("TargetId: AWS-Stop, Parameters: {AutomationAssumeRole: {StaticValue: {Values: [x]}}}"),
            "9 F: `AutomationAssumeRole` is not the ARN of a role",
        ),
        ("Description: [a]\n".to_owned() + &managed(""), "1 Description: it is not a string of 1 to 1000 characters"),
        (managed("Mappings: {}\n"), "6 Mappings: a catalog has no place for this section"),
    ] {
        let imported = imported(&mut Files::new(), &[("p.yaml", &pack)]);
        let reasons = reasons(&imported);
        assert!(reasons.iter().any(|reason| reason == expected), "{expected}\n{reasons:#?}\n{pack}");
    }
    let good = managed("");
    let both = imported(&mut Files::new(), &[("a\\b.yaml", &good), ("c.yaml", &managed("      Description: c\n"))]);
    assert!(both.files.is_empty());
    assert_eq!(reasons(&both)[1..], ["1 c: another framework of this import has an error"]);
    let two = format!(
        "{}{}",
        fixed("TargetId: AWS-Stop"),
        "  G:\n    Type: AWS::Config::RemediationConfiguration\n    Properties: {ConfigRuleName: r, TargetId: AWS-Go}\n"
    );
    let twice = imported(&mut Files::new(), &[("p.yaml", &two)]);
    assert_eq!(reasons(&twice), ["10 G: the rule `r` is a process check, or has another remediation"]);
}

/// Rules that lint refuses are skipped, and the rest comes.
#[test]
fn rules_with_an_error_are_skipped() {
    let rule = |name: &str, identifier: &str| {
        format!(
            "  {name}:\n    Type: AWS::Config::ConfigRule\n    Properties: {{Source: {{Owner: AWS, SourceIdentifier: {identifier}}}}}\n"
        )
    };
    let pack =
        format!("Resources:\n{}{}", rule("Bad", "NOT_A_RULE_OF_CONFIG"), rule("Good", "ROOT_ACCOUNT_MFA_ENABLED"));
    let mut files = Files::new();
    let first = imported(&mut files, &[("p.yaml", &pack)]);
    assert_eq!(first.left_out.len(), 1);
    assert_eq!((first.left_out[0].line, first.left_out[0].extent), (2, Extent::Whole));
    assert!(first.left_out[0].reason.contains("`NOT_A_RULE_OF_CONFIG` is not an AWS Config rule"));
    let again = imported(&mut files, &[("p.yaml", &pack)]);
    assert_eq!((again.files.len(), again.unchanged, reasons(&again)), (0, 1, reasons(&first)));
    let none = imported(&mut Files::new(), &[("p.yaml", &format!("Resources:\n{}", rule("Bad", "NOT_A_RULE")))]);
    assert!(
        none.files.is_empty() && reasons(&none).iter().any(|one| one == "1 p: no rule of the pack can be imported")
    );
}

/// A rule of a generated pack: what it is, a value, whether its condition holds, its sets.
pub type Generated = (usize, u8, bool, Vec<u8>);

pub fn template(rules: &[Generated]) -> String {
    let mut text = "Conditions:\n  yes: !Equals [a, a]\n  no: !Equals [a, b]\nResources:\n".to_owned();
    for (number, (kind, value, holds, sets)) in rules.iter().enumerate() {
        let source = [
            format!(
                "Source: {{Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}}, InputParameters: {{maxAccessKeyAge: {value}}}"
            ),
            "Source: {Owner: AWS, SourceIdentifier: ROOT_ACCOUNT_MFA_ENABLED}, MaximumExecutionFrequency: One_Hour"
                .to_owned(),
            format!("Description: d{}, Source: {{Owner: AWS, SourceIdentifier: AWS_CONFIG_PROCESS_CHECK}}", value % 2),
            format!("Source: {{Owner: AWS, SourceIdentifier: NO_SUCH_RULE_{value}}}"),
            format!(
                "Scope: {{ComplianceResourceTypes: [AWS::EC2::Volume]}}, Source: {{Owner: CUSTOM_POLICY, CustomPolicyDetails: \
                 {{PolicyRuntime: guard-2.x.x, PolicyText: 'rule r{}'}}}}",
                value % 2
            ),
            "Source: {Owner: UNKNOWN}".to_owned(),
        ];
        let sets: Vec<String> = sets.iter().map(|set| format!("'s_{set}'")).collect();
        let sets = if sets.is_empty() { String::new() } else { format!("    Controls: [{}]\n", sets.join(", ")) };
        let _ = writeln!(
            text,
            "  R{number}:\n    Type: AWS::Config::ConfigRule\n    Condition: {}\n{sets}    Properties: {{ConfigRuleName: \
             'n{}', {}}}",
            if *holds { "yes" } else { "no" },
            value % 3,
            source[*kind]
        );
    }
    text
}

pub fn generated() -> impl Strategy<Value = Vec<Generated>> {
    let rule = (0..6_usize, 1..100_u8, any::<bool>(), proptest::collection::vec(0..4_u8, 0..3));
    proptest::collection::vec(rule, 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_resource_is_imported_or_listed_and_importing_again_changes_nothing(
        first in generated(), second in generated()
    ) {
        let texts = [template(&first), template(&second)];
        let packs = [("First.yaml", texts[0].as_str()), ("Second.yaml", texts[1].as_str())];
        let mut files = Files::new();
        let one = imported(&mut files, &packs);
        let repeated = texts[0] == texts[1];
        for (name, path, rules) in [("First", "First.yaml", &first), ("Second", "Second.yaml", &second)] {
            let skipped = |id: &str| {
                one.left_out.iter().any(|left| left.path == path && left.name == id && left.extent == Extent::Whole)
            };
            let coming = (0..rules.len()).filter(|number| !skipped(&format!("R{number}"))).count();
            let checked = checked(&files);
            let framework = checked.catalog.frameworks.get(name);
            prop_assert!(repeated && name == "Second" || framework.is_some() == (coming > 0), "{name}: {:?}", one.left_out);
            for (number, (kind, _, holds, sets)) in rules.iter().enumerate() {
                let comes = *holds && ![3, 5].contains(kind);
                prop_assert_eq!(!skipped(&format!("R{number}")) || repeated, comes || repeated);
                let Some(framework) = framework.filter(|_| comes) else { continue };
                let wanted = if sets.is_empty() { vec!["Rules".to_owned()] } else { sets.iter().map(|set| format!("s-{set}")).collect() };
                for set in wanted {
                    let set = framework.value.control_sets.iter().find(|own| own.name == set).unwrap();
                    for control in &set.controls {
                        let ControlRef::Name(name) = control else { panic!("{control}") };
                        prop_assert!(checked.catalog.controls.contains_key(name));
                    }
                }
            }
        }
        let before = files.clone();
        let two = imported(&mut files, &packs);
        prop_assert_eq!(&files, &before);
        prop_assert_eq!(&two.left_out, &one.left_out);
    }
}

/// Names and texts of the packs in the corpora; none without them.
pub fn corpus() -> Vec<(String, String)> {
    let Some(corpora) = std::env::var_os("CONTROLSYNC_CORPORA").map(std::path::PathBuf::from) else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(corpora.join("conformance-packs")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|of| of == "yaml" || of == "yml"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
    };
    paths.iter().map(read).collect()
}

#[test]
fn real_packs_are_imported_without_an_error_of_lint() {
    let texts = corpus();
    if texts.is_empty() {
        return;
    }
    let all: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    // Alone, nothing is lost to what other packs say.
    for pack in &all {
        let mut files = Files::new();
        let alone = imported(&mut files, std::slice::from_ref(pack));
        let none = reasons(&alone).iter().any(|reason| reason.ends_with("no rule of the pack can be imported"));
        assert!(alone.files.len() > 1 || none, "{}: {:?}", pack.0, alone.left_out);
    }
    let mut files = Files::new();
    let one = imported(&mut files, &all);
    assert_eq!(one.repeated.len(), 2);
    let before = files.clone();
    let two = imported(&mut files, &all);
    assert!(two.files.is_empty() && files == before && two.left_out == one.left_out);
    assert_eq!(two.unchanged, all.len() - 3, "twins, and a pack whose rules are all optional");
}
