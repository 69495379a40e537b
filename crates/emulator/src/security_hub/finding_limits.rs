//! The limits of the operations on findings, as in `limits`.

use crate::protocol::pattern;
use crate::protocol::shape::{Member, NO_LIMIT, Shape, list_of, matching, optional, text};
use crate::security_hub::limits::MAX_RESULTS;

// Strings.

static NON_EMPTY_STRING: Shape = matching(0, NO_LIMIT, &pattern::NOT_BLANK);
static NEXT_TOKEN: Shape = text(0, NO_LIMIT);

// Enums.

static STRING_FILTER_COMPARISON: Shape =
    Shape::Enum(&["EQUALS", "PREFIX", "NOT_EQUALS", "PREFIX_NOT_EQUALS", "CONTAINS", "NOT_CONTAINS", "CONTAINS_WORD"]);
static DATE_RANGE_UNIT: Shape = Shape::Enum(&["DAYS"]);
static DATE_RANGE_COMPARISON: Shape = Shape::Enum(&["WITHIN", "OLDER_THAN"]);
static MAP_FILTER_COMPARISON: Shape = Shape::Enum(&["EQUALS", "NOT_EQUALS", "CONTAINS", "NOT_CONTAINS"]);
static SORT_ORDER: Shape = Shape::Enum(&["asc", "desc"]);

// Numbers, lists and nested structures.

static BOOLEAN: Shape = Shape::Boolean;
static DOUBLE: Shape = Shape::Number;
static INTEGER: Shape = Shape::Integer { min: i64::MIN, max: i64::MAX };
static STRING_FILTER: Shape =
    Shape::Structure(&[optional("Value", &NON_EMPTY_STRING), optional("Comparison", &STRING_FILTER_COMPARISON)]);
