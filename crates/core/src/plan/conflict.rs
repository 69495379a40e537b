//! What can be wrong with a change: one function for each rule, from catalog and account to a finding.

use std::collections::BTreeMap;

use super::index::{Found, Index, Subject};
use super::{
    AccountControl, AccountObject, Adopt, CATALOG_TAG, ChangeKind, ControlOrigin, FieldChange, ObjectType, TagChange,
    rules,
};
use crate::catalog::{MAX_SUGGESTIONS, MAX_TAGS};
use crate::diagnostic::{Rule, counted};
use crate::quotas::{CUSTOM_CONTROLS, CUSTOM_FRAMEWORKS};
use crate::source::FileId;
use crate::suggest::Known;

/// A finding about a place in a file, before it is reported.
pub(super) struct Conflict {
    pub rule: &'static Rule,
    pub file: FileId,
    pub pointer: String,
    pub message: String,
    pub help: Help,
}

/// What to do about a conflict.
pub(super) enum Help {
    Text(String),
    /// The custom control with the closest name, or else this text. Finding it takes time, so the planner bounds how often that is
    /// done.
    ClosestControl {
        name: String,
        otherwise: &'static str,
    },
}

impl Conflict {
    fn new(rule: &'static Rule, file: FileId, pointer: &str, message: String, help: impl Into<String>) -> Self {
        Self { rule, file, pointer: pointer.to_owned(), message, help: Help::Text(help.into()) }
    }
}

/// A type of control in messages.
const fn word(origin: ControlOrigin) -> &'static str {
    match origin {
        ControlOrigin::Custom => "custom",
        ControlOrigin::Standard => "standard",
        ControlOrigin::Core => "core",
    }
}

/// A type of control, as the API names it.
const fn capital(origin: ControlOrigin) -> &'static str {
    match origin {
        ControlOrigin::Custom => "Custom",
        ControlOrigin::Standard => "Standard",
        ControlOrigin::Core => "Core",
    }
}

