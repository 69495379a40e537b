//! The emulator: it rejects or processes any request and any state file, and keeps running.

use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use controlsync_emulator::{Emulator, Options};
use fastrand::Rng;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::compliance_requests;
use crate::mutate::{json_text, mutated};
use crate::{File, content};

/// Timeout of a request.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The state in an input.
const FILE: &str = "state.json";
/// In requests: IDs and ARNs of resources that earlier requests created.
const CONTROL: &str = "CONTROL-ID";
const FRAMEWORK: &str = "FRAMEWORK-ID";
const ARN: &str = "SOME-ARN";

/// Valid requests: method, path and body.
fn valid() -> [(&'static str, &'static str, Json); 16] {
    let source = json!({ "sourceName": "Rule", "sourceSetUpOption": "System_Controls_Mapping", "sourceType": "AWS_Config",
                         "sourceKeyword": { "keywordInputType": "SELECT_FROM_LIST", "keywordValue": "RESTRICTED_SSH" } });
    let control = json!({ "name": "A", "description": "D", "testingInformation": "T", "actionPlanTitle": "P",
                          "actionPlanInstructions": "I", "controlMappingSources": [source], "tags": { "Owner": "x" } });
    let framework = json!({ "name": "F", "description": "D", "complianceType": "C", "tags": {},
                            "controlSets": [{ "name": "S", "controls": [{ "id": CONTROL }] }] });
    let seed = json!({ "controls": [{ "name": "Core", "type": "Core" }], "frameworks": [{ "name": "Seeded", "controlSets": [] }] });
    [
        ("POST", "/controls", control.clone()),
        ("PUT", "/controls/CONTROL-ID", control),
        ("POST", "/assessmentFrameworks", framework.clone()),
        ("PUT", "/assessmentFrameworks/FRAMEWORK-ID", framework),
        ("DELETE", "/controls/CONTROL-ID", Json::Null),
        ("DELETE", "/assessmentFrameworks/FRAMEWORK-ID", Json::Null),
        ("POST", "/tags/SOME-ARN", json!({ "tags": { "A": "b", "C": "" } })),
        ("DELETE", "/tags/SOME-ARN?tagKeys=A&tagKeys=C", Json::Null),
        ("GET", "/tags/SOME-ARN", Json::Null),
        ("GET", "/controls?controlType=Custom&maxResults=2", Json::Null),
        ("GET", "/assessmentFrameworks?frameworkType=Custom", Json::Null),
        ("GET", "/dataSourceKeywords?source=AWS_Config&maxResults=5", Json::Null),
        ("GET", "/assessments?status=ACTIVE", Json::Null),
        ("POST", "/_emulator/seed", seed),
        ("POST", "/_emulator/seed", json!({ "assessments": [{ "name": "A", "frameworkId": FRAMEWORK }] })),
        (
            "POST",
            "/_emulator/seed",
            json!({ "frameworks": [{ "name": "G", "controlSets": [{ "name": "S", "controls": [CONTROL] }] }] }),
        ),
    ]
}

