//! One WebSocket, from its handshake to its end.

use std::collections::VecDeque;
use std::future::{pending, poll_fn};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::connector::{self, Connector, Stream};
use crate::connection::LineId;
use crate::engine::Frame;
use crate::packet::MAX_TEXT_BYTES;
use crate::transport::{BoxFuture, Endpoint};

pub(super) type Request = tokio_tungstenite::tungstenite::http::Request<()>;
type Socket = WebSocketStream<Stream>;

/// How long a line that is being closed may take to send what is left and say goodbye.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What a line has to say.
pub(super) enum News {
    Opened(LineId),
    Frame(LineId, Frame<'static>),
    Closed(LineId, String),
}

/// The line of a client, if it has one.
pub(super) enum Line {
    None,
    Opening {
        id: LineId,
        socket: BoxFuture<Result<Socket, String>>,
    },
    Open {
        id: LineId,
        socket: Box<Socket>,
        queue: VecDeque<Message>,
    },
}

/// The request that opens the WebSocket.
pub(super) fn request(endpoint: &Endpoint, sid: Option<&str>) -> Result<Request, String> {
    let url = endpoint.websocket_url(&endpoint.origin, sid)?;
    let mut request = url
        .into_client_request()
        .map_err(|error| error.to_string())?;
    for (name, value) in &endpoint.headers {
        let invalid = |_| ["The header ", name, " is not valid."].concat();
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid(()))?;
        let value = HeaderValue::from_str(value).map_err(|_| invalid(()))?;
        request.headers_mut().append(header, value);
    }
    Ok(request)
}

impl Line {
    pub(super) fn open(id: LineId, request: Request, connector: Connector) -> Self {
        // The type digit of Engine.IO comes on top of what a packet may have.
        let limit = Some(MAX_TEXT_BYTES + 1);
        let config = WebSocketConfig::default()
            .max_message_size(limit)
            .max_frame_size(limit);
        let socket = async move {
            let stream = connector::connect(connector, request.uri()).await?;
            match client_async_with_config(request, stream, Some(config)).await {
                Ok((socket, _response)) => Ok(socket),
                Err(Error::Http(response)) => {
                    Err(["The server answered ", &response.status().to_string(), "."].concat())
                }
                Err(error) => Err(connector::sentence(&error)),
            }
        };
        Self::Opening {
            id,
            socket: Box::pin(socket),
        }
    }

    /// Queues a frame. It is written while [`news`](Self::news) is awaited.
    pub(super) fn send(&mut self, line: LineId, frame: Frame<'static>) {
        if let Self::Open { id, queue, .. } = self
            && *id == line
        {
            queue.push_back(match frame {
                Frame::Text(text) => Message::text(text.into_owned()),
                Frame::Binary(bytes) => Message::binary(bytes.into_owned()),
            });
        }
    }

    pub(super) fn close(&mut self, line: LineId) {
        if let Self::Opening { id, .. } | Self::Open { id, .. } = self
            && *id == line
        {
            std::mem::replace(self, Self::None).finish();
        }
    }

    /// Sends what is left and says goodbye, without anybody waiting for it.
    pub(super) fn finish(self) {
        if let Self::Open {
            mut socket, queue, ..
        } = self
        {
            tokio::spawn(tokio::time::timeout(CLOSE_TIMEOUT, async move {
                for message in queue {
                    socket.feed(message).await?;
                }
                WebSocketStream::close(&mut socket, None).await
            }));
        }
    }

    /// Waits for something to happen, and sends what is queued meanwhile. May be dropped and
    /// called again at any time.
    pub(super) async fn news(&mut self) -> News {
        if let Self::Opening { id, socket } = self {
            let id = *id;
            match socket.await {
                Ok(socket) => {
                    *self = Self::Open {
                        id,
                        socket: Box::new(socket),
                        queue: VecDeque::new(),
                    };
                    return News::Opened(id);
                }
                Err(message) => return News::Closed(id, message),
            }
        }
        let Self::Open { id, socket, queue } = self else {
            return pending().await;
        };
        let result = poll_fn(|context| {
            if let Err(error) = poll_write(socket, queue, context) {
                return Poll::Ready(Err(error.to_string()));
            }
            poll_read(socket, context)
        });
        match result.await {
            Ok(frame) => News::Frame(*id, frame),
            Err(message) => News::Closed(*id, message),
        }
    }
}

/// Writes as much of the queue as the socket takes.
fn poll_write(
    socket: &mut Socket,
    queue: &mut VecDeque<Message>,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    while !queue.is_empty() {
        match socket.poll_ready_unpin(context)? {
            Poll::Ready(()) => {}
            Poll::Pending => return Ok(()),
        }
        if let Some(message) = queue.pop_front() {
            socket.start_send_unpin(message)?;
        }
    }
    match socket.poll_flush_unpin(context)? {
        Poll::Ready(()) | Poll::Pending => Ok(()),
    }
}

/// Reads the next frame that means something to Engine.IO.
fn poll_read(
    socket: &mut Socket,
    context: &mut Context<'_>,
) -> Poll<Result<Frame<'static>, String>> {
    loop {
        let message = match socket.poll_next_unpin(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => return Poll::Ready(Err("The server closed the line.".to_owned())),
            Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error.to_string())),
            Poll::Ready(Some(Ok(message))) => message,
        };
        match message {
            Message::Text(text) => {
                return Poll::Ready(Ok(Frame::Text(text.as_str().to_owned().into())));
            }
            Message::Binary(bytes) => return Poll::Ready(Ok(Frame::Binary(bytes.to_vec().into()))),
            // The library answers these itself.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }
}
