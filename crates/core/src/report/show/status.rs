//! The state of an object in the account.

use crate::plan::{Change, ChangeKind, ChangedBy, Reason, rules};

/// The state of an object of the catalog in the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectStatus {
    /// It matches the file.
    InSync,
    /// It does not exist.
    ToCreate,
    /// It matches an earlier version of the file.
    Pending,
    /// It was changed in the account.
    Drift,
    /// It matches the file and is not managed; it will be adopted.
    ToAdopt,
    /// It has the same name, but is owned by another catalog, or is not managed and differs.
    NotManagedHere,
    /// It cannot be changed.
    Blocked,
}

impl ObjectStatus {
    /// All states, in the order in which they are counted.
    pub const ALL: &[Self] =
        &[Self::InSync, Self::ToCreate, Self::Pending, Self::Drift, Self::ToAdopt, Self::NotManagedHere, Self::Blocked];

    /// Returns the state for a change of a plan.
    pub fn of(change: &Change) -> Self {
        let foreign = [&rules::owned_by_another_catalog::RULE, &rules::unmanaged_object::RULE];
        if foreign.iter().any(|rule| change.blocked_by.contains(&Reason::Rule(rule))) {
            return Self::NotManagedHere;
        }
        // Nothing else blocks drift that is only reported.
        if change.blocked_by.iter().any(|by| *by != Reason::Drift) {
            return Self::Blocked;
        }
        match (change.kind, change.changed_by) {
            (ChangeKind::Unchanged, _) => Self::InSync,
            (ChangeKind::Create, _) => Self::ToCreate,
            (ChangeKind::Adopt, _) => Self::ToAdopt,
            (_, Some(ChangedBy::Account)) => Self::Drift,
            (ChangeKind::Delete | ChangeKind::Rename | ChangeKind::Update | ChangeKind::Retag, _) => Self::Pending,
        }
    }

    /// Returns the label of the state.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InSync => "in sync",
            Self::ToCreate => "to be created",
            Self::Pending => "pending",
            Self::Drift => "drift",
            Self::ToAdopt => "to be adopted",
            Self::NotManagedHere => "not managed by this catalog",
            Self::Blocked => "blocked",
        }
    }

    /// Returns the state without spaces, for pages.
    pub const fn key(self) -> &'static str {
        match self {
            Self::InSync => "in-sync",
            Self::ToCreate => "to-create",
            Self::Pending => "pending",
            Self::Drift => "drift",
            Self::ToAdopt => "to-adopt",
            Self::NotManagedHere => "not-managed",
            Self::Blocked => "blocked",
        }
    }

    /// Returns the meaning of the state.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::InSync => "The account matches the file.",
            Self::ToCreate => "It does not exist in the account.",
            Self::Pending => "The file changed, and the change is not applied yet.",
            Self::Drift => "It was changed in the account; the file is unchanged since it was applied.",
            Self::ToAdopt => "The account matches the file, but it is not managed; the next apply adopts it.",
            Self::NotManagedHere => {
                "The account has an object with this name that is owned by another catalog, or that is not managed and \
                 differs. It is not changed."
            }
            Self::Blocked => "It cannot be changed.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{ObjectType, TagChange};

    fn change(kind: ChangeKind, changed_by: Option<ChangedBy>, blocked_by: &[Reason]) -> Change {
        Change {
            kind,
            object: ObjectType::Control,
            name: "A".to_owned(),
            id: None,
            arn: None,
            source: String::new(),
            changed_by,
            fields: Vec::new(),
            tags: TagChange::default(),
            impact: None,
            blocked_by: blocked_by.to_vec(),
            body: None,
        }
    }

    #[test]
    fn every_change_has_one_state() {
        let missing = &[Reason::Rule(&rules::missing_control::RULE)];
        let unmanaged = &[Reason::Rule(&rules::unmanaged_object::RULE)];
        let owned = &[Reason::Rule(&rules::owned_by_another_catalog::RULE)];
        for (kind, changed_by, blocked_by, expected) in [
            (ChangeKind::Unchanged, None, &[][..], ObjectStatus::InSync),
            (ChangeKind::Create, None, &[], ObjectStatus::ToCreate),
            (ChangeKind::Create, None, missing, ObjectStatus::Blocked),
            (ChangeKind::Update, Some(ChangedBy::File), &[], ObjectStatus::Pending),
            (ChangeKind::Retag, Some(ChangedBy::File), &[], ObjectStatus::Pending),
            (ChangeKind::Rename, None, &[], ObjectStatus::Pending),
            (ChangeKind::Update, Some(ChangedBy::Account), &[], ObjectStatus::Drift),
            (ChangeKind::Update, Some(ChangedBy::Account), &[Reason::Drift], ObjectStatus::Drift),
            (ChangeKind::Update, Some(ChangedBy::Account), missing, ObjectStatus::Blocked),
            (ChangeKind::Adopt, None, &[], ObjectStatus::ToAdopt),
            (ChangeKind::Adopt, None, unmanaged, ObjectStatus::NotManagedHere),
            (ChangeKind::Update, None, owned, ObjectStatus::NotManagedHere),
        ] {
            assert_eq!(
                ObjectStatus::of(&change(kind, changed_by, blocked_by)),
                expected,
                "{kind:?} {changed_by:?} {blocked_by:?}"
            );
        }
    }
}
