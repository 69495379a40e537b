//! Why a command could not run, by what the user has to change.

use std::fmt;
use std::io;

use controlsync_aws::aws_environment::EnvironmentError;
use controlsync_aws::{ConnectError, reasons};
use controlsync_core::change_result::{Failure, FailureKind};
use controlsync_core::characters::printable_lines;
use controlsync_core::saved::SavedPlanError;
use controlsync_emulator::StartError;

/// What the user has to change before the command can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The flags or the arguments.
    Usage,
    /// `controlsync.toml`, an environment variable, or the layout of the catalog's directory.
    Configuration,
    /// A file or directory, or its permissions.
    File,
    /// The credentials.
    Credentials,
    /// The network.
    Network,
    /// The certificates that this machine trusts.
    Certificate,
    /// The account, or what the service accepts.
    Service,
    /// Nothing: it is a bug in controlsync.
    Internal,
}

impl Kind {
    /// Returns the kind of an error: that of the first cause that has one.
    pub fn of(error: &anyhow::Error) -> Self {
        error.chain().find_map(Self::of_cause).unwrap_or(Self::Internal)
    }

    fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Self> {
        if let Some(error) = cause.downcast_ref::<Error>() {
            return Some(error.kind);
        }
        if let Some(error) = cause.downcast_ref::<ConnectError>() {
            return Some(match error {
                ConnectError::Environment(EnvironmentError::UnknownProfile { .. } | EnvironmentError::Mfa { .. }) => {
                    Self::Credentials
                }
                ConnectError::NoRegion | ConnectError::InvalidRegion { .. } | ConnectError::Environment(_) => {
                    Self::Configuration
                }
                ConnectError::NotConnected { untrusted: true, .. } => Self::Certificate,
                ConnectError::NotConnected { untrusted: false, .. } => Self::Network,
                ConnectError::NoProfile { .. }
                | ConnectError::NoCredentials(_)
                | ConnectError::CredentialsFailed(_) => Self::Credentials,
            });
        }
        let is_file = cause.is::<io::Error>() || cause.is::<SavedPlanError>() || cause.is::<StartError>();
        is_file.then_some(Self::File)
    }

    /// What to do about all errors of this kind; `None` if that depends on the error, whose message says it then.
    const fn remedy(self) -> Option<&'static str> {
        match self {
            Self::Internal => Some(concat!(
                "This is a bug in controlsync. Please report it: ",
                env!("CARGO_PKG_REPOSITORY"),
                "/issues"
            )),
            _ => None,
        }
    }
}

impl From<FailureKind> for Kind {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Credentials => Self::Credentials,
            FailureKind::Network => Self::Network,
            FailureKind::Certificate => Self::Certificate,
            FailureKind::Service => Self::Service,
            FailureKind::Internal => Self::Internal,
        }
    }
}

/// An error that this crate found. Its message says what to do.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
}

impl Error {
    /// Creates an error.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Creates the error for a failed request; the message starts with `what`.
    pub fn request(what: &str, failure: Failure) -> Self {
        let message = failure.to_string();
        let help = failure.help.map_or(String::new(), |help| format!("\n{help}"));
        Self::new(failure.kind.into(), format!("{what}: {message}{help}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Creates an [`anyhow::Error`] of a [`Kind`] with a formatted message.
macro_rules! error {
    ($kind:ident, $($message:tt)+) => {
        anyhow::Error::new($crate::error::Error::new($crate::error::Kind::$kind, format!($($message)+)))
    };
}

/// Returns with an error of a [`Kind`] with a formatted message.
macro_rules! bail {
    ($kind:ident, $($message:tt)+) => {
        return Err($crate::error::error!($kind, $($message)+))
    };
}

pub(crate) use {bail, error};

/// Returns what is written to standard error about an error that ends a command.
pub fn report(error: &anyhow::Error) -> String {
    let remedy = Kind::of(error).remedy().map_or(String::new(), |remedy| format!("\n{remedy}"));
    // Reasons repeat what is in files and responses.
    format!("error: {}{remedy}", printable_lines(&reasons(error.as_ref())))
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn the_kind_is_that_of_the_first_cause_that_has_one() {
        let kind = |error: anyhow::Error| Kind::of(&error);
        assert_eq!(kind(error!(Usage, "no").context("cannot")), Kind::Usage);
        assert_eq!(kind(io::Error::other("no").into()), Kind::File);
        assert_eq!(kind(ConnectError::NoRegion.into()), Kind::Configuration);
        assert_eq!(kind(ConnectError::CredentialsFailed("no".to_owned()).into()), Kind::Credentials);
        assert_eq!(kind(SavedPlanError::OtherVersion(9).into()), Kind::File);
        assert_eq!(kind(StartError::PortTaken { port: 1 }.into()), Kind::File);
        let unexplained: Option<()> = None;
        assert_eq!(kind(unexplained.context("no output").unwrap_err()), Kind::Internal);
        let request = |kind| {
            let failure = Failure { kind, help: Some("Do.".to_owned()), ..Failure::new("GetControl", "no") };
            Error::request("cannot read", failure)
        };
        for (failure, kind) in [
            (FailureKind::Credentials, Kind::Credentials),
            (FailureKind::Network, Kind::Network),
            (FailureKind::Certificate, Kind::Certificate),
            (FailureKind::Service, Kind::Service),
            (FailureKind::Internal, Kind::Internal),
        ] {
            assert_eq!(request(failure).kind, kind);
        }
        assert_eq!(request(FailureKind::Network).to_string(), "cannot read: GetControl: no\nDo.");
    }

    #[test]
    fn only_bugs_are_to_be_reported() {
        assert_eq!(report(&error!(Usage, "use --yes")), "error: use --yes");
        let bug = report(&error!(Internal, "a thread panicked"));
        let place = concat!("Please report it: ", env!("CARGO_PKG_REPOSITORY"), "/issues");
        assert!(bug.starts_with("error: a thread panicked\nThis is a bug in controlsync. "), "{bug}");
        assert!(bug.ends_with(place), "{bug}");
    }
}
