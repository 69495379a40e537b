//! HTTP: connections, bodies, and the path of a request through faults and rate to its service.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::access;
use crate::admin;
use crate::body::{Closed, Part};
use crate::call::{self, Call, Head, Job};
use crate::faults::Effect;
use crate::options::Options;
use crate::protocol::caller::Caller;
use crate::protocol::reply::Reply;
use crate::requests::Request;
use crate::service::{self, Failure, Service};
use crate::shared::Shared;

/// Maximum length of a body, in bytes. The longest body within the limits is a control with 100 data sources of escaped
/// text, about 3 MB; the maximum of the service is not documented.
const MAX_BODY: usize = 8 << 20;

/// A longer body is received and discarded up to this length, so that its sender can read the response.
const MAX_DISCARD: usize = 64 << 20;

/// Time that requests in progress have to finish when the emulator stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Accepts connections until `stop` changes, then finishes the requests in progress.
///
/// Returns the number of connections that were still open after the timeout.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, mut stop: watch::Receiver<bool>) -> usize {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&shared), stop.clone()));
                }
                // Most likely out of file descriptors, until other connections close.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
            _ = stop.changed() => break,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let all_done = timeout(STOP_TIMEOUT, async { while connections.join_next().await.is_some() {} });
    let _ = all_done.await;
    connections.len()
}