/// Valid requests to the other services: signing name, operation, method, path and body. The body of STS is a form.
fn of_services() -> Vec<(&'static str, &'static str, &'static str, &'static str, Json)> {
    let recorder = json!({ "name": "default", "roleARN": "arn:aws:iam::000000000000:role/r",
                           "recordingGroup": { "allSupported": false, "resourceTypes": ["AWS::S3::Bucket"] } });
    let rule = json!({ "ConfigRuleName": "r", "InputParameters": "{\"maxAccessKeyAge\":\"90\"}",
                       "Source": { "Owner": "AWS", "SourceIdentifier": "ACCESS_KEYS_ROTATED" } });
    let template = "Parameters: {Age: {Default: '90', Type: String}}\n\
        Conditions: {hasAge: {'Fn::Not': [{'Fn::Equals': ['', {Ref: Age}]}]}}\n\
        Resources: {Keys: {Type: 'AWS::Config::ConfigRule', Properties: {ConfigRuleName: keys, InputParameters: \
        {maxAccessKeyAge: {'Fn::If': [hasAge, {Ref: Age}, {Ref: 'AWS::NoValue'}]}}, \
        Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}}}}\n";
    let cis = "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0";
    let update = json!({ "StandardsArn": cis, "SecurityControlId": "IAM.3", "AssociationStatus": "DISABLED", "UpdatedReason": "x" });
    let bus = json!({ "Name": "r", "EventPattern": "{}", "EventBusName": "arn:aws:events:us-east-1:000000000000:event-bus/default" });
    let selectors = json!({ "TrailName": "trail", "EventSelectors": [{ "ReadWriteType": "All" }] });
    let post = |service, operation, body| (service, operation, "POST", "/", body);
    let mut requests = vec![
        post("config", "PutConfigurationRecorder", json!({ "ConfigurationRecorder": recorder })),
        post("config", "PutConfigRule", json!({ "ConfigRule": rule })),
        post("config", "DescribeConfigRules", json!({ "ConfigRuleNames": ["r"], "NextToken": "00" })),
        post("config", "DescribeConfigRuleEvaluationStatus", json!({ "Limit": 1 })),
        post("config", "GetDiscoveredResourceCounts", json!({ "resourceTypes": ["AWS::S3::Bucket"], "limit": 1 })),
        post("config", "PutConformancePack", json!({ "ConformancePackName": "p", "TemplateBody": template })),
        ("securityhub", "EnableSecurityHub", "POST", "/accounts", json!({ "EnableDefaultStandards": true })),
        ("securityhub", "GetEnabledStandards", "POST", "/standards/get", json!({ "MaxResults": 1 })),
        (
            "securityhub",
            "BatchUpdateStandardsControlAssociations",
            "PATCH",
            "/associations",
            json!({ "StandardsControlAssociationUpdates": [update] }),
        ),
        (
            "securityhub",
            "ListStandardsControlAssociations",
            "GET",
            "/associations?SecurityControlId=IAM.3&MaxResults=1",
            Json::Null,
        ),
        (
            "securityhub",
            "ListConfigurationPolicyAssociations",
            "POST",
            "/configurationPolicyAssociation/list",
            json!({ "Filters": { "AssociationStatus": "SUCCESS" }, "MaxResults": 1 }),
        ),
        ("securityhub", "GetConfigurationPolicy", "GET", "/configurationPolicy/get/p", Json::Null),
        post("events", "PutRule", bus),
        post("events", "ListRules", json!({ "NamePrefix": "r", "Limit": 1 })),
        post("cloudtrail", "CreateTrail", json!({ "Name": "trail", "S3BucketName": "b", "IsMultiRegionTrail": true })),
        post("cloudtrail", "PutEventSelectors", selectors),
        post("sts", "AssumeRole", Json::from(ASSUME_ROLE)),
        post("sts", "GetCallerIdentity", Json::from("Action=GetCallerIdentity&Version=2011-06-15")),
    ];
    requests.extend(compliance_requests::valid());
    requests
}

/// The form of a valid request for credentials of another account.
const ASSUME_ROLE: &str = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2Freader\
    &RoleSessionName=nightly&DurationSeconds=900&Tags.member.1.Key=a&Tags.member.1.Value=b&PolicyArns.member.1.arn=\
    arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess&TransitiveTagKeys=";

