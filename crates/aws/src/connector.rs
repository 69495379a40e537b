//! The one HTTP client: of all services, and of the credential chain.

use std::error::Error;
use std::fmt;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::aws_environment::AwsEnvironment;
use crate::causes::causes;

/// Where a response came from, such as `https://auditmanager.eu-west-1.amazonaws.com`: an extension of each response.
#[derive(Clone, Debug)]
pub(crate) struct Origin(pub(crate) String);

/// No connection was made, so that the request was not sent.
#[derive(Debug)]
pub(crate) struct NotConnected {
    /// Host and port.
    pub(crate) host: String,
    /// Whether the certificate of the host, or of a proxy before it, is not trusted.
    pub(crate) untrusted: bool,
    pub(crate) source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for NotConnected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        if self.untrusted {
            write!(formatter, "the certificate of {host} is not trusted")
        } else {
            write!(formatter, "cannot connect to {host}")
        }
    }
}

impl NotConnected {
    /// What happened, with the innermost cause: those around it name layers of the HTTP client.
    pub(crate) fn message(&self) -> String {
        let cause = causes(self.source.as_ref()).last().map(ToString::to_string).unwrap_or_default();
        format!("{self}: {cause}")
    }
}

impl Error for NotConnected {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// Creates the client with the proxies and certificates of the environment.
pub(crate) fn client(environment: &AwsEnvironment) -> SharedHttpClient {
    let certificates = environment.certificates.clone();
    let proxies = &environment.proxies;
    let https = connectors(proxies.https.clone(), move |builder| {
        let tls = TlsContext::builder().with_trust_store(trust_store(certificates.as_deref())).build();
        let builder = builder.tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
        match tls {
            Ok(tls) => builder.tls_context(tls).build(),
            // The builder of this context cannot fail.
            Err(_) => builder.build(),
        }
    });
    SharedHttpClient::new(ByScheme {
        https,
        http: connectors(proxies.http.clone(), aws_smithy_http_client::ConnectorBuilder::build_http),
    })
}

/// Creates the client for the embedded emulator: without TLS and proxies.
pub(crate) fn loopback() -> SharedHttpClient {
    let http = || connectors(ProxyConfig::disabled(), aws_smithy_http_client::ConnectorBuilder::build_http);
    SharedHttpClient::new(ByScheme { https: http(), http: http() })
}

/// The certificates of the system, unless others are set.
fn trust_store(certificates: Option<&[u8]>) -> TrustStore {
    match certificates {
        Some(pem) => TrustStore::empty().with_pem_certificate(pem),
        // In debug builds, the library panics if the system has none.
        None if cfg!(debug_assertions) && rustls_native_certs::load_native_certs().certs.is_empty() => {
            TrustStore::empty()
        }
        None => TrustStore::default(),
    }
}

fn connectors(
    proxy: ProxyConfig,
    build: impl Fn(aws_smithy_http_client::ConnectorBuilder) -> Connector + Send + Sync + 'static,
) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut builder = Connector::builder().proxy_config(proxy.clone());
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        build(builder)
    })
}

/// Clients for each scheme: the library takes one proxy for a client.
#[derive(Debug)]
struct ByScheme<T> {
    https: T,
    http: T,
}

impl HttpClient for ByScheme<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(ByScheme {
            https: self.https.http_connector(settings, components),
            http: self.http.http_connector(settings, components),
        })
    }
}

impl HttpConnector for ByScheme<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri();
        let end = uri.match_indices('/').nth(2).map_or(uri.len(), |(at, _)| at);
        let origin = uri.get(..end).unwrap_or(uri).to_owned();
        let client = if uri.starts_with("http:") { &self.http } else { &self.https };
        let response = client.call(request);
        HttpConnectorFuture::new(async move {
            match response.await {
                Ok(mut response) => {
                    response.add_extension(Origin(origin));
                    Ok(response)
                }
                Err(error) => Err(explained(error, &origin)),
            }
        })
    }
}

/// Says of an error whether a connection was made.
fn explained(error: ConnectorError, origin: &str) -> ConnectorError {
    let connecting = causes(&error).any(|cause| {
        let of_client = cause.downcast_ref::<hyper_util::client::legacy::Error>();
        // The type of a timeout is private.
        of_client.is_some_and(hyper_util::client::legacy::Error::is_connect)
            || cause.to_string().starts_with("HTTP connect timeout")
    });
    if !connecting {
        return error;
    }
    // The words of rustls; its error is inside one of std::io that does not return it.
    let untrusted = causes(&error).any(|cause| cause.to_string().contains("invalid peer certificate"));
    let is_timeout = error.is_timeout();
    let host = origin.split_once("://").map_or(origin, |(_, host)| host).to_owned();
    let not_connected = NotConnected { host, untrusted, source: error.into() };
    if untrusted {
        // Not retried, also not by the credential chain.
        ConnectorError::user(not_connected.into())
    } else if is_timeout {
        ConnectorError::timeout(not_connected.into())
    } else {
        ConnectorError::io(not_connected.into())
    }
}
