//! One client event: decode, call the service, acknowledge. Never with silence.

use std::{
    future::Future,
    sync::{Arc, atomic::Ordering},
};

use protocol::{
    ErrorBody, ErrorCode,
    events::{Acknowledgement, ClientEvent},
};
use socketioxide::extract::{AckSender, Event, SocketRef, TryData};

use super::{Context, authenticate::Connection};
use crate::services::{Person, ServiceError, Services};

/// Carries out `E` by `handler` and acknowledges with what came of it.
pub(super) fn on<E, H, F>(
    context: &Arc<Context>,
    socket: &SocketRef,
    connection: &Arc<Connection>,
    handler: H,
) where
    E: ClientEvent + Send + Sync + 'static,
    E::Response: Send,
    H: Fn(Arc<Services>, Arc<Person>, E) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<E::Response, ServiceError>> + Send,
{
    let context = Arc::clone(context);
    let connection = Arc::clone(connection);
    socket.on(
        E::NAME,
        move |TryData(payload): TryData<E>, ack: AckSender| {
            let context = Arc::clone(&context);
            let connection = Arc::clone(&connection);
            async move {
                let services = Arc::clone(&context.services);
                let work = async move {
                    let result = match payload {
                        // Its socket may be too slow to be closed by now.
                        _ if connection.ended.load(Ordering::Acquire) => Err(session_over()),
                        Ok(payload) => match within_limits(&services, &connection.person) {
                            Ok(()) => {
                                handler(services, Arc::clone(&connection.person), payload).await
                            }
                            Err(refusal) => Err(refusal),
                        }
                        .map_err(ServiceError::into_body),
                        Err(_) => Err(invalid_payload(E::NAME)),
                    };
                    acknowledge(ack, &Acknowledgement::from(result));
                };
                context.in_flight.track_future(work).await;
            }
        },
    );
}

fn within_limits(services: &Services, person: &Person) -> Result<(), ServiceError> {
    match &services.limits {
        Some(limits) => limits.events.check(&person.id),
        None => Ok(()),
    }
}

/// Acknowledges an event that does not exist with an error.
pub(super) fn refuse_unknown(socket: &SocketRef) {
    socket.on_fallback(async |_: Event, ack: AckSender| {
        let error = ErrorBody::new(ErrorCode::UnknownEvent, "There is no such event.");
        acknowledge(ack, &Acknowledgement::<()>::from(Err(error)));
    });
}

fn session_over() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::Unauthorized,
        "Your session has ended. Sign in again to go on.",
    )
}

fn invalid_payload(event: &str) -> ErrorBody {
    ErrorBody::new(
        ErrorCode::InvalidPayload,
        format!("The payload of {event} has not the shape that the contract gives it."),
    )
}

fn acknowledge<T: serde::Serialize>(ack: AckSender, acknowledgement: &Acknowledgement<T>) {
    if let Err(error) = ack.send(acknowledgement) {
        // The socket has gone. Whoever it was asks again with the same client id.
        tracing::debug!(%error, "an acknowledgement found no receiver");
    }
}
