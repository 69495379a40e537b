//! Keywords of the form `service_Action`: API calls and CloudTrail events.

/// Services that most controls are about, the most common first.
const COMMON: &[&str] = &[
    "iam",
    "ec2",
    "s3",
    "kms",
    "cloudtrail",
    "config",
    "rds",
    "lambda",
    "organizations",
    "signin",
    "sts",
    "guardduty",
    "securityhub",
    "logs",
    "cloudwatch",
    "dynamodb",
    "ecs",
    "eks",
    "secretsmanager",
    "ssm",
];

/// Rewrites `iam:ListGroups`, `iam.ListGroups` and `iam ListGroups` as `iam_ListGroups`.
pub(super) fn underscored(keyword: &str) -> String {
    let keyword = keyword.trim();
    let keyword = keyword.strip_suffix("()").unwrap_or(keyword);
    // IAM and CloudTrail write `iam.amazonaws.com` for the service.
    keyword.replace(".amazonaws.com", "").replacen([':', '.', ' '], "_", 1)
}

/// Sorts keywords by how common their services are.
pub(super) fn common_first(keywords: &mut [&str]) {
    let rank =
        |keyword: &str| COMMON.iter().position(|service| *service == service_of(keyword)).unwrap_or(COMMON.len());
    keywords.sort_by_key(|keyword| (rank(keyword), keyword.len()));
}

/// Returns the prefix of a keyword.
pub(super) fn service_of(keyword: &str) -> &str {
    keyword.split_once('_').map_or("", |(service, _)| service)
}
