//! What blocks a change.

use std::collections::BTreeMap;

use super::planner::{Found, Planner, Subject};
use super::rules;
use super::{
    AccountControl, AccountObject, Adopt, CATALOG_TAG, Change, ChangeKind, ControlOrigin, FieldChange, ObjectType,
    TagChange,
};
use crate::catalog::{MAX_SUGGESTIONS, MAX_TAGS};
use crate::diagnostic::{Diagnostic, Rule, counted};
use crate::source::FileId;
use crate::suggest::Known;

/// Quota of custom controls per account and Region,
/// <https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html>.
pub const MAX_CONTROLS: usize = 500;
/// Quota of custom frameworks per account and Region, from the same page.
pub const MAX_FRAMEWORKS: usize = 100;

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

impl Planner<'_> {
    /// Reports a finding about an object and returns the ID of its rule.
    fn report(
        &mut self,
        subject: &Subject<'_>,
        pointer: &str,
        rule: &'static Rule,
        message: String,
        help: &str,
    ) -> String {
        let span = self.catalog.span(self.sources, subject.file, pointer);
        let finding = Diagnostic::new(rule, subject.file, span, message).at(pointer);
        self.diagnostics.push(finding.help(help));
        rule.id.to_owned()
    }

    /// `name` is the name of the object in the account.
    pub(super) fn unread(&mut self, subject: &Subject<'_>, name: &str) -> String {
        let message = format!("the account lists the {} `{name}`, but does not return it", subject.object.noun());
        self.report(
            subject,
            "/name",
            &rules::unreadable_object::RULE,
            message,
            "it may have just been created or deleted: run the command again",
        )
    }

    /// `name` is the name of the objects in the account.
    pub(super) fn ambiguous<'i>(
        &mut self,
        subject: &Subject<'_>,
        name: &str,
        ids: impl Iterator<Item = &'i str>,
    ) -> String {
        self.several(subject, "/name", subject.object.noun(), name, ids)
    }

    pub(super) fn ambiguous_control<'i>(
        &mut self,
        subject: &Subject<'_>,
        pointer: &str,
        name: &str,
        ids: impl Iterator<Item = &'i str>,
    ) -> String {
        self.several(subject, pointer, ObjectType::Control.noun(), name, ids)
    }

    fn several<'i>(
        &mut self,
        subject: &Subject<'_>,
        pointer: &str,
        noun: &str,
        name: &str,
        ids: impl Iterator<Item = &'i str>,
    ) -> String {
        let ids: Vec<&str> = ids.collect();
        let message = format!("the account has {} {noun}s named `{name}`: {}", ids.len(), ids.join(", "));
        let help = "objects are identified by name: rename or delete all but one of them in the Audit Manager console";
        self.report(subject, pointer, &rules::ambiguous_name::RULE, message, help)
    }

    pub(super) fn missing_control(&mut self, subject: &Subject<'_>, pointer: &str, name: &str) -> String {
        let help = match self.known_controls.closest(name) {
            _ if self.renamed_controls.contains_key(name) => {
                format!("the catalog renames it: use `{}`", self.renamed_controls[name])
            }
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "define it under `controls/`, or remove the line".to_owned(),
        };
        let message = match self.renamed_controls.get(name) {
            Some(new) if self.controls.contains_key(name) => {
                format!("`{name}` is a former name of the control `{new}`, according to its `renamedFrom`")
            }
            _ => format!("neither the catalog nor the account has a custom control named `{name}`"),
        };
        self.report(subject, pointer, &rules::missing_control::RULE, message, &help)
    }

    pub(super) fn missing_id(&mut self, subject: &Subject<'_>, pointer: &str, id: &str) -> String {
        let message = format!("no control has the ID {id}");
        let help = "IDs differ between accounts: use the name of the control, or `standard:` or `core:` with its name";
        self.report(subject, pointer, &rules::missing_control::RULE, message, help)
    }

    pub(super) fn missing_control_of_aws(
        &mut self,
        subject: &Subject<'_>,
        pointer: &str,
        origin: ControlOrigin,
        name: &str,
        all: &[AccountObject<AccountControl>],
    ) -> String {
        let mut known = Known::new(all.iter().map(|live| live.name.as_str()), MAX_SUGGESTIONS);
        let word = word(origin);
        let help = match known.closest(name) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!(
                "look it up with `aws auditmanager list-controls --control-type {}`; the embedded emulator has only \
                 a few",
                capital(origin)
            ),
        };
        let message = format!("the account has no AWS {word} control named `{name}`");
        self.report(subject, pointer, &rules::missing_control::RULE, message, &help)
    }

    /// A name that only controls have that AWS no longer supports.
    pub(super) fn ended_control(
        &mut self,
        subject: &Subject<'_>,
        pointer: &str,
        origin: ControlOrigin,
        name: &str,
        ended: &[&AccountObject<AccountControl>],
    ) -> String {
        let ids: Vec<&str> = ended.iter().map(|live| live.id.as_str()).collect();
        let message = format!(
            "AWS no longer supports the {} control `{name}` (END_OF_SUPPORT): {}",
            word(origin),
            ids.join(", ")
        );
        let help = "use the control that replaces it, or keep the old one with `id:`";
        self.report(subject, pointer, &rules::missing_control::RULE, message, help)
    }

    pub(super) fn several_of_aws(
        &mut self,
        subject: &Subject<'_>,
        pointer: &str,
        origin: ControlOrigin,
        name: &str,
        several: &[&AccountObject<AccountControl>],
    ) -> String {
        let ids: Vec<&str> = several.iter().map(|live| live.id.as_str()).collect();
        let message = format!("AWS has {} {} controls named `{name}`: {}", ids.len(), word(origin), ids.join(", "));
        self.report(subject, pointer, &rules::ambiguous_name::RULE, message, "select one of them with `id:`")
    }

    pub(super) fn end_of_support(&mut self, subject: &Subject<'_>, pointer: &str, name: &str) {
        let message = format!("AWS no longer supports the control `{name}` (END_OF_SUPPORT)");
        let help = "use the control that replaces it: the console marks the old one \"Replacement available\"";
        self.report(subject, pointer, &rules::end_of_support_control::RULE, message, help);
    }

    pub(super) fn named_and_pruned(&mut self, file: FileId, id: &str, pointer: &str) {
        let live = self.actual.controls.iter().find(|live| live.id == id);
        let name = live.map_or(id, |live| live.name.as_str());
        let message =
            format!("the control `{name}` has no file, so `--prune` would delete it, but this framework uses it");
        let span = self.catalog.span(self.sources, file, pointer);
        let finding = Diagnostic::new(&rules::pruned_control::RULE, file, span, message).at(pointer);
        self.diagnostics.push(finding.help("remove this line, or restore the file"));
    }

    /// Reports a former name that is no longer needed.
    pub(super) fn completed_rename(&mut self, subject: &Subject<'_>, renamed_from: &[String], found: bool) {
        if !found || renamed_from.is_empty() {
            return;
        }
        let (noun, name) = (subject.object.noun(), subject.name);
        let (left, done): (Vec<&String>, Vec<&String>) = renamed_from.iter().partition(|old| self.has(subject, old));
        let message = match (left.as_slice(), done.as_slice()) {
            ([], _) => format!("the {noun} `{name}` is already renamed: no object has the old name"),
            ([old, ..], _) => {
                format!("the account has both the {noun} `{name}` and `{old}`, so `{old}` is not renamed")
            }
        };
        let help = if left.is_empty() {
            "remove `renamedFrom` once it is renamed in every account"
        } else {
            "remove `renamedFrom`, and delete the old object in the console if it is no longer needed"
        };
        self.report(subject, "/renamedFrom", &rules::completed_rename::RULE, message, help);
    }

    pub(super) fn ownership_conflict(
        &mut self,
        subject: &Subject<'_>,
        found: &Found<'_>,
        kind: ChangeKind,
        fields: &[FieldChange],
    ) -> Option<String> {
        let (noun, Found { id, name, .. }) = (subject.object.noun(), found);
        if let Some(owner) = found.tags.get(CATALOG_TAG) {
            if *owner == self.catalog.name || self.options.takes_over(owner, &self.catalog.name) {
                return self.refused_adoption(subject, found, Some(owner), kind, fields);
            }
            let message = format!(
                "the {noun} `{name}` ({id}) is owned by another catalog, `{owner}`; this catalog is `{}`",
                self.catalog.name
            );
            let help = format!(
                "choose another name, or if `{owner}` no longer needs it, take it over with `--take-over {owner}`"
            );
            return Some(self.report(subject, "/name", &rules::owned_by_another_catalog::RULE, message, &help));
        }
        self.refused_adoption(subject, found, None, kind, fields)
    }

    /// What prevents adopting an object that is not managed, or taking it over from another catalog.
    fn refused_adoption(
        &mut self,
        subject: &Subject<'_>,
        found: &Found<'_>,
        owner: Option<&str>,
        kind: ChangeKind,
        fields: &[FieldChange],
    ) -> Option<String> {
        let (noun, Found { id, name, .. }) = (subject.object.noun(), found);
        // The file asks for the new name.
        let differing = fields.iter().filter(|field| field.pointer != "/name").count();
        if owner == Some(&self.catalog.name) {
            return None;
        }
        let refused = match self.options.adopt {
            Adopt::All => false,
            Adopt::Never if owner.is_none() => true,
            Adopt::Identical | Adopt::Never => differing > 0,
        };
        if !matches!(kind, ChangeKind::Adopt | ChangeKind::Rename) || !refused {
            return None;
        }
        let manager =
            owner.map_or("not managed by any catalog".to_owned(), |owner| format!("managed by catalog `{owner}`"));
        let (message, help) = if differing == 0 {
            (
                format!("the account already has a {noun} `{name}` ({id}) {manager}"),
                match kind {
                    ChangeKind::Rename => {
                        "`--adopt identical` takes it over; nothing but its name and tags would change"
                    }
                    _ => "`--adopt identical` takes it over; nothing but its tags would change",
                },
            )
        } else {
            let count = counted(differing, "field");
            (
                format!("the account already has a {noun} `{name}` ({id}) {manager}, and {count} would change"),
                "edit the file to match the account, or use `--adopt all` to overwrite the account with the file",
            )
        };
        Some(self.report(subject, "/name", &rules::unmanaged_object::RULE, message, help))
    }

    pub(super) fn too_many_tags(
        &mut self,
        subject: &Subject<'_>,
        live: &BTreeMap<String, String>,
        change: &TagChange,
    ) -> Option<String> {
        let kept = live.keys().filter(|key| !key.starts_with("aws:") && !change.remove.contains_key(*key));
        let added = change.set.keys().filter(|key| !live.contains_key(*key));
        let count = kept.count() + added.count();
        if count <= MAX_TAGS {
            return None;
        }
        let message = format!(
            "with the tags that it has in the account, `{}` would have {count} tags; at most {MAX_TAGS} are allowed",
            subject.name
        );
        Some(self.report(
            subject,
            "/tags",
            &rules::too_many_account_tags::RULE,
            message,
            "remove tags here, or remove tags in the account that this catalog does not manage",
        ))
    }

    /// If the quota would be exceeded, nothing of the type is created: creating only some objects would be worse.
    pub(super) fn quota(&mut self, object: ObjectType, live: usize) {
        let limit = match object {
            ObjectType::Control => MAX_CONTROLS,
            ObjectType::Framework => MAX_FRAMEWORKS,
        };
        let is_new = |change: &&mut Change| {
            change.object == object && change.kind == ChangeKind::Create && change.blocked_by.is_empty()
        };
        let wanted = self.changes.iter_mut().filter(is_new).count();
        if wanted == 0 || live + wanted <= limit {
            return;
        }
        let mut first = None;
        for change in self.changes.iter_mut().filter(is_new) {
            change.blocked_by.push(rules::quota_exceeded::RULE.id.to_owned());
            first.get_or_insert_with(|| change.name.clone());
        }
        let file = first.and_then(|name| match object {
            ObjectType::Control => self.catalog.controls.get(&name).map(|entry| entry.file),
            ObjectType::Framework => self.catalog.frameworks.get(&name).map(|entry| entry.file),
        });
        let Some(file) = file else { return };
        let noun = object.noun();
        let message = format!(
            "the account has {live} custom {noun}s, and {wanted} more would exceed the quota of {limit}; none are \
             created"
        );
        let span = self.catalog.span(self.sources, file, "/name");
        let help = format!("delete {noun}s that are no longer needed, or remove files");
        self.diagnostics.push(Diagnostic::new(&rules::quota_exceeded::RULE, file, span, message).help(help));
    }
}
