//! The operation that reads findings: those of the account, and of the accounts that it administers.

use serde_json::Value;

use crate::protocol::operation::{Context, Everywhere, Outcome};
use crate::protocol::service_options::ServiceOptions;
use crate::security_hub::finding_filters::{self, Filters};
use crate::security_hub::findings::{ControlFindings, Origin};
use crate::security_hub::standards::{self, Standard, StandardControl};
use crate::security_hub::state::SecurityHubState;
use crate::security_hub::subscriptions;

/// The generator of findings that has one for each standard.
const FOR_EACH_STANDARD: &str = "STANDARD_CONTROL";

type Here<'a> = Context<'a, ServiceOptions>;

pub(crate) fn get(all: &Everywhere<SecurityHubState>, context: &Here, input: &Value) -> Outcome {
    all.own.hub(context.account)?;
    let (filters, order) = (Filters::of(input)?, finding_filters::order(input)?);
    let list = format!("findings/{}/{}", input["Filters"], input["SortCriteria"]);
    if order.is_empty() {
        let items = |after: Option<&str>| from(all, context, &filters, after);
        return subscriptions::page_from(context, input, &list, "Findings", items);
    }
    let mut findings: Vec<(String, Value)> = from(all, context, &filters, None).collect();
    finding_filters::sort(&order, &mut findings);
    let numbered = findings.into_iter().enumerate().map(|(number, (_, finding))| (format!("{number:012}"), finding));
    subscriptions::page(context, input, &list, "Findings", numbered)
}

/// The accounts whose findings the request sees. Findings of other Regions are not aggregated.
fn accounts<'a>(
    all: &'a Everywhere<'a, SecurityHubState>,
    context: &'a Here<'a>,
) -> impl Iterator<Item = (&'a str, &'a SecurityHubState)> {
    all.places.iter().filter_map(move |((account, region), state)| {
        let is_seen = *account == context.account || state.administrator.as_deref() == Some(context.account);
        (is_seen && *region == context.region && state.hub.is_some()).then_some((*account, *state))
    })
}

/// The findings with their keys, from a key on.
fn from<'a>(
    all: &'a Everywhere<'a, SecurityHubState>,
    context: &'a Here<'a>,
    filters: &'a Filters<'a>,
    after: Option<&str>,
) -> impl Iterator<Item = (String, Value)> + use<'a> {
    // Account, control and number of the finding that the page starts after.
    let mut parts = after.unwrap_or_default().split('\0').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let (first_account, first_control, first) = (part(), part(), part().parse().unwrap_or(0));
    let start = format!("{first_account}\0{first_control}\0");
    let controls = accounts(all, context).filter(|(account, _)| filters.accept_account(account));
    let controls = controls.flat_map(|(account, state)| {
        state
            .findings
            .iter()
            .map(move |(control, findings)| (format!("{account}\0{control}\0"), account, state, control, findings))
    });
    let controls = controls.filter(move |(_, _, _, control, _)| filters.accept_control(control));
    let later = start.clone();
    controls.filter(move |(key, ..)| *key >= later).flat_map(move |(key, account, state, control, findings)| {
        let first = if key == start { first } else { 0 };
        let reader = Reader::new(account, context.region, state, control);
        let views = of_control(reader, findings, first).map(move |(rest, view)| (format!("{key}{rest}"), view));
        views.filter(|(_, view)| filters.accept(view))
    })
}

/// A control of an account, and the standards that its findings are for.
struct Reader<'a> {
    account: &'a str,
    region: &'a str,
    control: &'a str,
    severity: &'static str,
    standards: Vec<Standard>,
    /// One of each standard, or `None` once if findings are consolidated. Nothing if no enabled standard has the control.
    copies: Vec<Option<StandardControl>>,
}

impl<'a> Reader<'a> {
    fn new(account: &'a str, region: &'a str, state: &SecurityHubState, control: &'a str) -> Self {
        let enabled: Vec<StandardControl> = standards::controls()
            .filter(|of| of.id == control && state.subscriptions.contains_key(&of.standard))
            .collect();
        let severity = enabled.first().map_or("MEDIUM", |of| of.severity);
        let standards = enabled.iter().map(|of| of.standard).collect();
        let is_split = state.hub.as_ref().is_some_and(|hub| hub.control_finding_generator == FOR_EACH_STANDARD);
        let copies = if is_split || enabled.is_empty() { enabled.into_iter().map(Some).collect() } else { vec![None] };
        Self { account, region, control, severity, standards, copies }
    }
}

fn of_control<'a>(
    reader: Reader<'a>,
    findings: &'a ControlFindings,
    first: u64,
) -> impl Iterator<Item = (String, Value)> + use<'a> {
    findings.from(first).flat_map(move |(number, finding)| {
        let Reader { account, region, control, severity, standards, copies } = &reader;
        let views = copies.iter().enumerate().map(|(copy, standard)| {
            let origin = Origin { account, region, standards, standard: *standard };
            (format!("{number:012}\0{copy}"), finding.on_wire(&origin, control, severity))
        });
        views.collect::<Vec<_>>()
    })
}
