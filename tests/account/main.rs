//! The laws again, with everything real but the account: the AWS SDK over HTTP against the emulator.
#![expect(clippy::unwrap_used, reason = "tests stop where something is odd")]

#[path = "../laws/generate.rs"]
mod generate;
#[path = "../laws/ids.rs"]
mod ids;
mod pull;

use std::collections::BTreeSet;

use controlsync_aws::account::Reading;
use controlsync_aws::apply::apply;
use controlsync_aws::{Client, Settings};
use controlsync_core::applied::ChangeResult;
use controlsync_core::check::{Options, check};
use controlsync_core::plan::{self, Actual, Outcome, Plan};
use controlsync_emulator::{Emulator, Switches};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use generate::{Files, files};
use ids::object_ids;

struct Account {
    emulator: Emulator,
    client: Client,
}

impl Account {
    async fn new(switches: Switches) -> Self {
        let options = controlsync_emulator::Options { switches, ..Default::default() };
        let emulator = Emulator::start(options, 0).await.unwrap();
        let settings = Settings {
            region: Some("us-east-1".into()),
            endpoint_url: Some(emulator.endpoint()),
            stand_in: true,
            ..Settings::default()
        };
        let client = Client::connect(&settings).await.unwrap();
        Self { emulator, client }
    }

    async fn plan(&self, files: &Files) -> (Plan, Actual) {
        let checked = check(files.sources(), &Options::default());
        let mut reading = Reading::start(&self.client).await.unwrap();
        let options = plan::Options { impact: true, ..plan::Options::default() };
        let plan = reading.plan(&checked.catalog, &checked.sources, &options, |_, _| {}).await.unwrap();
        (plan, reading.actual().clone())
    }

    /// Plans, applies, and plans again.
    async fn bring_to(&self, files: &Files) -> TestCaseResult {
        let (planned, _) = self.plan(files).await;
        let results = apply(&self.client, &planned, |_, _| {}).await;
        prop_assert!(results.iter().all(ChangeResult::is_done), "{:#?}", results);
        let (again, _) = self.plan(files).await;
        prop_assert_eq!(again.outcome(), Outcome::InSync, "{:#?}", again.changes);
        Ok(())
    }
}

/// Each open question about the service answered the other way round.
fn other_switches() -> Switches {
    let strict = Switches::default();
    Switches {
        clear_omitted_fields: !strict.clear_omitted_fields,
        new_ids_when_omitted: !strict.new_ids_when_omitted,
        fill_in_keywords: !strict.fill_in_keywords,
        keep_order: !strict.keep_order,
        ..strict
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn plan_after_apply_is_empty_and_ids_survive(first in files(), second in files(), strict in any::<bool>()) {
        let switches = if strict { Switches::default() } else { other_switches() };
        runtime().block_on(async {
            let account = Account::new(switches).await;
            account.bring_to(&first).await?;
            let (_, before) = account.plan(&second).await;
            account.bring_to(&second).await?;
            let (_, after) = account.plan(&second).await;
            prop_assert_eq!(object_ids(&before), object_ids(&after));
            prop_assert_eq!(ids::lost(&before, &after), [""; 0]);
            let renamed = first.renamed();
            account.bring_to(&renamed).await?;
            let (_, last) = account.plan(&renamed).await;
            let ids = |actual: &Actual| object_ids(actual).into_values().collect::<BTreeSet<String>>();
            prop_assert_eq!(ids(&after), ids(&last));
            let refused: Vec<_> =
                account.emulator.requests().into_iter().filter(|request| request.status != Some(200)).collect();
            prop_assert!(refused.is_empty(), "{:#?}", refused);
            Ok(())
        })?;
    }
}
