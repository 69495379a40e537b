//! What the AWS environment sets: variables, and a profile in the files of the AWS CLI. A setting is honored, or refused in words;
//! the SDK would panic at some, and ignore others.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::env::VarError;

use aws_config::profile::{Profile, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use controlsync_core::characters::printable;
use controlsync_core::suggest::closest;

use crate::causes::reasons;
use crate::proxies::{Proxies, ProxyError};

/// A setting that cannot be honored.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The files of the AWS CLI cannot be read.
    #[error("cannot read the AWS configuration files: {0}; correct them, or select others with AWS_CONFIG_FILE")]
    Files(String),
    /// The profile does not exist.
    #[error("the profile {profile:?} does not exist{}", known_profiles(.profile, .known))]
    UnknownProfile {
        /// The selected profile.
        profile: String,
        /// The profiles that exist.
        known: Vec<String>,
    },
    /// The value is not valid.
    #[error("{name} is {value:?}: {help}")]
    Invalid {
        /// The variable, or the key of the profile.
        name: String,
        /// Its value.
        value: String,
        /// What to do.
        help: &'static str,
    },
    /// A proxy cannot be used. Its URL is not shown: it may contain a password.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The file with certificates cannot be used.
    #[error("{name} names the file {path:?}, which {problem}: set it to a file with PEM certificates, or unset it")]
    Certificates {
        /// The variable, or the key of the profile.
        name: String,
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A setting and an endpoint contradict each other.
    #[error("{name} and {endpoint} contradict each other, as an endpoint URL is used unchanged: unset one of the two")]
    Endpoint {
        /// The variable, or the key of the profile.
        name: String,
        /// The setting of the endpoint.
        endpoint: String,
    },
    /// The profile asks for a code of an MFA device.
    #[error(
        "the profile {profile:?} needs a code of an MFA device (mfa_serial), which controlsync does not ask for: sign in with \
         `eval \"$(aws configure export-credentials --profile {} --format env)\"`, and run the command again without a profile",
        printable(.selected)
    )]
    Mfa {
        /// The profile with `mfa_serial`.
        profile: String,
        /// The selected profile, which refers to it.
        selected: String,
    },
}

fn known_profiles(profile: &str, known: &[String]) -> String {
    let names = || known.iter().map(String::as_str);
    match closest(profile, names()) {
        Some(meant) => format!(": did you mean {meant:?}?"),
        None if known.is_empty() => {
            format!(", and there is no other one: create it with `aws configure --profile {}`", printable(profile))
        }
        None => format!(": use one of {}", printable(&names().collect::<Vec<_>>().join(", "))),
    }
}

/// Largest number of attempts; a larger one counts as this.
const MAX_ATTEMPTS: u32 = 100;
/// Longest chain of profiles that refer to each other.
const MAX_CHAIN: usize = 10;
/// Maximum size of a file with certificates, in bytes; that of Mozilla's certificates has about 200,000.
const MAX_CERTIFICATES: u64 = 16 << 20;

/// What the AWS environment sets.
#[derive(Debug)]
pub struct AwsEnvironment {
    /// Maximum number of attempts per request, if set.
    pub(crate) attempts: Option<u32>,
    /// The proxies.
    pub(crate) proxies: Proxies,
    /// The PEM certificates to trust instead of those of the system, if set.
    pub(crate) certificates: Option<Vec<u8>>,
    /// The Region of the variables or the profile, if set.
    pub(crate) region: Option<String>,
    /// That the selected profile does not exist. Without it, a container or an instance may still have credentials.
    pub(crate) unknown_profile: Option<EnvironmentError>,
}

/// What was selected by flags and `controlsync.toml`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selected<'a> {
    /// A profile.
    pub profile: Option<&'a str>,
    /// Whether credentials in variables are ignored.
    pub profile_only: bool,
    /// An endpoint of Audit Manager.
    pub endpoint_url: Option<&'a str>,
}