static STRING_FILTER_LIST: Shape = list_of(&STRING_FILTER);
static DATE_RANGE: Shape = Shape::Structure(&[
    optional("Value", &INTEGER),
    optional("Unit", &DATE_RANGE_UNIT),
    optional("Comparison", &DATE_RANGE_COMPARISON),
]);
static DATE_FILTER: Shape = Shape::Structure(&[
    optional("Start", &NON_EMPTY_STRING),
    optional("End", &NON_EMPTY_STRING),
    optional("DateRange", &DATE_RANGE),
]);
static DATE_FILTER_LIST: Shape = list_of(&DATE_FILTER);
static NUMBER_FILTER: Shape = Shape::Structure(&[
    optional("Gte", &DOUBLE),
    optional("Lte", &DOUBLE),
    optional("Eq", &DOUBLE),
    optional("Gt", &DOUBLE),
    optional("Lt", &DOUBLE),
]);
static NUMBER_FILTER_LIST: Shape = list_of(&NUMBER_FILTER);
static MAP_FILTER: Shape = Shape::Structure(&[
    optional("Key", &NON_EMPTY_STRING),
    optional("Value", &NON_EMPTY_STRING),
    optional("Comparison", &MAP_FILTER_COMPARISON),
]);
static MAP_FILTER_LIST: Shape = list_of(&MAP_FILTER);
static IP_FILTER: Shape = Shape::Structure(&[optional("Cidr", &NON_EMPTY_STRING)]);
static IP_FILTER_LIST: Shape = list_of(&IP_FILTER);
static KEYWORD_FILTER: Shape = Shape::Structure(&[optional("Value", &NON_EMPTY_STRING)]);
static KEYWORD_FILTER_LIST: Shape = list_of(&KEYWORD_FILTER);
static BOOLEAN_FILTER: Shape = Shape::Structure(&[optional("Value", &BOOLEAN)]);
static BOOLEAN_FILTER_LIST: Shape = list_of(&BOOLEAN_FILTER);
static AWS_SECURITY_FINDING_FILTERS: Shape = Shape::Structure(&[
    optional("ProductArn", &STRING_FILTER_LIST),
    optional("AwsAccountId", &STRING_FILTER_LIST),
    optional("Id", &STRING_FILTER_LIST),
    optional("GeneratorId", &STRING_FILTER_LIST),
    optional("Region", &STRING_FILTER_LIST),
    optional("Type", &STRING_FILTER_LIST),
    optional("FirstObservedAt", &DATE_FILTER_LIST),
    optional("LastObservedAt", &DATE_FILTER_LIST),
    optional("CreatedAt", &DATE_FILTER_LIST),
    optional("UpdatedAt", &DATE_FILTER_LIST),
    optional("SeverityProduct", &NUMBER_FILTER_LIST),
    optional("SeverityNormalized", &NUMBER_FILTER_LIST),
    optional("SeverityLabel", &STRING_FILTER_LIST),
    optional("Confidence", &NUMBER_FILTER_LIST),
    optional("Criticality", &NUMBER_FILTER_LIST),
    optional("Title", &STRING_FILTER_LIST),
    optional("Description", &STRING_FILTER_LIST),
    optional("RecommendationText", &STRING_FILTER_LIST),
    optional("SourceUrl", &STRING_FILTER_LIST),
    optional("ProductFields", &MAP_FILTER_LIST),
    optional("ProductName", &STRING_FILTER_LIST),
    optional("CompanyName", &STRING_FILTER_LIST),
    optional("UserDefinedFields", &MAP_FILTER_LIST),
    optional("MalwareName", &STRING_FILTER_LIST),
    optional("MalwareType", &STRING_FILTER_LIST),
    optional("MalwarePath", &STRING_FILTER_LIST),
    optional("MalwareState", &STRING_FILTER_LIST),
    optional("NetworkDirection", &STRING_FILTER_LIST),
    optional("NetworkProtocol", &STRING_FILTER_LIST),
    optional("NetworkSourceIpV4", &IP_FILTER_LIST),
    optional("NetworkSourceIpV6", &IP_FILTER_LIST),
    optional("NetworkSourcePort", &NUMBER_FILTER_LIST),
    optional("NetworkSourceDomain", &STRING_FILTER_LIST),
    optional("NetworkSourceMac", &STRING_FILTER_LIST),
    optional("NetworkDestinationIpV4", &IP_FILTER_LIST),
    optional("NetworkDestinationIpV6", &IP_FILTER_LIST),
    optional("NetworkDestinationPort", &NUMBER_FILTER_LIST),
    optional("NetworkDestinationDomain", &STRING_FILTER_LIST),
    optional("ProcessName", &STRING_FILTER_LIST),
    optional("ProcessPath", &STRING_FILTER_LIST),
    optional("ProcessPid", &NUMBER_FILTER_LIST),
    optional("ProcessParentPid", &NUMBER_FILTER_LIST),
    optional("ProcessLaunchedAt", &DATE_FILTER_LIST),
    optional("ProcessTerminatedAt", &DATE_FILTER_LIST),
    optional("ThreatIntelIndicatorType", &STRING_FILTER_LIST),
    optional("ThreatIntelIndicatorValue", &STRING_FILTER_LIST),
    optional("ThreatIntelIndicatorCategory", &STRING_FILTER_LIST),
    optional("ThreatIntelIndicatorLastObservedAt", &DATE_FILTER_LIST),
    optional("ThreatIntelIndicatorSource", &STRING_FILTER_LIST),
    optional("ThreatIntelIndicatorSourceUrl", &STRING_FILTER_LIST),
    optional("ResourceType", &STRING_FILTER_LIST),
    optional("ResourceId", &STRING_FILTER_LIST),
    optional("ResourcePartition", &STRING_FILTER_LIST),
    optional("ResourceRegion", &STRING_FILTER_LIST),
    optional("ResourceTags", &MAP_FILTER_LIST),
    optional("ResourceAwsEc2InstanceType", &STRING_FILTER_LIST),
    optional("ResourceAwsEc2InstanceImageId", &STRING_FILTER_LIST),
    optional("ResourceAwsEc2InstanceIpV4Addresses", &IP_FILTER_LIST),
    optional("ResourceAwsEc2InstanceIpV6Addresses", &IP_FILTER_LIST),
    optional("ResourceAwsEc2InstanceKeyName", &STRING_FILTER_LIST),
    optional("ResourceAwsEc2InstanceIamInstanceProfileArn", &STRING_FILTER_LIST),
    optional("ResourceAwsEc2InstanceVpcId", &STRING_FILTER_LIST),
    optional("ResourceAwsEc2InstanceSubnetId", &STRING_FILTER_LIST),
    optional("ResourceAwsEc2InstanceLaunchedAt", &DATE_FILTER_LIST),
    optional("ResourceAwsS3BucketOwnerId", &STRING_FILTER_LIST),
    optional("ResourceAwsS3BucketOwnerName", &STRING_FILTER_LIST),
    optional("ResourceAwsIamAccessKeyUserName", &STRING_FILTER_LIST),
    optional("ResourceAwsIamAccessKeyPrincipalName", &STRING_FILTER_LIST),
    optional("ResourceAwsIamAccessKeyStatus", &STRING_FILTER_LIST),
    optional("ResourceAwsIamAccessKeyCreatedAt", &DATE_FILTER_LIST),
    optional("ResourceAwsIamUserUserName", &STRING_FILTER_LIST),
    optional("ResourceContainerName", &STRING_FILTER_LIST),
    optional("ResourceContainerImageId", &STRING_FILTER_LIST),
    optional("ResourceContainerImageName", &STRING_FILTER_LIST),
    optional("ResourceContainerLaunchedAt", &DATE_FILTER_LIST),
    optional("ResourceDetailsOther", &MAP_FILTER_LIST),
    optional("ComplianceStatus", &STRING_FILTER_LIST),
    optional("VerificationState", &STRING_FILTER_LIST),
    optional("WorkflowState", &STRING_FILTER_LIST),
    optional("WorkflowStatus", &STRING_FILTER_LIST),
    optional("RecordState", &STRING_FILTER_LIST),
    optional("RelatedFindingsProductArn", &STRING_FILTER_LIST),
    optional("RelatedFindingsId", &STRING_FILTER_LIST),
    optional("NoteText", &STRING_FILTER_LIST),
    optional("NoteUpdatedAt", &DATE_FILTER_LIST),
    optional("NoteUpdatedBy", &STRING_FILTER_LIST),
    optional("Keyword", &KEYWORD_FILTER_LIST),
    optional("FindingProviderFieldsConfidence", &NUMBER_FILTER_LIST),
    optional("FindingProviderFieldsCriticality", &NUMBER_FILTER_LIST),
    optional("FindingProviderFieldsRelatedFindingsId", &STRING_FILTER_LIST),
    optional("FindingProviderFieldsRelatedFindingsProductArn", &STRING_FILTER_LIST),
    optional("FindingProviderFieldsSeverityLabel", &STRING_FILTER_LIST),
    optional("FindingProviderFieldsSeverityOriginal", &STRING_FILTER_LIST),
    optional("FindingProviderFieldsTypes", &STRING_FILTER_LIST),
    optional("Sample", &BOOLEAN_FILTER_LIST),
    optional("ComplianceSecurityControlId", &STRING_FILTER_LIST),
    optional("ComplianceAssociatedStandardsId", &STRING_FILTER_LIST),
    optional("VulnerabilitiesExploitAvailable", &STRING_FILTER_LIST),
    optional("VulnerabilitiesFixAvailable", &STRING_FILTER_LIST),
    optional("ComplianceSecurityControlParametersName", &STRING_FILTER_LIST),
    optional("ComplianceSecurityControlParametersValue", &STRING_FILTER_LIST),
    optional("AwsAccountName", &STRING_FILTER_LIST),
    optional("ResourceApplicationName", &STRING_FILTER_LIST),
    optional("ResourceApplicationArn", &STRING_FILTER_LIST),
    optional("ResourceOwnerAccountId", &STRING_FILTER_LIST),
    optional("ResourceOwnerOrgId", &STRING_FILTER_LIST),
    optional("ResourceProvider", &STRING_FILTER_LIST),
]);
static SORT_CRITERION: Shape =
    Shape::Structure(&[optional("Field", &NON_EMPTY_STRING), optional("SortOrder", &SORT_ORDER)]);
static SORT_CRITERIA: Shape = list_of(&SORT_CRITERION);

// Inputs of the operations.

pub(crate) static GET_FINDINGS: &[Member] = &[
    optional("Filters", &AWS_SECURITY_FINDING_FILTERS),
    optional("SortCriteria", &SORT_CRITERIA),
    optional("NextToken", &NEXT_TOKEN),
    optional("MaxResults", &MAX_RESULTS),
];
