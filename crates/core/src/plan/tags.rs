//! Keys of the tags that mark an object as owned by a catalog.

/// The catalog that owns the object.
pub const CATALOG_TAG: &str = "controlsync:catalog";
/// The file that defines it, for information only; no decision depends on it.
pub const SOURCE_TAG: &str = "controlsync:source";
/// What was last applied: a digest of the desired state, and a hash of each tag key that was set.
pub const APPLIED_TAG: &str = "controlsync:applied";

const OWNERSHIP: [&str; 3] = [CATALOG_TAG, SOURCE_TAG, APPLIED_TAG];

/// Whether a tag key is one of the three ownership tags.
pub fn is_ownership_tag(key: &str) -> bool {
    OWNERSHIP.contains(&key)
}

/// Whether a tag key can be a user's own.
pub(crate) fn is_users_tag(key: &str) -> bool {
    !key.starts_with("controlsync:") && !key.starts_with("aws:")
}
