//! From what the account holds to the definition that a file would have.
//!
//! What the service fills in need not be in a file. Where the object is this catalog's, its `applied` tag tells whether
//! its author had it there: of all definitions that mean the same the one is taken that was applied.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Failed;
use crate::model::{Control, ControlRef, ControlSet, DataSource, Framework, SourceType};
use crate::plan::{
    self, APPLIED_TAG, AccountControl, AccountFramework, AccountObject, AccountSource, Actual, CATALOG_TAG,
    ControlOrigin, applied_digest, control_digest, digest_with_sets, is_users_tag,
};
use crate::schema;
use crate::source::FileKind;

type Tags = BTreeMap<String, String>;

/// How many definitions that mean the same are held against what was applied.
const MAX_VARIANTS: u32 = 256;

/// What is known of all objects when one is written.
pub(super) struct Around<'a> {
    /// The catalog's name.
    pub catalog: &'a str,
    /// Tags that the configuration gives every object.
    pub default_tags: &'a Tags,
    /// Custom controls that a name alone does not mean in this catalog: others have it, or a file gives it up.
    unclear: BTreeSet<&'a str>,
    by_id: HashMap<&'a str, &'a AccountObject<AccountControl>>,
    /// Controls of AWS that are supported, by list and name.
    of_aws: BTreeMap<(ControlOrigin, &'a str), usize>,
}

impl<'a> Around<'a> {
    pub(super) fn new(
        catalog: &'a str,
        default_tags: &'a Tags,
        given_up: impl Iterator<Item = &'a str>,
        actual: &'a Actual,
    ) -> Self {
        let mut seen = BTreeSet::new();
        let names = actual.controls.iter().map(|held| held.name.as_str());
        let unclear = names.filter(|name| !seen.insert(*name)).chain(given_up).collect();
        let lists = [(ControlOrigin::Standard, &actual.standard), (ControlOrigin::Core, &actual.core)];
        let mut of_aws: BTreeMap<_, usize> = BTreeMap::new();
        for (origin, list) in lists {
            for held in list.iter().flatten().filter(|held| !has_ended(held)) {
                *of_aws.entry((origin, held.name.as_str())).or_default() += 1;
            }
        }
        Self { catalog, default_tags, unclear, by_id: by_id(actual), of_aws }
    }

    /// All that the tags of a file can be, the likeliest first.
    fn tags(&self, held: &Tags) -> Vec<Tags> {
        let ours = held.get(CATALOG_TAG).is_some_and(|owner| owner == self.catalog);
        let own = if ours && held.contains_key(APPLIED_TAG) {
            plan::recorded(held)
        } else {
            let own = held.iter().filter(|(key, _)| is_users_tag(key));
            vec![own.map(|(key, value)| (key.clone(), value.clone())).collect()]
        };
        own.into_iter().map(|own| self.default_tags.clone().into_iter().chain(own).collect()).collect()
    }

    /// What was applied, where the object is ours.
    fn applied<'h>(&self, held: &'h Tags) -> Option<&'h str> {
        let ours = held.get(CATALOG_TAG).is_some_and(|owner| owner == self.catalog);
        applied_digest(held).filter(|_| ours)
    }

    /// How a framework names a control, and what counts for its digest.
    fn reference(&self, id: &str) -> Result<(ControlRef, String), Failed> {
        let Some(held) = self.by_id.get(id) else {
            return Err(Failed(format!("it holds the control {id}, which the account does not give out")));
        };
        let detail = held.detail.get();
        let name = held.name.as_str();
        let origin = detail.map(|detail| detail.origin).unwrap_or_default();
        let one = self.of_aws.get(&(origin, name)) == Some(&1) && !has_ended(held);
        let reference = match origin {
            _ if !is_name(name) => None,
            ControlOrigin::Custom => (!self.unclear.contains(name)).then(|| ControlRef::Name(name.to_owned())),
            ControlOrigin::Standard => one.then(|| ControlRef::Standard(name.to_owned())),
            ControlOrigin::Core => one.then(|| ControlRef::Core(name.to_owned())),
        };
        Ok((reference.unwrap_or_else(|| ControlRef::Id(id.to_owned())), plan::identity(held)))
    }
}

