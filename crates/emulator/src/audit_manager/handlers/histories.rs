//! Properties of any sequence of requests.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::tests::{Account, manual};
use crate::audit_manager::error::ServiceError;
use crate::audit_manager::operation::{self, Operation::*};
use crate::state::State;
use crate::state_file::StateFile;

/// A request. The numbers select existing controls and frameworks.
#[derive(Debug, Clone)]
enum Step {
    Create(u8, u8),
    Update(usize, u8, u8),
    Delete(usize),
    CreateFramework(u8, Vec<usize>),
    UpdateFramework(usize, Vec<usize>),
    DeleteFramework(usize),
    Tag(usize, u8),
    Assess(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..9_u8, 1..4_u8).prop_map(|(name, sources)| Step::Create(name, sources)),
        (any::<usize>(), 0..9_u8, 0..4_u8).prop_map(|(control, name, sources)| Step::Update(control, name, sources)),
        any::<usize>().prop_map(Step::Delete),
        (0..9_u8, proptest::collection::vec(any::<usize>(), 0..5)).prop_map(|(name, c)| Step::CreateFramework(name, c)),
        (any::<usize>(), proptest::collection::vec(any::<usize>(), 0..5))
            .prop_map(|(f, c)| Step::UpdateFramework(f, c)),
        any::<usize>().prop_map(Step::DeleteFramework),
        (any::<usize>(), 0..9_u8).prop_map(|(control, tag)| Step::Tag(control, tag)),
        any::<usize>().prop_map(Step::Assess),
    ]
}

fn run(account: &mut Account, step: Step) -> Result<Value, ServiceError> {
    let controls: Vec<Uuid> = account.state.controls.keys().copied().collect();
    let frameworks: Vec<Uuid> = account.state.frameworks.keys().copied().collect();
    let control = |n: usize| controls[n % controls.len()];
    let framework = |n: usize| frameworks[n % frameworks.len()];
    let sources = |n: u8| (0..n).map(|n| manual(&format!("s{n}"))).collect::<Vec<_>>();
    let sets = |chosen: &[usize]| {
        let set = |(at, n): (usize, &usize)| json!({ "name": format!("{at}"), "controls": [{ "id": control(*n) }] });
        chosen.iter().enumerate().map(set).collect::<Vec<_>>()
    };
    match step {
        Step::Create(name, n) => {
            account.call(CreateControl, json!({ "name": name.to_string(), "controlMappingSources": sources(n) }))
        }
        Step::Update(at, name, n) => {
            let input =
                json!({ "controlId": control(at), "name": name.to_string(), "controlMappingSources": sources(n) });
            account.call(UpdateControl, input)
        }
        Step::Delete(at) => account.call(DeleteControl, json!({ "controlId": control(at) })),
        Step::CreateFramework(name, c) => {
            account.call(CreateAssessmentFramework, json!({ "name": name.to_string(), "controlSets": sets(&c) }))
        }
        Step::UpdateFramework(at, c) => {
            let input = json!({ "frameworkId": framework(at), "name": "updated", "controlSets": sets(&c) });
            account.call(UpdateAssessmentFramework, input)
        }
        Step::DeleteFramework(at) => account.call(DeleteAssessmentFramework, json!({ "frameworkId": framework(at) })),
        Step::Tag(at, tag) => {
            let id = control(at);
            let arn = account.state.control_arn(id, account.state.controls[&id].kind);
            account.call(TagResource, json!({ "resourceArn": arn, "tags": { tag.to_string(): "v" } }))
        }
        Step::Assess(at) => Ok(account.assessment(&framework(at).to_string()).into()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_history_is_consistent_and_survives_a_restart(steps in proptest::collection::vec(step(), 0..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        let mut account = Account::new();
        for step in steps {
            let before = account.state.clone();
            if let Err(error) = run(&mut account, step) {
                prop_assert!(error.status() < 500, "{:?}", error);
                prop_assert_eq!(&account.state, &before);
            }
            let state = &account.state;
            let frameworks = state.frameworks.values().flat_map(|framework| &framework.control_sets);
            let assessments = state.assessments.values().flat_map(|assessment| &assessment.control_sets);
            for control in frameworks.chain(assessments).flat_map(|set| &set.controls) {
                prop_assert!(state.controls.contains_key(control));
            }
        }
        let open = || runtime.block_on(StateFile::open(&path, &account.state.account, &account.state.region));
        let state = State::with(account.state.clone());
        open().unwrap().0.write(&state).unwrap();
        prop_assert_eq!(open().unwrap().1, state);
    }
}

/// Words of the model and of a valid request, and arbitrary ones.
fn word() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "name",
        "description",
        "actionPlanTitle",
        "controlMappingSources",
        "sourceId",
        "sourceName",
        "sourceType",
        "sourceKeyword",
        "keywordValue",
        "keywordInputType",
        "sourceFrequency",
        "tags",
        "controlSets",
        "controls",
        "id",
        "complianceType",
        "MANUAL",
        "AWS_API_Call",
        "Core_Control",
        "SELECT_FROM_LIST",
        "DAILY",
        "7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f",
        "",
    ];
    prop_oneof![8 => proptest::sample::select(WORDS).prop_map(str::to_owned), 1 => ".{0,4}"]
}

fn json_of_words() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => word().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((word(), inner), 0..8).prop_map(|entries| Map::from_iter(entries).into()),
        ]
    })
}

/// Requests that are valid except for one member.
fn body() -> impl Strategy<Value = Value> {
    (word(), json_of_words(), any::<bool>()).prop_map(|(name, value, nested)| {
        let id = "7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f";
        let mut body = json!({
            "name": "n",
            "controlMappingSources": [manual("m")],
            "controlSets": [{ "name": "s", "controls": [{ "id": id }] }],
            "tags": {},
        });
        let target = if nested { &mut body["controlMappingSources"][0] } else { &mut body };
        target[name] = value;
        body
    })
}

proptest! {
    /// The types can represent every input that the limits allow.
    #[test]
    fn no_body_causes_a_server_error(body in prop_oneof![body(), json_of_words()]) {
        let mut account = Account::new();
        let control = account.call(CreateControl, json!({ "name": "kept", "controlMappingSources": [manual("m")] }));
        let control = control.unwrap()["control"]["id"].as_str().unwrap().to_owned();
        let framework = account.state.frameworks.keys().next().unwrap().to_string();
        for (method, path) in [
            ("POST", "/controls".to_owned()),
            ("PUT", format!("/controls/{control}")),
            ("POST", "/assessmentFrameworks".to_owned()),
            ("PUT", format!("/assessmentFrameworks/{framework}")),
            ("POST", format!("/tags/{}", account.state.control_arn(control.parse().unwrap(), crate::audit_manager::state::ObjectKind::Custom))),
        ] {
            let call = operation::find(method, &path, "").unwrap();
            let result = call.input(body.to_string().as_bytes()).and_then(|input| account.call(call.operation(), input));
            if let Err(error) = result {
                prop_assert!(error.status() < 500, "{method} {path}: {error:?}");
            }
        }
    }
}
