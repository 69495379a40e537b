//! From an object in the account to the definition for its file.
//!
//! A file need not contain what the service fills in. For an object of this catalog, the `applied` tag shows whether
//! its file did: of all definitions with the same meaning, the applied one is used.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::pulled::Failed;
use crate::model::{Control, ControlRef, ControlSet, DataSource, Framework};
use crate::plan::{
    self, APPLIED_TAG, AccountControl, AccountFramework, AccountObject, AccountSource, Actual, Applied, CATALOG_TAG,
    ControlOrigin, Desired, applied, is_users_tag,
};
use crate::schema;
use crate::source::FileKind;
use crate::source_type::SourceType;

type Tags = BTreeMap<String, String>;

/// Maximum number of definitions with the same meaning that are compared with the applied one.
const MAX_VARIANTS: u32 = 256;

/// What is known about all objects when one is converted.
pub(super) struct Context<'a> {
    /// Name of the catalog.
    pub catalog: &'a str,
    /// Tags that the configuration sets for all objects.
    pub default_tags: &'a Tags,
    /// Names of custom controls that are ambiguous in this catalog: several have the name, or a file renames it.
    ambiguous: BTreeSet<&'a str>,
    by_id: HashMap<&'a str, &'a AccountObject<AccountControl>>,
    /// Number of supported AWS controls by list and name.
    of_aws: BTreeMap<(ControlOrigin, &'a str), usize>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        catalog: &'a str,
        default_tags: &'a Tags,
        renamed: impl Iterator<Item = &'a str>,
        actual: &'a Actual,
    ) -> Self {
        let mut seen = BTreeSet::new();
        let names = actual.controls.iter().map(|control| control.name.as_str());
        let ambiguous = names.filter(|name| !seen.insert(*name)).chain(renamed).collect();
        let lists = [(ControlOrigin::Standard, &actual.standard), (ControlOrigin::Core, &actual.core)];
        let mut of_aws: BTreeMap<_, usize> = BTreeMap::new();
        for (origin, list) in lists {
            for control in list.iter().flatten().filter(|control| !has_ended(control)) {
                *of_aws.entry((origin, control.name.as_str())).or_default() += 1;
            }
        }
        Self { catalog, default_tags, ambiguous, by_id: by_id(actual), of_aws }
    }

    /// Returns the possible tags of a file, the most likely first.
    fn tags(&self, account_tags: &Tags) -> Vec<Tags> {
        let ours = account_tags.get(CATALOG_TAG).is_some_and(|owner| owner == self.catalog);
        let own = if ours && account_tags.contains_key(APPLIED_TAG) {
            plan::recorded(account_tags)
        } else {
            let own = account_tags.iter().filter(|(key, _)| is_users_tag(key));
            vec![own.map(|(key, value)| (key.clone(), value.clone())).collect()]
        };
        own.into_iter().map(|own| self.default_tags.clone().into_iter().chain(own).collect()).collect()
    }

    /// Returns the record of what was applied to an object of this catalog.
    fn applied<'t>(&self, tags: &'t Tags) -> Option<Applied<'t>> {
        let ours = tags.get(CATALOG_TAG).is_some_and(|owner| owner == self.catalog);
        applied(tags).filter(|_| ours)
    }

    /// Returns the reference to a control in a framework, and its identity for the digest.
    fn reference(&self, id: &str) -> Result<(ControlRef, String), Failed> {
        let Some(control) = self.by_id.get(id) else {
            return Err(Failed(format!("it contains the control {id}, which the account does not return")));
        };
        let detail = control.detail.get();
        let name = control.name.as_str();
        let origin = detail.map(|detail| detail.origin).unwrap_or_default();
        let is_unique = self.of_aws.get(&(origin, name)) == Some(&1) && !has_ended(control);
        let reference = match origin {
            _ if !is_name(name) => None,
            ControlOrigin::Custom => (!self.ambiguous.contains(name)).then(|| ControlRef::Name(name.to_owned())),
            ControlOrigin::Standard => is_unique.then(|| ControlRef::Standard(name.to_owned())),
            ControlOrigin::Core => is_unique.then(|| ControlRef::Core(name.to_owned())),
        };
        Ok((reference.unwrap_or_else(|| ControlRef::Id(id.to_owned())), plan::identity(control)))
    }
}