/// Controls by id, wherever they come from.
pub(super) fn by_id(actual: &Actual) -> HashMap<&str, &AccountObject<AccountControl>> {
    let lists = [Some(&actual.controls), actual.standard.as_ref(), actual.core.as_ref()];
    let listed = lists.into_iter().flatten().flatten().chain(actual.unlisted.values().flatten());
    listed.map(|held| (held.id.as_str(), held)).collect()
}

fn has_ended(held: &AccountObject<AccountControl>) -> bool {
    held.detail.get().is_some_and(|detail| detail.end_of_support)
}

/// Whether a file can hold a name.
fn is_name(name: &str) -> bool {
    schema::accepts(FileKind::Control, &serde_json::json!({ "name": name }))
}

/// The control of a file.
pub(super) fn control(
    around: &Around<'_>,
    held: &AccountObject<AccountControl>,
    detail: &AccountControl,
) -> Result<Control, Failed> {
    if detail.sources.is_empty() {
        return Err(Failed("it has no data source, which a file cannot say".to_owned()));
    }
    let sources: Result<Vec<DataSource>, Failed> = detail.sources.iter().map(source).collect();
    let mut tags = around.tags(&detail.tags);
    tags.truncate(8);
    let mut base = Control {
        name: held.name.clone(),
        renamed_from: Vec::new(),
        description: detail.description.clone(),
        testing_information: detail.testing_information.clone(),
        action_plan_title: detail.action_plan_title.clone(),
        action_plan_instructions: detail.action_plan_instructions.clone(),
        tags: tags.first().cloned().unwrap_or_default(),
        sources: sources?,
        sources_member: "datasources",
    };
    let found = around.applied(&detail.tags).and_then(|applied| {
        let agrees = |control: &Control| control_digest(control) == applied;
        tags.into_iter().find_map(|tags| variant(&Control { tags, ..base.clone() }, detail, &agrees))
    });
    base = found.unwrap_or(base);
    base.sources.sort_by(in_order);
    Ok(base)
}

/// By name, then by everything else.
fn in_order(a: &DataSource, b: &DataSource) -> Ordering {
    let texts = |of: &DataSource| {
        let of = of.clone();
        (of.keyword, of.frequency, of.set_up_option, of.input_type, of.description, of.troubleshooting)
    };
    let first = a.name.cmp(&b.name).then_with(|| a.source_type.cmp(&b.source_type));
    first.then_with(|| texts(a).cmp(&texts(b)))
}

/// A source that says everything but what goes without saying.
fn source(held: &AccountSource) -> Result<DataSource, Failed> {
    let Some(source_type) = SourceType::from_name(&held.source_type) else {
        let name = &held.name;
        return Err(Failed(match held.source_type.as_str() {
            "" => format!("its data source `{name}` has no type"),
            kind => format!("its data source `{name}` is of the type `{kind}`, which controlsync does not know"),
        }));
    };
    let manual = source_type == SourceType::Manual;
    let usual_input = if manual { "UPLOAD_FILE" } else { "SELECT_FROM_LIST" };
    let unless = |value: &Option<String>, usual: &str| value.clone().filter(|value| value != usual);
    Ok(DataSource {
        name: held.name.clone(),
        description: held.description.clone(),
        set_up_option: unless(&held.set_up_option, source_type.set_up_option()),
        source_type,
        input_type: unless(&held.input_type, usual_input),
        keyword: held.keyword.clone().filter(|_| !manual),
        frequency: held.frequency.clone(),
        troubleshooting: held.troubleshooting.clone(),
    })
}

