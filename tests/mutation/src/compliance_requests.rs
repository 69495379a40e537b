//! Requests to AWS Config and Security Hub about compliance.

use serde_json::{Value as Json, json};

/// Valid requests: signing name, operation, method, path and body.
pub fn valid() -> [(&'static str, &'static str, &'static str, &'static str, Json); 13] {
    let post = |operation, body| ("config", operation, "POST", "/", body);
    let evaluation = json!({ "ComplianceResourceType": "AWS::S3::Bucket", "ComplianceResourceId": "b",
                             "ComplianceType": "NON_COMPLIANT", "Annotation": "a", "OrderingTimestamp": 1_763_689_356.5 });
    let of_pack = json!({ "ConfigRuleNames": ["r"], "ComplianceType": "COMPLIANT" });
    let place = json!({ "AccountId": "300000000000", "AwsRegion": "us-east-1", "ComplianceType": "NON_COMPLIANT" });
    let sources = json!([{ "AccountIds": ["000000000000", "300000000000"], "AllAwsRegions": true }]);
    let filters = json!({ "RecordState": [{ "Value": "ACTIVE", "Comparison": "EQUALS" }],
                          "ComplianceSecurityControlId": [{ "Value": "IAM.3", "Comparison": "EQUALS" }] });
    let findings =
        json!({ "Filters": filters, "SortCriteria": [{ "Field": "UpdatedAt", "SortOrder": "desc" }], "MaxResults": 1 });
    let of = |filters: &Json| json!({ "ConfigurationAggregatorName": "all", "Filters": filters, "Limit": 1 });
    let mut details = of(&Json::Null);
    for (name, value) in [("ConfigRuleName", "rule-00001"), ("AccountId", "300000000000"), ("AwsRegion", "us-east-1")] {
        details[name] = Json::from(value);
    }
    [
        post("DescribeComplianceByConfigRule", json!({ "ComplianceTypes": ["NON_COMPLIANT"] })),
        post(
            "GetComplianceDetailsByConfigRule",
            json!({ "ConfigRuleName": "r", "Limit": 1, "ComplianceTypes": ["COMPLIANT"] }),
        ),
        post("PutEvaluations", json!({ "Evaluations": [evaluation], "ResultToken": "any", "TestMode": true })),
        post("PutExternalEvaluation", json!({ "ConfigRuleName": "r", "ExternalEvaluation": evaluation })),
        post("DescribeConformancePackCompliance", json!({ "ConformancePackName": "p", "Filters": of_pack })),
        post("GetConformancePackComplianceDetails", json!({ "ConformancePackName": "p", "Limit": 1 })),
        post(
            "PutConfigurationAggregator",
            json!({ "ConfigurationAggregatorName": "all", "AccountAggregationSources": sources }),
        ),
        post(
            "DescribeConfigurationAggregatorSourcesStatus",
            json!({ "ConfigurationAggregatorName": "all", "Limit": 1 }),
        ),
        post("DescribeAggregateComplianceByConfigRules", of(&place)),
        post("GetAggregateComplianceDetailsByConfigRule", details),
        post("GetAggregateConfigRuleComplianceSummary", of(&json!({ "AwsRegion": "us-east-1" }))),
        post("DescribeAggregateComplianceByConformancePacks", of(&json!({ "AccountId": "300000000000" }))),
        ("securityhub", "GetFindings", "POST", "/findings", findings),
    ]
}