impl AwsEnvironment {
    /// Reads variables and profile.
    ///
    /// # Errors
    ///
    /// A setting cannot be honored.
    pub async fn read(selected: Selected<'_>, files: &Fs, variables: &Env) -> Result<Self, EnvironmentError> {
        let chosen = selected.profile.map(|profile| Cow::Owned(profile.to_owned()));
        let profiles = aws_config::profile::load(files, variables, &EnvConfigFiles::default(), chosen).await;
        let profiles = profiles.map_err(|error| EnvironmentError::Files(reasons(&error)))?;
        let settings = Settings { variables, profile: profiles.get_profile(profiles.selected_profile()) };
        let mut unknown_profile = None;
        // Credentials in variables come before those of a profile, unless a flag selects it.
        if selected.profile_only || settings.variable("AWS_ACCESS_KEY_ID")?.is_none() {
            if settings.profile.is_some() {
                check_mfa(&profiles)?;
            } else if selected.profile.is_some() || settings.variable("AWS_PROFILE")?.is_some() {
                let known: BTreeSet<String> = profiles.profiles().map(str::to_owned).collect();
                let profile = profiles.selected_profile().to_owned();
                unknown_profile =
                    Some(EnvironmentError::UnknownProfile { profile, known: known.into_iter().collect() });
            }
        }
        if selected.profile_only
            && let Some(error) = unknown_profile
        {
            return Err(error);
        }
        settings.check_endpoints(selected.endpoint_url)?;
        Ok(Self {
            attempts: settings.attempts()?,
            proxies: Proxies::read(|name| settings.variable(name).map(|setting| setting.map(|setting| setting.value)))?,
            certificates: settings.certificates()?,
            region: match settings.variable("AWS_REGION")? {
                Some(region) => Some(region),
                None => settings.setting("AWS_DEFAULT_REGION", "region")?,
            }
            .map(|region| region.value),
            unknown_profile,
        })
    }
}

/// Checks that the credentials of the selected profile can be loaded without a person.
fn check_mfa(profiles: &ProfileSet) -> Result<(), EnvironmentError> {
    let selected = profiles.selected_profile();
    let Some(mut profile) = profiles.get_profile(selected) else { return Ok(()) };
    for _ in 0..MAX_CHAIN {
        if profile.get("role_arn").is_some() && profile.get("mfa_serial").is_some_and(|serial| !serial.is_empty()) {
            let (profile, selected) = (profile.name().to_owned(), selected.to_owned());
            return Err(EnvironmentError::Mfa { profile, selected });
        }
        let source = profile.get("source_profile").filter(|source| *source != profile.name());
        let Some(next) = source.and_then(|source| profiles.get_profile(source)) else { break };
        profile = next;
    }
    Ok(())
}

/// A setting of a variable or of the profile.
struct Setting {
    name: String,
    value: String,
}

impl Setting {
    fn of(name: String, value: &str) -> Option<Self> {
        let value = value.trim();
        (!value.is_empty()).then(|| Self { name, value: value.to_owned() })
    }

    fn invalid(self, help: &'static str) -> EnvironmentError {
        EnvironmentError::Invalid { name: self.name, value: self.value, help }
    }
}

/// Variables and the selected profile.
struct Settings<'a> {
    variables: &'a Env,
    profile: Option<&'a Profile>,
}

