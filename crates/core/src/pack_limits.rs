//! Limits of conformance packs
//! (<https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html>,
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html>).

/// Rules and remediations of a pack. The limit is documented for rules; the service counts resources when it refuses a template.
pub const MAX_RESOURCES: usize = 130;
/// Bytes of a template that is sent with the request.
pub const MAX_INLINE_BYTES: usize = 51_200;
/// Bytes of a template in Amazon S3: 300 KB, read as the smaller of its two meanings.
pub const MAX_BYTES: usize = 300_000;
/// Input parameters of a pack.
pub const MAX_PARAMETERS: usize = 60;
/// Characters of the name of a rule: 128, of which a pack uses 27 for `-conformance-pack-` and an ID.
pub const MAX_RULE_NAME: usize = 101;
/// Characters of the name of a pack that an organization deploys; that of one account can have 256.
pub const MAX_PACK_NAME: usize = 128;
/// Entries under `Controls` of a rule.
pub const MAX_CONTROLS: usize = 20;
/// Characters of an entry under `Controls`.
pub const MAX_CONTROL_NAME: usize = 128;
/// Characters of the description of a rule (<https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html>).
pub const MAX_DESCRIPTION: usize = 256;
/// Characters of the parameters of a rule, as JSON.
pub const MAX_INPUT_PARAMETERS: usize = 1024;
/// Resource types in the scope of a rule (<https://docs.aws.amazon.com/config/latest/APIReference/API_Scope.html>).
pub const MAX_SCOPE_TYPES: usize = 100;
/// Characters of a Guard rule (<https://docs.aws.amazon.com/config/latest/APIReference/API_CustomPolicyDetails.html>).
pub const MAX_GUARD_RULE: usize = 10_000;
/// Parameters of a remediation
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_RemediationConfiguration.html>).
pub const MAX_REMEDIATION_PARAMETERS: usize = 25;

/// Whether a string can be the name of a pack.
pub fn is_pack_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(allowed) && name.len() <= MAX_PACK_NAME
}
