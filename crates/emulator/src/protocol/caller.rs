//! Who sends a request, and as which account: what the access key and the session token of its signature say.
//!
//! Secrets and signatures are not checked, and nothing is kept about credentials that are handed out: they say themselves
//! which role of which account they are for, and when they expire.

use crate::protocol::account;
use crate::protocol::time::Time;
use crate::protocol::token;

/// What session tokens are valid for, in [`token`].
const PURPOSE: &str = "session";

/// The user of the home account that all keys belong to, except for those of roles.
const USER: &str = "emulator";

/// The sender of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The account that the access key belongs to.
    pub(crate) account: String,
    pub(crate) identity: Identity,
}

/// Who the sender is in its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    /// The user of the home account.
    User,
    /// A session of a role.
    Session(Session),
    /// The access key of a session without its token: the account is known, the role is not.
    Unknown,
}

/// A session of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) account: String,
    /// Path and name of the role, as in its ARN after `role/`.
    pub(crate) role: String,
    pub(crate) name: String,
    /// On the clock of the emulator, which passed time moves.
    pub(crate) expires: Time,
}

impl Session {
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n{}", self.account, self.role, self.name, self.expires.0)
    }

    /// The access key: the account, and characters that belong to the token.
    pub(crate) fn access_key(&self) -> String {
        format!("ASIA{}{}", self.account, letters(&self.text(), 4))
    }

    /// The session token.
    pub(crate) fn token(&self) -> String {
        token::seal(&self.text(), PURPOSE)
    }

    fn of_token(token: &str) -> Option<Self> {
        let text = token::open(token, PURPOSE)?;
        let parts: Vec<&str> = text.split('\n').collect();
        let [account, role, name, expires] = parts.as_slice() else { return None };
        let expires = Time(expires.parse().ok()?);
        let [account, role, name] = [account, role, name].map(|part| (*part).to_owned());
        Some(Self { account, role, name, expires })
    }

    /// The ARN of the session.
    pub(crate) fn arn(&self) -> String {
        let role = self.role.rsplit('/').next().unwrap_or_default();
        format!("arn:aws:sts::{}:assumed-role/{role}/{}", self.account, self.name)
    }

    /// The ARN of its role.
    pub(crate) fn role_arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account, self.role)
    }

    /// The unique ID of the role with the name of the session.
    pub(crate) fn id(&self) -> String {
        format!("AROA{}:{}", letters(&self.role_arn(), 17), self.name)
    }
}

impl Caller {
    /// Returns the sender of a request by its headers `Authorization` and `X-Amz-Security-Token`. A key that is not that of
    /// a session, or none, is the user of the home account.
    pub(crate) fn of(authorization: Option<&str>, token: Option<&str>, home: &str) -> Self {
        let key = authorization.and_then(|text| text.split_once("Credential=")?.1.split(['/', ',']).next());
        let Some(account) = key.and_then(account_of) else { return Self::home(home) };
        let session = token.and_then(Session::of_token).filter(|session| Some(session.access_key().as_str()) == key);
        Self { account: account.to_owned(), identity: session.map_or(Identity::Unknown, Identity::Session) }
    }

    /// The user of the home account.
    pub(crate) fn home(account: &str) -> Self {
        Self { account: account.to_owned(), identity: Identity::User }
    }

    /// The session, unless it is a user.
    pub(crate) fn session(&self) -> Option<&Session> {
        match &self.identity {
            Identity::Session(session) => Some(session),
            Identity::User | Identity::Unknown => None,
        }
    }

    /// The ARN of the user or of the session.
    pub(crate) fn arn(&self) -> String {
        self.session().map_or_else(|| format!("arn:aws:iam::{}:user/{USER}", self.account), Session::arn)
    }

    /// The unique ID of the user, or of the session.
    pub(crate) fn id(&self) -> String {
        self.session().map_or_else(|| format!("AIDA{}", letters(&self.arn(), 17)), Session::id)
    }

    /// Whether it is, or belongs to, a principal of a trust policy: an account by ID or by the ARN of its root, a user, a
    /// role, a session, or `*`.
    pub(crate) fn is_principal(&self, principal: &str) -> bool {
        principal == "*"
            || principal == self.account
            || principal == format!("arn:aws:iam::{}:root", self.account)
            || principal == self.arn()
            || self.session().is_some_and(|session| session.role_arn() == principal)
    }
}

/// The account in the access key of a session.
fn account_of(key: &str) -> Option<&str> {
    let account = key.strip_prefix("ASIA").filter(|rest| rest.len() == 16)?.get(..12)?;
    account::is_id(account).then_some(account)
}

/// Capital letters and digits that follow from a text.
fn letters(text: &str, count: usize) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letter = |at: usize| char::from(ALPHABET[token::checksum(&format!("{at}\n{text}")) as usize % ALPHABET.len()]);
    (0..count).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let [account, role, name] = ["222222222222", "team/reader", "nightly"].map(str::to_owned);
        Session { account, role, name, expires: Time(1_763_689_356_007) }
    }

    fn signed(key: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={key}/20261127/us-east-1/config/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    #[test]
    fn credentials_of_a_session_name_its_account_and_role() {
        let session = session();
        let key = session.access_key();
        assert!(key.starts_with("ASIA222222222222") && key.len() == 20, "{key}");
        let caller = Caller::of(Some(&signed(&key)), Some(&session.token()), "000000000000");
        assert_eq!(caller.session(), Some(&session));
        assert_eq!(caller.account, "222222222222");
        assert_eq!(caller.arn(), "arn:aws:sts::222222222222:assumed-role/reader/nightly");
        assert!(caller.id().starts_with("AROA") && caller.id().ends_with(":nightly"));
    }

    #[test]
    fn the_key_of_a_session_needs_its_token() {
        let session = session();
        let other = Session { name: "other".to_owned(), ..session.clone() };
        for token in [None, Some(String::new()), Some("any".to_owned()), Some(other.token())] {
            let caller = Caller::of(Some(&signed(&session.access_key())), token.as_deref(), "000000000000");
            assert_eq!((caller.account.as_str(), caller.identity), ("222222222222", Identity::Unknown), "{token:?}");
        }
    }

    #[test]
    fn any_other_key_is_the_user_of_the_home_account() {
        for key in [
            "any",
            "AKIA222222222222ABCD",
            "ASIA22222222222ABCDE",
            "ASIAIOSFODNN7EXAMPLE",
            "ASIA222222222222ABCDE",
            "ASIAé",
        ] {
            assert_eq!(
                Caller::of(Some(&signed(key)), Some("any"), "000000000000"),
                Caller::home("000000000000"),
                "{key}"
            );
        }
        assert_eq!(Caller::of(None, None, "000000000000").arn(), "arn:aws:iam::000000000000:user/emulator");
    }

    #[test]
    fn principals_are_accounts_users_roles_and_sessions() {
        let session = session();
        let role = Caller { account: session.account.clone(), identity: Identity::Session(session) };
        for principal in [
            "*",
            "222222222222",
            "arn:aws:iam::222222222222:root",
            "arn:aws:iam::222222222222:role/team/reader",
            "arn:aws:sts::222222222222:assumed-role/reader/nightly",
        ] {
            assert!(role.is_principal(principal), "{principal}");
            assert!(principal == "*" || !Caller::home("000000000000").is_principal(principal), "{principal}");
        }
        assert!(Caller::home("000000000000").is_principal("arn:aws:iam::000000000000:user/emulator"));
    }
}
