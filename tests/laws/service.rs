//! A minimal service: it applies plans, fills in the fields that Audit Manager fills in, and keeps no order.

use std::collections::BTreeMap;

use controlsync_core::plan::{
    AccountControl, AccountControlSet, AccountFramework, AccountObject, AccountSource, Actual, Body, Change,
    ControlBody, ControlOrigin, ControlTarget, Detail, FrameworkBody, Plan,
};

/// Generates unique IDs.
#[derive(Default)]
pub struct Service {
    next: u32,
}

impl Service {
    /// Returns the account after a plan.
    pub fn apply(&mut self, actual: &Actual, plan: &Plan) -> Actual {
        let mut after = Actual { account: Some("111122223333".into()), ..actual.clone() };
        let mut created = BTreeMap::new();
        for change in plan.changes.iter().filter(|change| change.writes()) {
            match &change.body {
                Some(Body::Control(body)) => self.control(&mut after, change, body, &mut created),
                Some(Body::Framework(body)) => self.framework(&mut after, change, body, &created),
                None => {}
            }
            let id = change.id.clone().or_else(|| created.get(&change.name).cloned());
            retag(&mut after, change, id.as_deref());
        }
        after.controls.reverse();
        after.frameworks.reverse();
        after
    }

    fn id(&mut self) -> String {
        self.next += 1;
        // IDs that sort in a different order than they were created.
        format!("{:08x}", self.next.wrapping_mul(2_654_435_761))
    }

    fn control(
        &mut self,
        after: &mut Actual,
        change: &Change,
        body: &ControlBody,
        created: &mut BTreeMap<String, String>,
    ) {
        let sources = body.sources.iter().map(|source| AccountSource {
            id: source.id.clone().unwrap_or_else(|| self.id()),
            name: source.name.clone(),
            description: source.description.clone(),
            set_up_option: Some(source.set_up_option.clone()),
            source_type: source.source_type.name().to_owned(),
            input_type: source
                .input_type
                .clone()
                .or_else(|| (source.source_type.name() == "MANUAL").then(|| "UPLOAD_FILE".to_owned())),
            keyword: source.keyword.clone(),
            frequency: source.frequency.clone(),
            troubleshooting: source.troubleshooting.clone(),
        });
        let mut detail = AccountControl {
            origin: ControlOrigin::Custom,
            end_of_support: false,
            description: body.description.clone(),
            testing_information: body.testing_information.clone(),
            action_plan_title: body.action_plan_title.clone(),
            action_plan_instructions: body.action_plan_instructions.clone(),
            sources: sources.collect(),
            tags: BTreeMap::new(),
        };
        detail.sources.reverse();
        if let Some(live) = after.controls.iter_mut().find(|live| Some(&live.id) == change.id.as_ref()) {
            detail.tags = live.detail.get().map(|old| old.tags.clone()).unwrap_or_default();
            live.name.clone_from(&body.name);
            live.detail = Detail::Fresh(detail);
        } else {
            let id = self.id();
            created.insert(body.name.clone(), id.clone());
            let arn = format!("arn:aws:auditmanager:eu-west-1:111122223333:control/{id}");
            after.controls.push(AccountObject {
                id,
                arn,
                name: body.name.clone(),
                stamp: None,
                detail: Detail::Fresh(detail),
            });
        }
    }

    fn framework(
        &mut self,
        after: &mut Actual,
        change: &Change,
        body: &FrameworkBody,
        created: &BTreeMap<String, String>,
    ) {
        let names: BTreeMap<String, String> =
            after.controls.iter().map(|live| (live.id.clone(), live.name.clone())).collect();
        let control = |target: &ControlTarget| {
            let id = match target {
                ControlTarget::Id(id) => id.clone(),
                ControlTarget::Created(name) => created[name].clone(),
            };
            let name = names[&id].clone();
            (id, name)
        };
        let mut control_sets: Vec<AccountControlSet> = Vec::new();
        for set in &body.control_sets {
            let id = set.id.clone().unwrap_or_else(|| self.id());
            control_sets.push(AccountControlSet {
                id,
                name: set.name.clone(),
                controls: set.controls.iter().map(control).collect(),
            });
        }
        control_sets.reverse();
        let mut detail = AccountFramework {
            description: body.description.clone(),
            compliance_type: body.compliance_type.clone(),
            control_sets,
            tags: BTreeMap::new(),
        };
        if let Some(live) = after.frameworks.iter_mut().find(|live| Some(&live.id) == change.id.as_ref()) {
            detail.tags = live.detail.get().map(|old| old.tags.clone()).unwrap_or_default();
            live.name.clone_from(&body.name);
            live.detail = Detail::Fresh(detail);
        } else {
            let id = self.id();
            let arn = format!("arn:aws:auditmanager:eu-west-1:111122223333:assessmentFramework/{id}");
            after.frameworks.push(AccountObject {
                id,
                arn,
                name: body.name.clone(),
                stamp: None,
                detail: Detail::Fresh(detail),
            });
        }
    }
}

fn retag(after: &mut Actual, change: &Change, id: Option<&str>) {
    let same = |live_id: &str, name: &str| id == Some(live_id) || (id.is_none() && name == change.name);
    let controls = after.controls.iter_mut().filter(|live| same(&live.id, &live.name));
    let frameworks = after.frameworks.iter_mut().filter(|live| same(&live.id, &live.name));
    let control_tags = controls.filter_map(|live| live.detail.get_mut().map(|detail| &mut detail.tags));
    let framework_tags = frameworks.filter_map(|live| live.detail.get_mut().map(|detail| &mut detail.tags));
    for tags in control_tags.chain(framework_tags) {
        tags.retain(|key, _| !change.tags.remove.contains_key(key));
        tags.extend(change.tags.set.iter().map(|(key, (_, value))| (key.clone(), value.clone())));
    }
}
