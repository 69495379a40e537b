//! The files and variables of the AWS CLI: read without a panic, and refused in words.

use anyhow::{Result, ensure};
use aws_types::os_shim_internal::{Env, Fs};
use controlsync_aws::aws_environment::{AwsEnvironment, Selected};
use fastrand::Rng;

use crate::mutate::mutated;
use crate::{File, content};

/// The files in an input.
const CONFIG: &str = "config";
const CREDENTIALS: &str = "credentials";
/// The variables in an input: a name, `=` and a value on each line.
const VARIABLES: &str = "variables";

const SAMPLE: &str = "[default]\nregion = eu-west-1\nmax_attempts = 5\nretry_mode = standard\nca_bundle = /ca.pem\n\
    use_fips_endpoint = true\ns3 =\n  addressing_style = path\n\n[profile admin]\nrole_arn = arn:aws:iam::111122223333:role/admin\n\
    source_profile = default\nmfa_serial = arn:aws:iam::111122223333:mfa/me\n\n[sso-session team]\nsso_region = eu-west-1\n\
    sso_start_url = https://a.awsapps.com/start\n\n[profile sso]\nsso_session = team\nservices = own\n\n[services own]\n\
    auditmanager =\n  endpoint_url = http://127.0.0.1:1\n";
const KEYS: &str = "[default]\naws_access_key_id = A\naws_secret_access_key = b\n\n[admin]\naws_session_token = c\n";
const SET: &str = "AWS_PROFILE=admin\nAWS_MAX_ATTEMPTS=3\nAWS_RETRY_MODE=legacy\nHTTPS_PROXY=http://user:secret@proxy:3128\n\
    NO_PROXY=localhost,*.internal,10.0.0.0/8\nAWS_CA_BUNDLE=\nAWS_USE_FIPS_ENDPOINT=false\nAWS_REGION=eu-west-1\n\
    AWS_ENDPOINT_URL=http://127.0.0.1:1\nALL_PROXY=socks5://proxy\nAWS_USE_DUALSTACK_ENDPOINT=True\n";

/// Generates mutated files and variables.
pub fn input(_: &[File], rng: &mut Rng) -> Vec<File> {
    let some = |text: &str, rng: &mut Rng| {
        let lines: Vec<&str> = text.lines().filter(|_| rng.u8(..4) > 0).collect();
        mutated(lines.join("\n").as_bytes(), &[text.as_bytes().to_vec()], rng)
    };
    [(CONFIG, SAMPLE), (CREDENTIALS, KEYS), (VARIABLES, SET)]
        .map(|(name, text)| (name.to_owned(), some(text, rng)))
        .into()
}

/// Verifies that the environment is read or refused.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify(files: &[File]) -> Result<()> {
    let text = String::from_utf8_lossy(content(files, VARIABLES)).into_owned();
    let mut variables: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('=')).collect();
    // No file of this machine is read.
    variables.retain(|(name, _)| *name != "AWS_CA_BUNDLE");
    variables.extend([("AWS_CONFIG_FILE", "/config"), ("AWS_SHARED_CREDENTIALS_FILE", "/credentials")]);
    let without_bundle = |name: &str| String::from_utf8_lossy(content(files, name)).replace("ca_bundle", "no_bundle");
    let (config, credentials) = (without_bundle(CONFIG), without_bundle(CREDENTIALS));
    let fs = Fs::from_slice(&[("/config", &config), ("/credentials", &credentials)]);
    let env = Env::from_slice(&variables);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for profile in [None, Some("admin"), Some("sso"), Some("missing")] {
        for profile_only in [false, true] {
            let selected = Selected { profile, profile_only, endpoint_url: None };
            match runtime.block_on(AwsEnvironment::read(selected, &fs, &env)) {
                Ok(_) => ensure!(profile != Some("missing") || !profile_only, "a missing profile was accepted"),
                Err(error) => {
                    let error = error.to_string();
                    ensure!(!error.is_empty() && !error.contains("cargo"), "{error}");
                    ensure!(
                        !error.contains("the URL of a proxy") || !error.contains("secret"),
                        "a password is shown: {error}"
                    );
                }
            }
        }
    }
    Ok(())
}