/// Generates a few requests to the other services, most of them invalid. Service and operation are in the names.
pub fn service_requests(_: &[File], rng: &mut Rng) -> Vec<File> {
    let valid = of_services();
    let first = ["PutConfigurationRecorder", "EnableSecurityHub", "CreateTrail", "PutConfigurationAggregator"];
    let mut chosen: Vec<_> = valid.iter().filter(|request| first.contains(&request.1)).cloned().collect();
    chosen.extend((0..=rng.usize(..6)).map(|_| valid[rng.usize(..valid.len())].clone()));
    let numbered = chosen.into_iter().enumerate().map(|(number, (service, operation, method, path, body))| {
        let is_valid = rng.u8(..3) == 0;
        let body = match &body {
            Json::String(form) if is_valid => form.clone().into_bytes(),
            Json::String(form) => mutated(form.as_bytes(), &[form.as_bytes().to_vec()], rng),
            body if is_valid => body.to_string().into_bytes(),
            body => json_text(&body.to_string(), rng),
        };
        let line = format!("{method} {path}\n").into_bytes();
        (format!("{number}.{service}.{operation}.http"), [line, body].concat())
    });
    numbered.collect()
}

/// Verifies requests to the other services of a new emulator, every other one of them in another account: every response is
/// in the protocol of its service.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify_service_requests(files: &[File]) -> Result<()> {
    runtime()?.block_on(async {
        let emulator = Emulator::start(Options::default(), 0).await?;
        let central = json!({ "associations": { "222222222222": { "policy": "SELF_MANAGED_SECURITY_HUB" } } });
        let generated = json!({ "accounts": 2, "regions": ["us-east-1", "eu-west-1"], "rules": 3, "nonCompliantPerMille": 500 });
        let rule = json!({ "ConfigRuleName": "r", "Source": { "Owner": "AWS", "SourceIdentifier": "AWS_CONFIG_PROCESS_CHECK" } });
        let compliance = json!({ "rules": [rule], "results": { "r": { "compliant": 3 } }, "generated": generated });
        let seed = json!({ "accounts": { "222222222222": { "roles": { "reader": {} } } }, "config": compliance,
                           "securityHub": { "standards": [{ "standard": "FSBP" }], "centralConfiguration": central,
                                            "findings": { "IAM.3": { "failed": 2 } } } });
        emulator.seed(serde_json::from_value(seed)?).await?;
        let (_, response) =
            exchanged(&emulator, "POST", "/", &signed("any", "sts", "", ""), ASSUME_ROLE.as_bytes()).await?;
        let of = |tag: &str| {
            let rest = response.split_once(&format!("<{tag}>")).map(|(_, rest)| rest);
            rest.and_then(|rest| rest.split('<').next()).context("no credentials").map(str::to_owned)
        };
        let (key, token) = (of("AccessKeyId")?, of("SessionToken")?);
        for (number, (name, request)) in files.iter().enumerate() {
            let mut parts = name.split('.').skip(1);
            let (service, operation) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let (key, token) = if number % 2 == 0 { ("any", "") } else { (key.as_str(), token.as_str()) };
            let headers = signed(key, service, operation, token);
            let (line, body) =
                request.split_at(request.iter().position(|byte| *byte == b'\n').unwrap_or(request.len()));
            let line = String::from_utf8_lossy(line);
            let (method, path) = line.split_once(' ').unwrap_or((&line, "/"));
            let body = body.strip_prefix(b"\n").unwrap_or_default();
            let (status, text) = exchanged(&emulator, method, path, &headers, body).await.context(name.clone())?;
            ensure!(status < 500, "{name}: status {status}: {text}");
            let is_error = if service == "sts" {
                ensure!(text.starts_with('<') && text.ends_with("Response>"), "{name}: not XML: {text}");
                text.starts_with("<ErrorResponse ")
            } else {
                let response = as_json(&text).context(name.clone())?;
                response["__type"].is_string() || response["Code"].is_string()
            };
            ensure!((status == 200) != is_error, "{name}: status {status}: {text}");
        }
        all_listed_objects_can_be_read(&emulator).await?;
        emulator.stop().await?;
        Ok(())
    })
}