impl Settings<'_> {
    /// Returns a variable; an empty value counts as none.
    fn variable(&self, name: &str) -> Result<Option<Setting>, EnvironmentError> {
        match self.variables.get(name) {
            Ok(value) => Ok(Setting::of(name.to_owned(), &value)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(value)) => {
                let setting = Setting { name: name.to_owned(), value: value.to_string_lossy().into_owned() };
                Err(setting.invalid("it is not UTF-8; set it again, or unset it"))
            }
        }
    }

    /// Returns a key of the profile; an empty value counts as none.
    fn profile(&self, key: &str) -> Option<Setting> {
        let profile = self.profile?;
        Setting::of(format!("{key} of the profile {:?}", profile.name()), profile.get(key)?)
    }

    /// Returns a setting: the variable, or else the key of the profile.
    fn setting(&self, variable: &str, key: &str) -> Result<Option<Setting>, EnvironmentError> {
        Ok(self.variable(variable)?.or_else(|| self.profile(key)))
    }

    fn flag(&self, variable: &str, key: &str) -> Result<Option<String>, EnvironmentError> {
        let Some(setting) = self.setting(variable, key)? else { return Ok(None) };
        match setting.value.to_ascii_lowercase().as_str() {
            "true" => Ok(Some(setting.name)),
            "false" => Ok(None),
            _ => Err(setting.invalid("set it to true or false, or unset it")),
        }
    }

    /// The maximum number of attempts. All modes of retries are accepted: this program has its own.
    fn attempts(&self) -> Result<Option<u32>, EnvironmentError> {
        if let Some(mode) = self.setting("AWS_RETRY_MODE", "retry_mode")?
            && !["legacy", "standard", "adaptive"].iter().any(|known| mode.value.eq_ignore_ascii_case(known))
        {
            return Err(mode.invalid("set it to standard, or unset it"));
        }
        let Some(attempts) = self.setting("AWS_MAX_ATTEMPTS", "max_attempts")? else { return Ok(None) };
        match attempts.value.parse::<u32>() {
            Ok(number) if number > 0 => Ok(Some(number.min(MAX_ATTEMPTS))),
            _ => Err(attempts.invalid("set it to a whole number from 1, or unset it")),
        }
    }

    /// Checks that no setting changes an endpoint URL that is set. The SDK refuses that too, but only in the first request.
    fn check_endpoints(&self, endpoint_url: Option<&str>) -> Result<(), EnvironmentError> {
        let mut endpoint = endpoint_url.map(|_| "the endpoint URL of Audit Manager".to_owned());
        let ignored = self.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")?.is_some();
        if endpoint.is_none() && !ignored {
            for variable in ["AWS_ENDPOINT_URL_AUDITMANAGER", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"] {
                endpoint = endpoint.or(self.setting(variable, "endpoint_url")?.map(|setting| setting.name));
            }
        }
        for (variable, key) in
            [("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"), ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")]
        {
            if let (Some(name), Some(endpoint)) = (self.flag(variable, key)?, &endpoint) {
                return Err(EnvironmentError::Endpoint { name, endpoint: endpoint.clone() });
            }
        }
        Ok(())
    }

    fn certificates(&self) -> Result<Option<Vec<u8>>, EnvironmentError> {
        let Some(Setting { name, value: path }) = self.setting("AWS_CA_BUNDLE", "ca_bundle")? else { return Ok(None) };
        let read = || -> Result<Vec<u8>, String> {
            let cannot = |error: std::io::Error| format!("cannot be read ({error})");
            let metadata = std::fs::metadata(&path).map_err(cannot)?;
            if !metadata.is_file() || metadata.len() > MAX_CERTIFICATES {
                return Err("is not a file, or is longer than 16 MiB".to_owned());
            }
            let pem = std::fs::read(&path).map_err(cannot)?;
            check_certificates(&pem).map(|()| pem)
        };
        read().map(Some).map_err(|problem| EnvironmentError::Certificates { name, path: path.clone(), problem })
    }
}

/// Checks that PEM text has certificates, and that all of them can be used.
fn check_certificates(pem: &[u8]) -> Result<(), String> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|error| format!("is not valid PEM ({error})"))?;
    if certificates.is_empty() {
        return Err("has no certificate".to_owned());
    }
    let mut roots = rustls::RootCertStore::empty();
    for (at, certificate) in certificates.into_iter().enumerate() {
        roots.add(certificate).map_err(|error| format!("has an invalid certificate, number {} ({error})", at + 1))?;
    }
    Ok(())
}
