//! A request for an operation of a service: finding it, and the job that it is on the state.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::audit_manager::error::{NOT_SET_UP, ServiceError};
use crate::audit_manager::handlers::{self, Handler};
use crate::audit_manager::operation::{self, Operation as AuditOperation};
use crate::audit_manager::options::AccountStatus;
use crate::audit_manager::texts;
use crate::cloud_trail;
use crate::cloud_trail::state::CloudTrailState;
use crate::config;
use crate::config::state::ConfigState;
use crate::event_bridge;
use crate::event_bridge::state::EventBridgeState;
use crate::options::Options;
use crate::protocol::aws_json;
use crate::protocol::caller::Caller;
use crate::protocol::operation::{Context, Everywhere, Operation, Outcome, Work};
use crate::protocol::query::{self, Form};
use crate::protocol::reply::Reply;
use crate::protocol::rest::Found;
use crate::protocol::service_options::ServiceOptions;
use crate::protocol::time::Time;
use crate::security_hub;
use crate::security_hub::operations::HubOperation;
use crate::service::Service;
use crate::state::{Services, State};
use crate::sts;
use crate::sts::state::StsState;

/// The targets of operations, before their names. Clients of CloudTrail have two.
const CONFIG_TARGETS: [&str; 1] = ["StarlingDoveService"];
const EVENT_BRIDGE_TARGETS: [&str; 1] = ["AWSEvents"];
const CLOUD_TRAIL_TARGETS: [&str; 2] =
    ["com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", "CloudTrail_20131101"];

/// What a request says about its operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    /// The header `Authorization`.
    pub(crate) authorization: Option<&'a str>,
    /// The header `X-Amz-Target`.
    pub(crate) target: &'a str,
    /// The body; empty if it is too long.
    pub(crate) body: &'a [u8],
}

