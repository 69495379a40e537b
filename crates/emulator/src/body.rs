//! The body of a response, which an injected fault may cut short.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use thiserror::Error;

/// The connection is closed without a complete response: an injected fault, or the client disconnected.
#[derive(Debug, Error)]
#[error("closed without a complete response")]
pub(crate) struct Closed;

/// A body, or a part of one that the connection ends after.
#[derive(Debug, Default)]
pub(crate) struct Part {
    bytes: Option<Bytes>,
    is_cut: bool,
    /// Whether a cut part has been given to the connection.
    is_sent: bool,
}

impl Part {
    /// A complete body.
    pub(crate) fn complete(bytes: Bytes) -> Self {
        Self { bytes: Some(bytes).filter(|bytes| !bytes.is_empty()), is_cut: false, is_sent: false }
    }

    /// The first half of the body, and the length of the complete one.
    pub(crate) fn cut(self) -> (Self, usize) {
        let length = self.bytes.as_ref().map_or(0, Bytes::len);
        let half = self.bytes.map(|bytes| bytes.slice(..length / 2));
        // Without a body, a length that the connection does not reach.
        (Self { bytes: half, is_cut: true, is_sent: false }, length.max(1))
    }
}

impl Body for Part {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if !self.is_cut {
            return Poll::Ready(None);
        }
        if self.is_sent {
            return Poll::Ready(Some(Err(Closed)));
        }
        // The connection sends what it has while it waits; an error would discard it.
        self.is_sent = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && !self.is_cut
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.bytes.as_ref().map_or(0, Bytes::len);
        if self.is_cut { SizeHint::default() } else { SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX)) }
    }
}