/// Returns all controls by ID, custom ones and those of AWS.
pub(super) fn by_id(actual: &Actual) -> HashMap<&str, &AccountObject<AccountControl>> {
    let lists = [Some(&actual.controls), actual.standard.as_ref(), actual.core.as_ref()];
    let listed = lists.into_iter().flatten().flatten().chain(actual.unlisted.values().flatten());
    listed.map(|control| (control.id.as_str(), control)).collect()
}

fn has_ended(control: &AccountObject<AccountControl>) -> bool {
    control.detail.get().is_some_and(|detail| detail.end_of_support)
}

/// Whether a name is valid in a file.
fn is_name(name: &str) -> bool {
    schema::accepts(FileKind::Control, &serde_json::json!({ "name": name }))
}

/// Returns the control for a file.
pub(super) fn control(
    context: &Context<'_>,
    object: &AccountObject<AccountControl>,
    detail: &AccountControl,
) -> Result<Control, Failed> {
    if detail.sources.is_empty() {
        return Err(Failed("it has no data source, which a file cannot express".to_owned()));
    }
    let sources: Result<Vec<DataSource>, Failed> = detail.sources.iter().map(source).collect();
    let mut tags = context.tags(&detail.tags);
    tags.truncate(8);
    let mut base = Control {
        name: object.name.clone(),
        renamed_from: Vec::new(),
        description: detail.description.clone(),
        testing_information: detail.testing_information.clone(),
        action_plan_title: detail.action_plan_title.clone(),
        action_plan_instructions: detail.action_plan_instructions.clone(),
        severity: None,
        procedure_url: None,
        tags: tags.first().cloned().unwrap_or_default(),
        sources: sources?,
        sources_member: "datasources",
    };
    let found = context.applied(&detail.tags).and_then(|applied| {
        let agrees = |control: &Control| Desired::Control(control).is_recorded(applied) == Some(true);
        tags.into_iter().find_map(|tags| variant(&Control { tags, ..base.clone() }, detail, &agrees))
    });
    base = found.unwrap_or(base);
    base.sources.sort_by(in_order);
    Ok(base)
}

/// Compares data sources by name, then by everything else.
fn in_order(a: &DataSource, b: &DataSource) -> Ordering {
    let texts = |of: &DataSource| {
        let of = of.clone();
        (of.keyword, of.frequency, of.set_up_option, of.input_type, of.description, of.troubleshooting)
    };
    let first = a.name.cmp(&b.name).then_with(|| a.source_type.cmp(&b.source_type));
    first.then_with(|| texts(a).cmp(&texts(b)))
}

/// Converts a data source, without the values that Audit Manager fills in.
fn source(account: &AccountSource) -> Result<DataSource, Failed> {
    let Some(source_type) = SourceType::from_name(&account.source_type) else {
        let name = account.name_in_files();
        return Err(Failed(match account.source_type.as_str() {
            "" => format!("its data source `{name}` has no type"),
            kind => format!("its data source `{name}` has the type `{kind}`, which controlsync does not support"),
        }));
    };
    let unless = |value: &Option<String>, usual: &str| value.clone().filter(|value| value != usual);
    Ok(DataSource {
        name: account.name_in_files().into_owned(),
        description: account.description.clone(),
        set_up_option: unless(&account.set_up_option, source_type.set_up_option()),
        source_type,
        input_type: unless(&account.input_type, source_type.default_input_type()),
        keyword: account.keyword.clone().filter(|_| !source_type.is_manual()),
        frequency: account.frequency.clone(),
        troubleshooting: account.troubleshooting.clone(),
        required_parameters: BTreeMap::new(),
        remediation: None,
        custom_rule: None,
    })
}

/// A key of a data source that a file may omit without changing its meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OptionalKey {
    SetUpOption,
    InputType,
    Keyword,
    Frequency,
}

impl OptionalKey {
    const ALL: [Self; 4] = [Self::Frequency, Self::InputType, Self::SetUpOption, Self::Keyword];

