//! The proxies of the environment.

use aws_smithy_http_client::proxy::ProxyConfig;

/// Addresses that are reached directly: this machine, and the metadata and credential endpoints of AWS
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>).
const DIRECT: &str = "localhost,127.0.0.0/8,::1,169.254.0.0/16,fe80::/10,fd00:ec2::/32";

/// A proxy that cannot be used. The URL is not shown: it may contain a password.
#[derive(Debug, thiserror::Error)]
#[error(
    "{variable} is not the URL of a proxy that controlsync can use: set it to one such as http://proxy.example.com:3128, or unset it"
)]
pub struct ProxyError {
    /// The variable.
    variable: &'static str,
}

/// The proxies for requests with and without TLS.
#[derive(Clone, Debug)]
pub struct Proxies {
    /// For `https` URLs.
    pub(crate) https: ProxyConfig,
    /// For `http` URLs.
    pub(crate) http: ProxyConfig,
}

impl Proxies {
    /// Reads the variables, in uppercase or lowercase; an empty one counts as none.
    ///
    /// # Errors
    ///
    /// A variable cannot be read, or is not the URL of an HTTP proxy.
    pub(crate) fn read<E: From<ProxyError>>(
        variable: impl Fn(&'static str) -> Result<Option<String>, E>,
    ) -> Result<Self, E> {
        let first = |names: [&'static str; 4]| -> Result<Option<(&'static str, String)>, E> {
            for name in names {
                if let Some(value) = variable(name)? {
                    return Ok(Some((name, value)));
                }
            }
            Ok(None)
        };
        let https = first(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])?;
        let http = first(["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])?;
        let mut direct = DIRECT.to_owned();
        if let Some((_, hosts)) = first(["NO_PROXY", "no_proxy", "NO_PROXY", "no_proxy"])? {
            for host in hosts.split([',', ' ']).filter(|host| !host.is_empty()) {
                direct.push(',');
                // Other programs accept a wildcard before the domain; without it, subdomains are included too.
                direct += host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host);
            }
        }
        Ok(Self {
            https: proxy(https, |url| ProxyConfig::https(url).ok(), &direct)?,
            http: proxy(http, |url| ProxyConfig::http(url).ok(), &direct)?,
        })
    }
}

fn proxy(
    set: Option<(&'static str, String)>,
    config: impl Fn(String) -> Option<ProxyConfig>,
    direct: &str,
) -> Result<ProxyConfig, ProxyError> {
    let Some((variable, value)) = set else { return Ok(ProxyConfig::disabled()) };
    let invalid = || ProxyError { variable };
    let (scheme, address) = value.split_once("://").unwrap_or(("http", &value));
    let scheme = scheme.to_ascii_lowercase();
    // The library would ignore any other scheme, and send the requests directly.
    if !["http", "https"].contains(&scheme.as_str()) {
        return Err(invalid());
    }
    let address = address.split(['/', '?', '#']).next().unwrap_or_default();
    let host = address.rsplit('@').next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Err(invalid());
    }
    config(format!("{scheme}://{address}")).map(|config| config.no_proxy(direct)).ok_or_else(invalid)
}
