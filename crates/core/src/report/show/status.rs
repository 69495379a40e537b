//! What the account holds of an object, in one word.

use crate::plan::{Change, ChangeKind, ChangedBy, DRIFT, rules};

/// What the account holds of an object of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectStatus {
    /// What the file says.
    InSync,
    /// Nothing yet.
    ToCreate,
    /// What the file said before.
    Pending,
    /// What somebody made of it.
    Drift,
    /// The same, made by no catalog: it would be taken over.
    ToAdopt,
    /// Something of this name that is somebody else's.
    NotOurs,
    /// Whatever it is, nothing can be done about it.
    Blocked,
}

impl ObjectStatus {
    /// All of them, in the order in which they are counted.
    pub const ALL: &[Self] =
        &[Self::InSync, Self::ToCreate, Self::Pending, Self::Drift, Self::ToAdopt, Self::NotOurs, Self::Blocked];

    /// The state that a change of the plan speaks of.
    pub fn of(change: &Change) -> Self {
        let blocked = |by: &str| change.blocked_by.iter().any(|blocked| blocked == by);
        let foreign = [&rules::owned_by_another_catalog::RULE, &rules::unmanaged_object::RULE];
        if foreign.iter().any(|rule| blocked(rule.id)) {
            return Self::NotOurs;
        }
        // Drift that is only reported is blocked by nothing else.
        if change.blocked_by.iter().any(|by| by != DRIFT) {
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

    /// The word for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InSync => "in sync",
            Self::ToCreate => "to be created",
            Self::Pending => "pending",
            Self::Drift => "drift",
            Self::ToAdopt => "to be adopted",
            Self::NotOurs => "not ours",
            Self::Blocked => "blocked",
        }
    }

    /// The same without blanks, for pages.
    pub const fn key(self) -> &'static str {
        match self {
            Self::InSync => "in-step",
            Self::ToCreate => "to-create",
            Self::Pending => "pending",
            Self::Drift => "drift",
            Self::ToAdopt => "to-adopt",
            Self::NotOurs => "not-ours",
            Self::Blocked => "blocked",
        }
    }

    /// What it means.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::InSync => "The account holds what the file says.",
            Self::ToCreate => "The account does not hold it yet.",
            Self::Pending => "The file changed, and the account does not hold that yet.",
            Self::Drift => "Somebody changed the account; the file is as it was applied.",
            Self::ToAdopt => "The account holds the same, made by no catalog; the next apply takes it over.",
            Self::NotOurs => "The account holds an object of this name that is not this catalog's. It is not touched.",
            Self::Blocked => "Something stands in the way; nothing is done about it.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{ObjectType, TagChange};

    fn change(kind: ChangeKind, changed_by: Option<ChangedBy>, blocked_by: &[&str]) -> Change {
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
            blocked_by: blocked_by.iter().map(|by| (*by).to_owned()).collect(),
            body: None,
        }
    }

    #[test]
    fn every_change_has_one_state() {
        for (kind, changed_by, blocked_by, expected) in [
            (ChangeKind::Unchanged, None, &[][..], ObjectStatus::InSync),
            (ChangeKind::Create, None, &[], ObjectStatus::ToCreate),
            (ChangeKind::Create, None, &["missing-control"], ObjectStatus::Blocked),
            (ChangeKind::Update, Some(ChangedBy::File), &[], ObjectStatus::Pending),
            (ChangeKind::Retag, Some(ChangedBy::File), &[], ObjectStatus::Pending),
            (ChangeKind::Rename, None, &[], ObjectStatus::Pending),
            (ChangeKind::Update, Some(ChangedBy::Account), &[], ObjectStatus::Drift),
            (ChangeKind::Update, Some(ChangedBy::Account), &[DRIFT], ObjectStatus::Drift),
            (ChangeKind::Update, Some(ChangedBy::Account), &["missing-control"], ObjectStatus::Blocked),
            (ChangeKind::Adopt, None, &[], ObjectStatus::ToAdopt),
            (ChangeKind::Adopt, None, &["unmanaged-object"], ObjectStatus::NotOurs),
            (ChangeKind::Update, None, &["owned-by-another-catalog"], ObjectStatus::NotOurs),
        ] {
            assert_eq!(
                ObjectStatus::of(&change(kind, changed_by, blocked_by)),
                expected,
                "{kind:?} {changed_by:?} {blocked_by:?}"
            );
        }
    }
}