    /// Whether both variants are possible.
    fn is_open(self, source: &DataSource, account: &AccountSource) -> bool {
        match self {
            Self::SetUpOption => source.set_up_option.is_some(),
            Self::InputType => source.input_type.is_some(),
            Self::Frequency => source.frequency.is_some(),
            Self::Keyword => source.source_type.is_manual() && account.keyword.is_some(),
        }
    }

    fn toggle(self, source: &mut DataSource, account: &AccountSource) {
        match self {
            Self::SetUpOption => source.set_up_option = None,
            Self::InputType => source.input_type = None,
            Self::Frequency => source.frequency = None,
            Self::Keyword => source.keyword.clone_from(&account.keyword),
        }
    }
}

/// Returns the first control with the same meaning as `base` that `agrees` accepts. The data sources are in the order
/// of the account.
///
/// The digest in the `applied` tag is that of the file as it was written, with or without the keys that the service fills in, and
/// cannot be reversed. A file written in another way would be in sync by its fields, but its digest would differ, so that the next
/// plan would update the tag. So the ways to write it are tried; that stays cheap, as few sources have such keys.
fn variant(base: &Control, account: &AccountControl, agrees: &impl Fn(&Control) -> bool) -> Option<Control> {
    let open: Vec<(usize, OptionalKey)> = (0..base.sources.len())
        .flat_map(|at| OptionalKey::ALL.map(|key| (at, key)))
        .filter(|(at, key)| key.is_open(&base.sources[*at], &account.sources[*at]))
        .collect();
    // Each choice separately or, if that gives too many variants, the same choice for all data sources.
    let separate = 1_u32.checked_shl(u32::try_from(open.len()).unwrap_or(u32::MAX)).filter(|all| *all <= MAX_VARIANTS);
    let bit = |index: usize, key: OptionalKey| match separate {
        Some(_) => 1 << index,
        None => 1 << OptionalKey::ALL.iter().position(|one| *one == key).unwrap_or_default(),
    };
    (0..separate.unwrap_or(1 << OptionalKey::ALL.len())).find_map(|choice: u32| {
        let mut control = base.clone();
        for (index, (at, key)) in open.iter().enumerate() {
            if choice & bit(index, *key) != 0 {
                key.toggle(&mut control.sources[*at], &account.sources[*at]);
            }
        }
        agrees(&control).then_some(control)
    })
}

/// Returns the framework for a file.
pub(super) fn framework(
    context: &Context<'_>,
    object: &AccountObject<AccountFramework>,
    detail: &AccountFramework,
) -> Result<Framework, Failed> {
    let mut sets = Vec::new();
    let mut identities: Vec<(&str, BTreeSet<String>)> = Vec::new();
    for set in &detail.control_sets {
        let mut controls = set.controls.keys().map(|id| context.reference(id)).collect::<Result<Vec<_>, _>>()?;
        controls.sort_by(|(a, _), (b, _)| a.cmp(b));
        identities.push((&set.name, controls.iter().map(|(_, identity)| identity.clone()).collect()));
        let controls = controls.into_iter().map(|(reference, _)| reference).collect();
        sets.push(ControlSet { name: set.name.clone(), controls });
    }
    sets.sort_by(|a, b| (&a.name, &a.controls).cmp(&(&b.name, &b.controls)));
    let tags = context.tags(&detail.tags);
    let base = Framework {
        name: object.name.clone(),
        renamed_from: Vec::new(),
        description: detail.description.clone().filter(|text| !text.is_empty()),
        compliance_type: detail.compliance_type.clone(),
        tags: tags.first().cloned().unwrap_or_default(),
        control_sets: sets,
    };
    let applied = context.applied(&detail.tags);
    let agrees = |framework: &Framework| {
        applied.and_then(|applied| Desired::Framework(framework, &identities).is_recorded(applied)) == Some(true)
    };
    let mut variants = tags.into_iter().flat_map(|tags| {
        [base.description.clone(), None].map(|description| Framework {
            description,
            tags: tags.clone(),
            ..base.clone()
        })
    });
    Ok(variants.find(agrees).unwrap_or(base))
}