/// A member of a source that can be stated or not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    SetUpOption,
    InputType,
    Keyword,
    Frequency,
}

impl Member {
    const ALL: [Self; 4] = [Self::Frequency, Self::InputType, Self::SetUpOption, Self::Keyword];

    /// Whether there is anything to choose.
    fn is_open(self, source: &DataSource, held: &AccountSource) -> bool {
        match self {
            Self::SetUpOption => source.set_up_option.is_some(),
            Self::InputType => source.input_type.is_some(),
            Self::Frequency => source.frequency.is_some(),
            Self::Keyword => source.source_type == SourceType::Manual && held.keyword.is_some(),
        }
    }

    fn toggle(self, source: &mut DataSource, held: &AccountSource) {
        match self {
            Self::SetUpOption => source.set_up_option = None,
            Self::InputType => source.input_type = None,
            Self::Frequency => source.frequency = None,
            Self::Keyword => source.keyword.clone_from(&held.keyword),
        }
    }
}

/// The first of the controls that mean the same as this one that agrees. The sources are in the order of the account.
fn variant(base: &Control, held: &AccountControl, agrees: &impl Fn(&Control) -> bool) -> Option<Control> {
    let open: Vec<(usize, Member)> = (0..base.sources.len())
        .flat_map(|at| Member::ALL.map(|member| (at, member)))
        .filter(|(at, member)| member.is_open(&base.sources[*at], &held.sources[*at]))
        .collect();
    // Each choice by itself; where that are too many, the same choice for all sources.
    let alone = 1_u32.checked_shl(u32::try_from(open.len()).unwrap_or(u32::MAX)).filter(|all| *all <= MAX_VARIANTS);
    let bit = |index: usize, member: Member| match alone {
        Some(_) => 1 << index,
        None => 1 << Member::ALL.iter().position(|one| *one == member).unwrap_or_default(),
    };
    (0..alone.unwrap_or(1 << Member::ALL.len())).find_map(|choice: u32| {
        let mut control = base.clone();
        for (index, (at, member)) in open.iter().enumerate() {
            if choice & bit(index, *member) != 0 {
                member.toggle(&mut control.sources[*at], &held.sources[*at]);
            }
        }
        agrees(&control).then_some(control)
    })
}

/// The framework of a file.
pub(super) fn framework(
    around: &Around<'_>,
    held: &AccountObject<AccountFramework>,
    detail: &AccountFramework,
) -> Result<Framework, Failed> {
    let mut sets = Vec::new();
    let mut identities: Vec<(&str, BTreeSet<String>)> = Vec::new();
    for set in &detail.control_sets {
        let mut controls = set.controls.keys().map(|id| around.reference(id)).collect::<Result<Vec<_>, _>>()?;
        controls.sort_by(|(a, _), (b, _)| a.cmp(b));
        identities.push((&set.name, controls.iter().map(|(_, identity)| identity.clone()).collect()));
        let controls = controls.into_iter().map(|(reference, _)| reference).collect();
        sets.push(ControlSet { name: set.name.clone(), controls });
    }
    sets.sort_by(|a, b| (&a.name, &a.controls).cmp(&(&b.name, &b.controls)));
    let tags = around.tags(&detail.tags);
    let base = Framework {
        name: held.name.clone(),
        renamed_from: Vec::new(),
        description: detail.description.clone().filter(|text| !text.is_empty()),
        compliance_type: detail.compliance_type.clone(),
        tags: tags.first().cloned().unwrap_or_default(),
        control_sets: sets,
    };
    let applied = around.applied(&detail.tags);
    let agrees = |framework: &Framework| applied == Some(digest_with_sets(framework, &identities).as_str());
    let mut variants = tags.into_iter().flat_map(|tags| {
        [base.description.clone(), None].map(|description| Framework {
            description,
            tags: tags.clone(),
            ..base.clone()
        })
    });
    Ok(variants.find(agrees).unwrap_or(base))
}