/// The headers of a request that is signed for a service.
fn signed(key: &str, service: &str, operation: &str, token: &str) -> String {
    let prefix = match service {
        "config" => "StarlingDoveService",
        "events" => "AWSEvents",
        _ => "CloudTrail_20131101",
    };
    format!(
        "Authorization: AWS4-HMAC-SHA256 Credential={key}/20261127/us-east-1/{service}/aws4_request\r\n\
         X-Amz-Security-Token: {token}\r\nX-Amz-Target: {prefix}.{operation}\r\n"
    )
}

/// Generates a few requests, most of them invalid.
pub fn requests(_: &[File], rng: &mut Rng) -> Vec<File> {
    let valid = valid();
    let mut requests = vec![valid[0].clone(), valid[2].clone()];
    requests.extend((0..=rng.usize(..5)).map(|_| valid[rng.usize(..valid.len())].clone()));
    let numbered = requests.into_iter().enumerate().map(|(number, (method, path, body))| {
        let body = body.to_string();
        let body = if rng.u8(..4) == 0 { body.into_bytes() } else { json_text(&body, rng) };
        let path = match rng.u8(..4) {
            0 => String::from_utf8_lossy(&mutated(path.as_bytes(), &[path.as_bytes().to_vec()], rng)).into_owned(),
            _ => path.to_owned(),
        };
        (format!("{number}.http"), [format!("{method} {path}\n").into_bytes(), body].concat())
    });
    numbered.collect()
}

/// Resources that earlier requests created.
#[derive(Default)]
struct Created {
    control: String,
    framework: String,
    arn: String,
}

impl Created {
    fn fill(&self, text: &str) -> String {
        let arn = self.arn.replace(':', "%3A").replace('/', "%2F");
        text.replace(CONTROL, &self.control).replace(FRAMEWORK, &self.framework).replace(ARN, &arn)
    }

    fn note(&mut self, response: &Json) {
        for (key, id) in [("control", &mut self.control), ("framework", &mut self.framework)] {
            if let (Some(new), Some(arn)) = (response[key]["id"].as_str(), response[key]["arn"].as_str()) {
                new.clone_into(id);
                arn.clone_into(&mut self.arn);
            }
        }
    }
}

/// Verifies requests to a new emulator.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify_requests(files: &[File]) -> Result<()> {
    runtime()?.block_on(async {
        let emulator = Emulator::start(Options::default(), 0).await?;
        let mut created = Created::default();
        for (name, request) in files {
            let request = String::from_utf8_lossy(request);
            let (line, body) = request.split_once('\n').unwrap_or((&request, ""));
            let (method, path) = line.split_once(' ').unwrap_or((line, "/"));
            // Faults and options can cause any response, including server errors.
            if path.contains("_emulator") && !path.starts_with("/_emulator/seed") {
                continue;
            }
            let (status, response) = ask(&emulator, method, &created.fill(path), created.fill(body).as_bytes())
                .await
                .with_context(|| format!("{name}: {method} {path}"))?;
            ensure!(status < 500, "{name}: status {status}: {response}");
            created.note(&response);
        }
        all_listed_objects_can_be_read(&emulator).await?;
        emulator.stop().await?;
        Ok(())
    })
}

/// Generates a mutated state of the emulator.
pub fn state(_: &[File], rng: &mut Rng) -> Vec<File> {
    static WRITTEN: LazyLock<String> = LazyLock::new(|| written().unwrap_or_default());
    vec![(FILE.to_owned(), json_text(&WRITTEN, rng))]
}

fn written() -> Result<String> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join(FILE);
    runtime()?.block_on(async {
        let emulator = Emulator::start(Options { state: Some(path.clone()), ..Options::default() }, 0).await?;
        let mut created = Created::default();
        for (method, path, body) in valid().into_iter().take(4) {
            let body = created.fill(&body.to_string());
            let (_, response) = ask(&emulator, method, &created.fill(path), body.as_bytes()).await?;
            created.note(&response);
        }
        let seed = json!({ "assessments": [{ "name": "A", "frameworkId": created.framework, "status": "ACTIVE" }] });
        ask(&emulator, "POST", "/_emulator/seed", seed.to_string().as_bytes()).await?;
        emulator.stop().await?;
        Ok::<_, anyhow::Error>(())
    })?;
    let mut state: Json = serde_json::from_slice(&std::fs::read(&path)?)?;
    // The library is the same in every account, and much larger than the rest.
    for records in ["controls", "frameworks"] {
        if let Some(records) = state["auditManager"][records].as_object_mut() {
            let own: Vec<String> =
                records.iter().filter(|(_, of)| of["type"] == "Custom").map(|(id, _)| id.clone()).collect();
            records.retain(|id, _| own.contains(id));
        }
    }
    Ok(state.to_string())
}