/// A request for an operation; its input is not yet parsed.
pub(crate) enum Call<'a> {
    AuditManager(operation::Call<'a>),
    Config(&'static Operation<ConfigState, ServiceOptions>),
    SecurityHub(Found<'a, HubOperation>, &'a str),
    EventBridge(&'static Operation<EventBridgeState, ServiceOptions>),
    CloudTrail(&'static Operation<CloudTrailState, ServiceOptions>),
    Sts(&'static Operation<StsState, ServiceOptions>, Form),
}

/// What a call does with the state. An error of a write leaves it unchanged.
pub(crate) enum Job<'a> {
    Read(Reading<'a>),
    Write(Writing<'a>),
}

type Reading<'a> = Box<dyn FnOnce(&State) -> Reply + Send + 'a>;
type Writing<'a> = Box<dyn FnOnce(&mut State) -> Result<Reply, Reply> + Send + 'a>;

/// Returns the operation of a request. Without one, the service that the request is for, and its response.
pub(crate) fn find(head: Head<'_>) -> Result<Call<'_>, (Service, Reply)> {
    let service = Service::of(head.authorization).map_err(|name| {
        (Service::AuditManager, operation::reply(Err(ServiceError::UnknownService(name.to_owned()))))
    })?;
    let Head { method, path, query, target, body, .. } = head;
    let found = match service {
        Service::AuditManager => {
            operation::find(method, path, query).map(Call::AuditManager).map_err(|error| operation::reply(Err(error)))
        }
        Service::SecurityHub => security_hub::operations::find(method, path)
            .map(|found| Call::SecurityHub(found, query))
            .map_err(|error| security_hub::operations::reply(Err(error))),
        Service::Config => aws_json::find(config::operations::OPERATIONS, &CONFIG_TARGETS, method, target)
            .map(Call::Config)
            .map_err(|error| aws_json::reply(Err(error))),
        Service::EventBridge => {
            aws_json::find(event_bridge::operations::OPERATIONS, &EVENT_BRIDGE_TARGETS, method, target)
                .map(Call::EventBridge)
                .map_err(|error| aws_json::reply(Err(error)))
        }
        Service::CloudTrail => {
            aws_json::find(cloud_trail::operations::OPERATIONS, &CLOUD_TRAIL_TARGETS, method, target)
                .map(Call::CloudTrail)
                .map_err(|error| aws_json::reply(Err(error)))
        }
        Service::Sts => {
            let api = &sts::operations::API;
            let found =
                query::form(body).and_then(|form| Ok((query::find(sts::operations::OPERATIONS, api, &form)?, form)));
            found.map(|(operation, form)| Call::Sts(operation, form)).map_err(|error| query::reply(api, "", Err(error)))
        }
    };
    found.map_err(|reply| (service, reply))
}

impl Call<'_> {
    pub(crate) fn service(&self) -> Service {
        match self {
            Self::AuditManager(_) => Service::AuditManager,
            Self::Config(_) => Service::Config,
            Self::SecurityHub(..) => Service::SecurityHub,
            Self::EventBridge(_) => Service::EventBridge,
            Self::CloudTrail(_) => Service::CloudTrail,
            Self::Sts(..) => Service::Sts,
        }
    }

    /// The name of the operation with its service.
    pub(crate) fn name(&self) -> String {
        let name = match self {
            Self::AuditManager(call) => return self.service().qualified(&call.operation().name()),
            Self::Config(operation) => operation.name,
            Self::SecurityHub(found, _) => found.route.operation.name,
            Self::EventBridge(operation) => operation.name,
            Self::CloudTrail(operation) => operation.name,
            Self::Sts(operation, _) => operation.name,
        };
        self.service().qualified(name)
    }

    /// The input as JSON, as the log of requests has it; null if there is none.
    pub(crate) fn logged(&self, body: &[u8]) -> Value {
        match self {
            Self::Sts(_, form) => {
                form.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
            }
            _ => serde_json::from_slice(body).unwrap_or_default(),
        }
    }

    /// Returns what the request does for its caller, with its input validated. `signed` is the Region that it is signed for,
    /// `options` are those of the caller's account.
    ///
    /// # Errors
    ///
    /// The input is not valid, or the service is not set up; the error is the response.
    pub(crate) fn job<'a>(
        &self,
        body: &[u8],
        caller: &'a Caller,
        signed: Option<&'a str>,
        options: &'a Options,
    ) -> Result<Job<'a>, Reply> {
        let awsjson = |error| aws_json::reply(Err(error));
        let here = |of| {
            let (account, home, region) = (&caller.account, &options.account, &options.region);
            Context { account, home, caller, region, now: Time::now(), options: of }
        };
        match self {
            Self::AuditManager(call) => {
                audit_manager(call, body, options).map_err(|error| operation::reply(Err(error)))
            }
            Self::Config(operation) => {
                let input = aws_json::input(operation.input, body).map_err(awsjson)?;
                let part = Part { signed, of: |services| &services.config, of_mut: |services| &mut services.config };
                Ok(part.job(operation, input, here(&options.config), aws_json::reply))
            }
            Self::EventBridge(operation) => {
                let input = aws_json::input(operation.input, body).map_err(awsjson)?;
                let part = Part {
                    signed,
                    of: |services| &services.event_bridge,
                    of_mut: |services| &mut services.event_bridge,
                };
                Ok(part.job(operation, input, here(&options.event_bridge), aws_json::reply))
            }
            Self::CloudTrail(operation) => {
                let input = aws_json::input(operation.input, body).map_err(awsjson)?;
                let part =
                    Part { signed, of: |services| &services.cloud_trail, of_mut: |services| &mut services.cloud_trail };
                Ok(part.job(operation, input, here(&options.cloud_trail), aws_json::reply))
            }
            Self::SecurityHub(found, query) => {
                let reply = security_hub::operations::reply;
                let input = security_hub::operations::input(found, query, body).map_err(|error| reply(Err(error)))?;
                let part = Part {
                    signed,
                    of: |services| &services.security_hub,
                    of_mut: |services| &mut services.security_hub,
                };
                Ok(part.job(&found.route.operation, input, here(&options.security_hub), reply))
            }
            Self::Sts(operation, form) => sts_job(operation, form, here(&options.sts)),
        }
    }
}

fn audit_manager<'a>(call: &operation::Call<'_>, body: &[u8], options: &'a Options) -> Result<Job<'a>, ServiceError> {
    let options = &options.audit_manager;
    if options.account_status != AccountStatus::Active && call.operation() != AuditOperation::GetAccountStatus {
        return Err(ServiceError::AccessDenied(NOT_SET_UP.into()));
    }
    let input = call.input(body)?;
    Ok(match handlers::handler(call.operation()) {
        Handler::Read(work) => {
            Job::Read(Box::new(move |state| operation::reply(work(&state.audit_manager, options, input))))
        }
        Handler::Write(work) => {
            let input = texts::as_stored(input, &options.switches)?;
            Job::Write(Box::new(move |state| match work(&mut state.audit_manager, options, input) {
                Ok(body) => Ok(operation::reply(Ok(body))),
                Err(error) => Err(operation::reply(Err(error))),
            }))
        }
    })
}

fn sts_job<'a>(
    operation: &'static Operation<StsState, ServiceOptions>,
    form: &Form,
    context: Context<'a, ServiceOptions>,
) -> Result<Job<'a>, Reply> {
    let name = operation.name;
    let reply = move |outcome| query::reply(&sts::operations::API, name, outcome);
    let input = query::input(operation.input, form).map_err(|error| reply(Err(error)))?;
    Ok(match operation.work {
        Work::Read(work) => Job::Read(Box::new(move |state| reply(work(&state.sts, &context, &input)))),
        Work::ReadAll(work) => Job::Read(Box::new(move |state| {
            let all = Everywhere { own: state.sts.as_ref(), places: BTreeMap::new() };
            reply(work(&all, &context, &input))
        })),
        Work::Write(work) => {
            Job::Write(Box::new(move |state| written(work(Arc::make_mut(&mut state.sts), &context, &input), reply)))
        }
    })
}

/// The result of a write.
fn written(outcome: Outcome, reply: impl Fn(Outcome) -> Reply) -> Result<Reply, Reply> {
    match outcome {
        Ok(body) => Ok(reply(Ok(body))),
        Err(error) => Err(reply(Err(error))),
    }
}

/// The part of an account's services that belongs to a service.
struct Part<'a, S> {
    /// The Region that the request is signed for.
    signed: Option<&'a str>,
    of: fn(&Services) -> &Arc<S>,
    of_mut: fn(&mut Services) -> &mut Arc<S>,
}

