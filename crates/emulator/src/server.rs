//! HTTP: connections, bodies, and the path of a request through faults, rate, account status and limits to its handler.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::admin;
use crate::audit_manager::error::{NOT_SET_UP, ServiceError};
use crate::audit_manager::handlers::{self, Handler};
use crate::audit_manager::operation::{self, Answer, Call, Operation};
use crate::audit_manager::options::{AccountStatus, AuditManager};
use crate::audit_manager::texts;
use crate::faults::Effect;
use crate::requests::Request;
use crate::service::Service;
use crate::shared::Shared;

/// Maximum length of a body, in bytes. The longest body within the limits is a control with 100 data sources of escaped
/// text, about 3 MB; the maximum of the service is not documented.
const MAX_BODY: usize = 8 << 20;

/// A longer body is received and discarded up to this length, so that its sender can read the response.
const MAX_DISCARD: usize = 64 << 20;

/// Time that requests in progress have to finish when the emulator stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// The connection is closed without a response: an injected fault, or the client disconnected.
#[derive(Debug, Error)]
#[error("closed without a response")]
struct Closed;

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

async fn respond(shared: &Shared, request: hyper::Request<Incoming>) -> Result<Response<Full<Bytes>>, Closed> {
    let (head, body) = request.into_parts();
    let method = head.method.as_str();
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let body = read(body).await?;
    if let Some(path) = path.strip_prefix("/_emulator/") {
        let (status, answer) = admin::answer(shared, method, path, body.as_deref().unwrap_or_default()).await;
        return Ok(response(status, None, Some(&answer)));
    }

    let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let found = match Service::of(authorization) {
        Ok(service) => operation::find(method, path, query).map(|call| (service, call)),
        Err(name) => Err(ServiceError::UnknownService(name.to_owned())),
    };
    let operation =
        found.as_ref().map_or_else(|_| String::new(), |(service, call)| service.qualified(&call.operation.name()));
    let number = shared.log.received(Request {
        operation: operation.clone(),
        method: method.to_owned(),
        path: head.uri.path_and_query().map_or_else(String::new, ToString::to_string),
        status: None,
        body: body.as_ref().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default(),
    });
    let answer = match shared.faults.next(&operation) {
        None => process(shared, found, body).await,
        Some(Effect::Delay { millis }) => {
            sleep(Duration::from_millis(millis)).await;
            process(shared, found, body).await
        }
        Some(Effect::DelayAfterWork { millis }) => {
            let answer = process(shared, found, body).await;
            shared.log.answered(number, answer.as_ref().map_or_else(ServiceError::status, |_| 200));
            sleep(Duration::from_millis(millis)).await;
            answer
        }
        Some(Effect::Refuse) => Err(ServiceError::other("The request is not accepted")),
        Some(Effect::Deny) => Err(ServiceError::AccessDenied("You are not authorized to perform this action")),
        Some(Effect::Throttle) => Err(throttled(&shared.options().audit_manager)),
        Some(Effect::Fail { status }) => Err(failed(status)),
        Some(Effect::FailAfterWork { status }) => {
            let _ = process(shared, found, body).await;
            Err(failed(status))
        }
        Some(Effect::CloseBeforeWork) => return Err(Closed),
        Some(Effect::CloseAfterWork) => {
            let _ = process(shared, found, body).await;
            return Err(Closed);
        }
    };
    let response = match &answer {
        Ok(body) => response(200, None, body.as_ref()),
        Err(error) => response(error.status(), Some(error.name()), Some(&error.body())),
    };
    shared.log.answered(number, response.status().as_u16());
    Ok(response)
}

/// Processes a request within the account status, the rate and the limits.
async fn process(shared: &Shared, found: Result<(Service, Call<'_>), ServiceError>, body: Option<Vec<u8>>) -> Answer {
    let (service, call) = found?;
    let options = shared.options().audit_manager;
    if options.rate.is_some_and(|rate| !shared.rate.allows(service, rate, Instant::now())) {
        return Err(throttled(&options));
    }
    if options.account_status != AccountStatus::Active && call.operation != Operation::GetAccountStatus {
        return Err(ServiceError::AccessDenied(NOT_SET_UP));
    }
    let Some(body) = body else {
        return Err(ServiceError::other(format!("The request body is longer than {MAX_BODY} bytes")));
    };
    let input = call.input(&body)?;
    match handlers::handler(call.operation) {
        Handler::Read(work) => work(&shared.store.read().audit_manager, &options, input),
        Handler::Write(work) => {
            let input = texts::as_stored(input, &options.switches)?;
            let written = shared.store.write(|state| work(&mut state.audit_manager, &options, input)).await;
            written.unwrap_or_else(|not_saved| {
                let message = format!("The emulator could not write its state file: {}", not_saved.0);
                Err(ServiceError::InternalServer { status: 500, message })
            })
        }
    }
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

fn response(status: u16, error: Option<&'static str>, body: Option<&Value>) -> Response<Full<Bytes>> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(&Uuid::new_v4().to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    if let Some(error) = error {
        headers.insert("x-amzn-errortype", HeaderValue::from_static(error));
    }
    response
}

fn throttled(options: &AuditManager) -> ServiceError {
    let status = if options.switches.throttle_with_429 { 429 } else { 400 };
    ServiceError::Throttling { status }
}

fn failed(status: u16) -> ServiceError {
    let message = "Injected fault".to_owned();
    ServiceError::InternalServer { status, message }
}