/// Verifies a start with a state file, and a restart with the file that the emulator writes.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify_state(files: &[File]) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join(FILE);
    std::fs::write(&path, content(files, FILE))?;
    let options = Options { state: Some(path), ..Options::default() };
    runtime()?.block_on(async {
        let emulator = match Emulator::start(options.clone(), 0).await {
            Ok(emulator) => emulator,
            Err(error) => {
                ensure!(!error.to_string().is_empty(), "an error without a message");
                return Ok(());
            }
        };
        all_listed_objects_can_be_read(&emulator).await?;
        let (method, path, body) = &valid()[0];
        let (status, response) = ask(&emulator, method, path, body.to_string().as_bytes()).await?;
        ensure!(status < 500, "create: status {status}: {response}");
        emulator.stop().await?;
        let again = Emulator::start(options, 0).await.context("restart")?;
        all_listed_objects_can_be_read(&again).await?;
        again.stop().await?;
        Ok(())
    })
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Verifies that every listed object can be read.
async fn all_listed_objects_can_be_read(emulator: &Emulator) -> Result<()> {
    for (list, key, one) in [
        ("/controls?controlType=Custom&maxResults=100", "controlMetadataList", "/controls"),
        ("/assessmentFrameworks?frameworkType=Custom&maxResults=100", "frameworkMetadataList", "/assessmentFrameworks"),
        ("/assessments?maxResults=100", "assessmentMetadata", "/assessments"),
    ] {
        let (status, response) = ask(emulator, "GET", list, b"").await?;
        ensure!(status == 200, "{list}: status {status}: {response}");
        for item in response[key].as_array().into_iter().flatten() {
            let id = item["id"].as_str().context("an item without an ID")?;
            let (status, response) = ask(emulator, "GET", &format!("{one}/{id}"), b"").await?;
            ensure!(status == 200, "{one}/{id} is listed, but: status {status}: {response}");
        }
    }
    Ok(())
}

/// Returns the status and the body of a response.
async fn ask(emulator: &Emulator, method: &str, path: &str, body: &[u8]) -> Result<(u16, Json)> {
    let (status, body) = exchanged(emulator, method, path, "", body).await?;
    Ok((status, as_json(&body)?))
}

fn as_json(body: &str) -> Result<Json> {
    if body.is_empty() {
        return Ok(Json::Null);
    }
    serde_json::from_str(body).with_context(|| format!("the response is not JSON: {body:?}"))
}

/// As [`ask`], with more headers, and the body as text.
async fn exchanged(emulator: &Emulator, method: &str, path: &str, headers: &str, body: &[u8]) -> Result<(u16, String)> {
    let address = emulator.endpoint().replace("http://", "");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect(&address).await?;
        stream.write_all(head.as_bytes()).await?;
        // A server may respond and close before it has read the complete request.
        let _ = stream.write_all(body).await;
        let mut response = Vec::new();
        let read = stream.read_to_end(&mut response).await;
        if response.is_empty() { read.map(|_| response) } else { Ok(response) }
    };
    let response = tokio::time::timeout(TIMEOUT, exchange).await.context("timeout")??;
    let response = String::from_utf8(response)?;
    let Some(status) = response.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()) else {
        bail!("the connection was closed without a response: {response:?}");
    };
    Ok((status, response.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()))
}