async fn connection(stream: TcpStream, shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    // Without it, small responses are delayed; an error is harmless.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        // A separate task: a request that was received is processed, even if its client disconnects.
        let answer = tokio::spawn(async move { respond(&shared, request).await });
        async move { answer.await.unwrap_or(Err(Closed)) }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // The client sees an error of the connection itself.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

async fn respond(shared: &Shared, request: hyper::Request<Incoming>) -> Result<Response<Part>, Closed> {
    let (head, body) = request.into_parts();
    let method = head.method.as_str();
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let body = read(body).await?;
    if let Some(path) = path.strip_prefix("/_emulator/") {
        return Ok(administered(shared, method, path, body.as_deref().unwrap_or_default()).await);
    }
    let header = |name| head.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let authorization = header(AUTHORIZATION.as_str());
    let target = header("x-amz-target").unwrap_or_default();
    let sent = body.as_deref().unwrap_or_default();
    let found = call::find(Head { method, path, query, authorization, target, body: sent });
    let caller = Caller::of(authorization, header("x-amz-security-token"), shared.store.read().place().0);
    let operation = found.as_ref().map_or_else(|_| String::new(), Call::name);
    let service = found.as_ref().map_or_else(|(service, _)| *service, Call::service);
    let number = shared.log.received(Request {
        operation: operation.clone(),
        account: caller.account.clone(),
        method: method.to_owned(),
        path: head.uri.path_and_query().map_or_else(String::new, ToString::to_string),
        status: None,
        body: found
            .as_ref()
            .map_or_else(|_| serde_json::from_slice(sent).unwrap_or_default(), |call| call.logged(sent)),
    });
    let effect = shared.faults.next(&operation, &caller.account);
    let work = process(shared, found, &caller, service::region_of(authorization), body.as_deref());
    if matches!(effect, Some(Effect::CloseBeforeWork)) {
        return Err(Closed);
    }
    let reply = with_effect(shared, effect, service, number, work).await;
    if effect == Some(Effect::CloseAfterWork) {
        return Err(Closed);
    }
    let response = match effect {
        Some(Effect::CutShort) => cut(response(&reply, bytes_of(&reply))),
        Some(Effect::Malformed) => response(&replaced(reply), Bytes::from_static(b"<html>{")),
        Some(Effect::Empty) => {
            let name = operation.rsplit(':').next().unwrap_or_default();
            response(&replaced(reply), Bytes::from(service.empty(name)))
        }
        _ => response(&reply, bytes_of(&reply)),
    };
    shared.log.answered(number, response.status().as_u16());
    Ok(response)
}

/// The reply to a request, with the effect of a fault on when and whether it is processed.
async fn with_effect(
    shared: &Shared,
    effect: Option<Effect>,
    service: Service,
    number: u64,
    work: impl Future<Output = Reply>,
) -> Reply {
    match effect {
        Some(Effect::Delay { millis }) => {
            sleep(Duration::from_millis(millis)).await;
            work.await
        }
        Some(Effect::DelayAfterWork { millis }) => {
            let reply = work.await;
            shared.log.answered(number, reply.status);
            sleep(Duration::from_millis(millis)).await;
            reply
        }
        Some(effect) if effect.prevents_work() => injected(service, effect, &shared.options()),
        Some(effect @ Effect::FailAfterWork { .. }) => {
            work.await;
            injected(service, effect, &shared.options())
        }
        _ => work.await,
    }
}

/// The response of a path under `/_emulator/`.
async fn administered(shared: &Shared, method: &str, path: &str, body: &[u8]) -> Response<Part> {
    let (status, answer) = admin::answer(shared, method, path, body).await;
    let reply = Reply::json(status, "application/json", None, Some(answer));
    response(&reply, bytes_of(&reply))
}

/// The response of a fault that replaces that of the service.
fn injected(service: Service, effect: Effect, options: &Options) -> Reply {
    let failure = match effect {
        Effect::Refuse => Failure::Refused("The request is not accepted".to_owned()),
        Effect::Deny => Failure::Denied("You are not authorized to perform this action".to_owned()),
        Effect::Throttle => Failure::Throttled,
        Effect::Fail { status } | Effect::FailAfterWork { status } => {
            Failure::Server(status, "Injected fault".to_owned())
        }
        _ => Failure::Server(500, "Injected fault".to_owned()),
    };
    service.failure(failure, options)
}

/// A success, whatever the service would respond.
fn replaced(reply: Reply) -> Reply {
    Reply { status: 200, error_type: None, ..reply }
}

fn bytes_of(reply: &Reply) -> Bytes {
    Bytes::from(reply.body.clone())
}

/// Processes a request within the rights of its caller, the rate, the status of the service and its limits.
async fn process(
    shared: &Shared,
    found: Result<Call<'_>, (Service, Reply)>,
    caller: &Caller,
    region: Option<&str>,
    body: Option<&[u8]>,
) -> Reply {
    let call = match found {
        Ok(call) => call,
        Err((_, reply)) => return reply,
    };
    let (service, options) = (call.service(), shared.options().of_account(&caller.account));
    if let Err(failure) = access::check(&shared.store.read(), caller, &call.name()) {
        return service.failure(failure, &options);
    }
    if !is_within_rates(shared, &call, caller, &options) {
        return service.failure(Failure::Throttled, &options);
    }
    let Some(body) = body else {
        let message = format!("The request body is longer than {MAX_BODY} bytes");
        return service.failure(Failure::Refused(message), &options);
    };
    match call.job(body, caller, region, &options) {
        Err(reply) => reply,
        Ok(Job::Read(work)) => work(&shared.store.read()),
        Ok(Job::Write(work)) => match shared.store.write(work).await {
            Ok(Ok(reply) | Err(reply)) => reply,
            Err(not_saved) => {
                let message = format!("The emulator could not write its state file: {}", not_saved.0);
                service.failure(Failure::Server(500, message), &options)
            }
        },
    }
}

/// Whether the service and the operation allow another request of the account.
fn is_within_rates(shared: &Shared, call: &Call<'_>, caller: &Caller, options: &Options) -> bool {
    let (service, name, now) = (call.service(), call.name(), Instant::now());
    let own = name.rsplit(':').next().and_then(|name| service.options(options)?.rates.get(name));
    service.rate(options).is_none_or(|rate| shared.rate.allows(&caller.account, service, rate, now))
        && own.is_none_or(|rate| shared.rate.allows_operation(&caller.account, &name, *rate, now))
}

/// Returns the complete body; `None` if it is too long.
async fn read(mut body: Incoming) -> Result<Option<Vec<u8>>, Closed> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        // The client disconnected in the middle of its request.
        let frame = frame.map_err(|_| Closed)?;
        let data = frame.into_data().unwrap_or_default();
        length += data.len();
        if length <= MAX_BODY {
            bytes.extend_from_slice(&data);
        }
        if length > MAX_DISCARD {
            break;
        }
    }
    Ok((length <= MAX_BODY).then_some(bytes))
}

fn response(reply: &Reply, body: Bytes) -> Response<Part> {
    let mut response = Response::new(Part::complete(body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    if let Ok(id) = HeaderValue::from_str(&reply.request_id.to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    if let Some(error) = reply.error_type {
        headers.insert("x-amzn-errortype", HeaderValue::from_static(error));
    }
    response
}

/// The response with half of its body, but the length of the complete one.
fn cut(response: Response<Part>) -> Response<Part> {
    let (mut head, body) = response.into_parts();
    let (part, length) = body.cut();
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    Response::from_parts(head, part)
}