impl<'a, S: Clone + Send + Sync + 'static> Part<'a, S> {
    fn job<O: Sync>(
        self,
        operation: &'static Operation<S, O>,
        input: Value,
        context: Context<'a, O>,
        reply: fn(Outcome) -> Reply,
    ) -> Job<'a> {
        let Self { signed, of, of_mut } = self;
        let within = move |mut context: Context<'a, O>, state: &State| {
            context.region = state.region(signed, context.region);
            context
        };
        match operation.work {
            Work::Read(work) => Job::Read(Box::new(move |state| {
                let context = within(context, state);
                reply(work(of(&state.services(context.account, context.region)), &context, &input))
            })),
            Work::ReadAll(work) => Job::Read(Box::new(move |state| {
                let context = within(context, state);
                let own = state.services(context.account, context.region);
                let places = state.places().into_iter().map(|(place, services)| (place, of(services).as_ref()));
                let all = Everywhere { own: of(&own).as_ref(), places: places.collect() };
                reply(work(&all, &context, &input))
            })),
            Work::Write(work) => Job::Write(Box::new(move |state| {
                let context = within(context, state);
                let part = of_mut(state.services_mut(context.account, context.region));
                written(work(Arc::make_mut(part), &context, &input), reply)
            })),
        }
    }
}