fn ids<T>(objects: &[&AccountObject<T>]) -> String {
    objects.iter().map(|live| live.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// `name` is the name of the object in the account.
pub(super) fn unread(subject: &Subject<'_>, name: &str) -> Conflict {
    let message = format!("the account lists the {} `{name}`, but does not return it", subject.object.noun());
    let help = "it may have just been created or deleted: run the command again";
    Conflict::new(&rules::unreadable_object::RULE, subject.file, "/name", message, help)
}

/// Several objects in the account have one name.
pub(super) fn ambiguous<T>(
    file: FileId,
    pointer: &str,
    object: ObjectType,
    name: &str,
    several: &[&AccountObject<T>],
) -> Conflict {
    let noun = object.noun();
    let message = format!("the account has {} {noun}s named `{name}`: {}", several.len(), ids(several));
    let help = "objects are identified by name: rename or delete all but one of them in the Audit Manager console";
    Conflict::new(&rules::ambiguous_name::RULE, file, pointer, message, help)
}

/// Several objects of this catalog have one name.
pub(super) fn duplicate(index: &Index<'_>, subject: &Subject<'_>, found: &Found<'_>, others: &[&str]) -> Conflict {
    let (noun, name) = (subject.object.noun(), found.name);
    let count = others.len() + 1;
    let others = others.join(", ");
    let message = format!(
        "the account has {count} {noun}s `{name}` of this catalog: the plan continues with {}, and does not use {others}",
        found.id
    );
    let help =
        format!("delete what is not used with {}, or in the Audit Manager console", index.options.remedies.delete);
    Conflict::new(&rules::duplicate_object::RULE, subject.file, "/name", message, help)
}

/// Neither catalog nor account have the control under this name.
pub(super) fn missing_control(index: &Index<'_>, file: FileId, pointer: &str, name: &str) -> Conflict {
    let new_name = index.renamed_controls.get(name);
    let message = match new_name {
        Some(new) if index.controls.contains_key(name) => {
            format!("`{name}` is a former name of the control `{new}`, according to its `renamedFrom`")
        }
        _ => format!("neither the catalog nor the account has a custom control named `{name}`"),
    };
    let help = match new_name {
        Some(new) => Help::Text(format!("the catalog renames it: use `{new}`")),
        None => {
            Help::ClosestControl { name: name.to_owned(), otherwise: "define it under `controls/`, or remove the line" }
        }
    };
    Conflict { rule: &rules::missing_control::RULE, file, pointer: pointer.to_owned(), message, help }
}

pub(super) fn missing_id(file: FileId, pointer: &str, id: &str) -> Conflict {
    let message = format!("no control has the ID {id}");
    let help = "IDs differ between accounts: use the name of the control, or `standard:` or `core:` with its name";
    Conflict::new(&rules::missing_control::RULE, file, pointer, message, help)
}

pub(super) fn missing_control_of_aws(
    file: FileId,
    pointer: &str,
    origin: ControlOrigin,
    name: &str,
    all: &[AccountObject<AccountControl>],
) -> Conflict {
    let mut known = Known::new(all.iter().map(|live| live.name.as_str()), MAX_SUGGESTIONS);
    let word = word(origin);
    let help = match known.closest(name) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!(
            "look it up with `aws auditmanager list-controls --control-type {}`; the embedded emulator has only a few",
            capital(origin)
        ),
    };
    let message = format!("the account has no AWS {word} control named `{name}`");
    Conflict::new(&rules::missing_control::RULE, file, pointer, message, help)
}

/// A name that only controls have that AWS no longer supports.
pub(super) fn ended_control(
    file: FileId,
    pointer: &str,
    origin: ControlOrigin,
    name: &str,
    ended: &[&AccountObject<AccountControl>],
) -> Conflict {
    let word = word(origin);
    let message = format!("AWS no longer supports the {word} control `{name}` (END_OF_SUPPORT): {}", ids(ended));
    let help = "use the control that replaces it, or keep the old one with `id:`";
    Conflict::new(&rules::missing_control::RULE, file, pointer, message, help)
}

pub(super) fn several_of_aws(
    file: FileId,
    pointer: &str,
    origin: ControlOrigin,
    name: &str,
    several: &[&AccountObject<AccountControl>],
) -> Conflict {
    let message = format!("AWS has {} {} controls named `{name}`: {}", several.len(), word(origin), ids(several));
    Conflict::new(&rules::ambiguous_name::RULE, file, pointer, message, "select one of them with `id:`")
}

pub(super) fn end_of_support(file: FileId, pointer: &str, name: &str) -> Conflict {
    let message = format!("AWS no longer supports the control `{name}` (END_OF_SUPPORT)");
    let help = "use the control that replaces it: the console marks the old one \"Replacement available\"";
    Conflict::new(&rules::end_of_support_control::RULE, file, pointer, message, help)
}

/// A framework uses a control that has no file and would be deleted.
pub(super) fn named_and_pruned(index: &Index<'_>, file: FileId, id: &str, pointer: &str) -> Conflict {
    let live = index.actual.controls.iter().find(|live| live.id == id);
    let name = live.map_or(id, |live| live.name.as_str());
    let message = format!(
        "the control `{name}` has no file, so {} would delete it, but this framework uses it",
        index.options.remedies.delete
    );
    Conflict::new(&rules::pruned_control::RULE, file, pointer, message, "remove this line, or restore the file")
}

/// A former name that is no longer needed, if the object was found under its name.
pub(super) fn completed_rename(index: &Index<'_>, subject: &Subject<'_>, renamed_from: &[String]) -> Option<Conflict> {
    if renamed_from.is_empty() {
        return None;
    }
    let (noun, name) = (subject.object.noun(), subject.name);
    let (message, help) = match renamed_from.iter().find(|old| index.has(subject.object, old)) {
        None => (
            format!("the {noun} `{name}` is already renamed: no object has the old name"),
            "remove `renamedFrom` once it is renamed in every account",
        ),
        Some(old) => (
            format!("the account has both the {noun} `{name}` and `{old}`, so `{old}` is not renamed"),
            "remove `renamedFrom`, and delete the old object in the console if it is no longer needed",
        ),
    };
    Some(Conflict::new(&rules::completed_rename::RULE, subject.file, "/renamedFrom", message, help))
}

/// What prevents changing an object, because of who owns it.
pub(super) fn of_ownership(
    index: &Index<'_>,
    subject: &Subject<'_>,
    found: &Found<'_>,
    kind: ChangeKind,
    fields: &[FieldChange],
) -> Option<Conflict> {
    let (noun, Found { id, name, .. }) = (subject.object.noun(), found);
    let ours = &index.catalog.name;
    match found.tags.get(CATALOG_TAG) {
        None => refused_adoption(index, subject, found, None, kind, fields),
        Some(owner) if owner == ours => None,
        Some(owner) if index.options.takes_over(owner, ours) => {
            refused_adoption(index, subject, found, Some(owner), kind, fields)
        }
        Some(owner) => {
            let message =
                format!("the {noun} `{name}` ({id}) is owned by another catalog, `{owner}`; this catalog is `{ours}`");
            let help = format!(
                "choose another name, or if `{owner}` no longer needs it, take it over with {}",
                index.options.remedies.take_over(owner)
            );
            Some(Conflict::new(&rules::owned_by_another_catalog::RULE, subject.file, "/name", message, help))
        }
    }
}

/// What prevents adopting an object that is not managed, or taking it over from another catalog.
fn refused_adoption(
    index: &Index<'_>,
    subject: &Subject<'_>,
    found: &Found<'_>,
    owner: Option<&str>,
    kind: ChangeKind,
    fields: &[FieldChange],
) -> Option<Conflict> {
    let (noun, Found { id, name, .. }) = (subject.object.noun(), found);
    // The file asks for the new name.
    let differing = fields.iter().filter(|field| field.pointer != "/name").count();
    let refused = match index.options.adopt {
        Adopt::All => false,
        Adopt::Never if owner.is_none() => true,
        Adopt::Identical | Adopt::Never => differing > 0,
    };
    if !matches!(kind, ChangeKind::Adopt | ChangeKind::Rename) || !refused {
        return None;
    }
    let manager =
        owner.map_or("not managed by any catalog".to_owned(), |owner| format!("managed by catalog `{owner}`"));
    let exists = format!("the account already has a {noun} `{name}` ({id}) {manager}");
    let remedies = &index.options.remedies;
    let (message, help) = match (differing, kind) {
        (0, ChangeKind::Rename) => {
            (exists, format!("{} takes it over; nothing but its name and tags would change", remedies.adopt_identical))
        }
        (0, _) => (exists, format!("{} takes it over; nothing but its tags would change", remedies.adopt_identical)),
        _ => (
            format!("{exists}, and {} would change", counted(differing, "field")),
            format!(
                "edit the file to match the account, or use {} to overwrite the account with the file",
                remedies.adopt_all
            ),
        ),
    };
    Some(Conflict::new(&rules::unmanaged_object::RULE, subject.file, "/name", message, help))
}

pub(super) fn too_many_tags(
    subject: &Subject<'_>,
    live: &BTreeMap<String, String>,
    change: &TagChange,
) -> Option<Conflict> {
    let kept = live.keys().filter(|key| !key.starts_with("aws:") && !change.remove.contains_key(*key));
    let added = change.set.keys().filter(|key| !live.contains_key(*key));
    let count = kept.count() + added.count();
    let message = format!(
        "with the tags that it has in the account, `{}` would have {count} tags; at most {MAX_TAGS} are allowed",
        subject.name
    );
    let help = "remove tags here, or remove tags in the account that this catalog does not manage";
    let conflict = || Conflict::new(&rules::too_many_account_tags::RULE, subject.file, "/tags", message, help);
    (count > MAX_TAGS).then(conflict)
}

/// The objects to create, by name, are more than the account can have, as far as known.
pub(super) fn quota(index: &Index<'_>, object: ObjectType, new: &[&str]) -> Option<Conflict> {
    let (live, quota) = match object {
        ObjectType::Control => (index.actual.controls.len(), &CUSTOM_CONTROLS),
        ObjectType::Framework => (index.actual.frameworks.len(), &CUSTOM_FRAMEWORKS),
    };
    let limit = index.catalog.quotas.of(quota);
    let name = *new.first().filter(|_| live + new.len() > limit)?;
    let file = match object {
        ObjectType::Control => index.catalog.controls.get(name)?.file,
        ObjectType::Framework => index.catalog.frameworks.get(name)?.file,
    };
    let (noun, wanted) = (object.noun(), new.len());
    let message = format!("the account has {live} custom {noun}s, and {wanted} more would exceed its quota of {limit}");
    let help = format!(
        "delete {noun}s that are no longer needed, or, if AWS has raised the quota ({} in Service Quotas), set `{}` \
         under `[quotas]` in controlsync.toml",
        quota.code, quota.key
    );
    Some(Conflict::new(&rules::quota_exceeded::RULE, file, "/name", message, help))
}
