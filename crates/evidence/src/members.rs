//! Reads accounts other than that of Audit Manager, through a role that each of them has.

use std::future::Future;
use std::time::Duration;

use controlsync_core::evidence::facts::{AccountFacts, Hub, Place, Seconds, Unread, UnreadReason};
use controlsync_core::evidence::wanted::Wanted;
use controlsync_core::regions;
use futures_util::{Stream, StreamExt as _, stream};

use crate::account::Known;
use crate::answer::is_denied;
use crate::central::Central;
use crate::compliance::{OfAccount, Shared};
use crate::services::{AccountServices, Services};
use crate::sts::Role;
use crate::{account, central, compliance, sts};

/// Accounts that are read at the same time: each has rates of its own.
pub const AT_ONCE: usize = 16;
/// How long reading one account may take. A large one takes a tenth of it.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// How accounts other than that of Audit Manager are entered.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    services: &'a Services,
    role: &'a Role,
    patience: Duration,
}

/// What is read of accounts other than that of Audit Manager.
#[derive(Debug)]
pub struct Members<'a> {
    access: Access<'a>,
    wanted: &'a Wanted<'a>,
    /// Policies of Security Hub, and how that of the administrator reports.
    central: Option<(Central, Hub)>,
    now: Seconds,
}

impl<'a> Access<'a> {
    /// Enters accounts through a role. Reading one takes at most `patience`.
    pub const fn new(services: &'a Services, role: &'a Role, patience: Duration) -> Self {
        Self { services, role, patience }
    }

    /// Reads what the checks of a catalog say in accounts into a roll-up, as [`Members::read`] reads their setup.
    pub fn results(self, places: Vec<Place>, rollup: &Shared<'_, '_>) -> impl Stream<Item = (Place, OfAccount)> {
        stream::iter(places).map(move |place| Box::pin(self.results_of(place, rollup))).buffer_unordered(AT_ONCE)
    }

    async fn results_of(self, place: Place, rollup: &Shared<'_, '_>) -> (Place, OfAccount) {
        let read = async {
            let services = Box::pin(self.enter(&place)).await?;
            Ok(compliance::of_account(&services, &place, rollup).await)
        };
        let read = self.in_time(Box::pin(read)).await;
        (place, read.unwrap_or_else(|why| OfAccount::unread(&why)))
    }

    /// Returns what was read, or that it took too long.
    async fn in_time<T>(self, read: impl Future<Output = Result<T, Unread>>) -> Result<T, Unread> {
        tokio::time::timeout(self.patience, read).await.unwrap_or_else(|_| {
            let message = format!("{} seconds", self.patience.as_secs());
            let service = "the account".to_owned();
            Err(Unread { service, action: String::new(), reason: UnreadReason::TooSlow, message })
        })
    }

    /// Returns the services of an account, through its role.
    async fn enter(self, place: &Place) -> Result<AccountServices, Unread> {
        let client = &self.services.sts;
        let partition = regions::partition(&place.region);
        let credentials = sts::assume(client, self.role, partition, &place.account).await.map_err(|failure| {
            let mut why = client.of.unread(&failure);
            if is_denied(&failure) {
                // STS does not say which of the reasons it is.
                why.reason = UnreadReason::NotAssumed;
                why.message.clone_from(&self.role.name);
            }
            why
        })?;
        Ok(self.services.in_member(credentials))
    }
}

impl<'a> Members<'a> {
    /// Prepares to read accounts; `own` is what was read of that of Audit Manager.
    pub async fn new(access: Access<'a>, wanted: &'a Wanted<'a>, own: &AccountFacts, now: Seconds) -> Self {
        let central = match own.hub.known() {
            Some(Some(hub)) if wanted.security_hub() => {
                // Without policies, or if this account is not the administrator, every account is asked itself.
                let read = central::read(&access.services.of_account.security_hub).await;
                read.ok().flatten().map(|central| (central, hub.clone()))
            }
            _ => None,
        };
        Self { access, wanted, central, now }
    }

    /// Reads accounts, some at the same time, started in their order. Those that cannot be read have that as a fact.
    pub fn read(&self, places: Vec<Place>) -> impl Stream<Item = AccountFacts> {
        stream::iter(places).map(|place| Box::pin(self.one(place))).buffer_unordered(AT_ONCE)
    }

    async fn one(&self, place: Place) -> AccountFacts {
        let read = async {
            let services = Box::pin(self.access.enter(&place)).await?;
            let policy = self.central.as_ref().and_then(|(central, hub)| Some((central.of(&place.account)?, hub)));
            Ok(account::read(&services, self.wanted, Known::Member(policy), place.clone(), self.now).await)
        };
        let read = self.access.in_time(Box::pin(read)).await;
        read.unwrap_or_else(|why| AccountFacts::unread(place, self.now, &why))
    }
}
