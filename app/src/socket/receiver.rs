//! What the server pushes, each kind of it in one exhaustive match.

use protocol::{
    Message, Receipt,
    events::{
        Delivered, DeliveryStatus, GroupChanged, GroupLeft, MessageEvent, NewGroup,
        PresenceChanged, Resync, ServerEvent, SessionEnded, UserChanged,
    },
};
use socketio_client::Client;

use super::Service;
use crate::{
    browser,
    state::{conversations::Known, recipient::Recipient},
};

impl Service {
    /// Subscribes to every event there is.
    pub(super) fn listen(&'static self, client: &Client) {
        client
            .on_with_ack::<MessageEvent>(ServerEvent::RESPONSE, move |event, ack| {
                self.receive(ServerEvent::Response(event));
                // After it is taken in, because this is what the sender sees as delivered.
                if let (Some(ack), Some(receiver)) = (ack, self.viewer()) {
                    let _ = ack.send(&Delivered {
                        success: true,
                        receiver,
                    });
                }
            })
            .forget();
        client
            .on::<DeliveryStatus>(
                ServerEvent::UPDATE_DELIVERY_STATUS_ON_CONNECTION,
                move |event| {
                    self.receive(ServerEvent::UpdateDeliveryStatusOnConnection(event));
                },
            )
            .forget();
        client
            .on::<Receipt>(ServerEvent::RECEIPT, move |event| {
                self.receive(ServerEvent::Receipt(event));
            })
            .forget();
        client
            .on::<PresenceChanged>(ServerEvent::PRESENCE, move |event| {
                self.receive(ServerEvent::Presence(event));
            })
            .forget();
        client
            .on::<UserChanged>(ServerEvent::USER_CHANGED, move |event| {
                self.receive(ServerEvent::UserChanged(event));
            })
            .forget();
        client
            .on::<NewGroup>(ServerEvent::NEW_GROUP, move |event| {
                self.receive(ServerEvent::NewGroup(event));
            })
            .forget();
        client
            .on::<GroupChanged>(ServerEvent::GROUP_CHANGED, move |event| {
                self.receive(ServerEvent::GroupChanged(event));
            })
            .forget();
        client
            .on::<GroupLeft>(ServerEvent::GROUP_LEFT, move |event| {
                self.receive(ServerEvent::GroupLeft(event));
            })
            .forget();
        client
            .on::<Resync>(ServerEvent::RESYNC, move |event| {
                self.receive(ServerEvent::Resync(event));
            })
            .forget();
        client
            .on::<SessionEnded>(ServerEvent::TOKEN_EXPIRED, move |event| {
                self.receive(ServerEvent::TokenExpired(event));
            })
            .forget();
    }

    fn receive(&'static self, event: ServerEvent) {
        let Some(viewer) = self.viewer() else { return };
        let conversations = self.state.conversations;
        match event {
            ServerEvent::Response(event) => self.place(event.response),
            ServerEvent::UpdateDeliveryStatusOnConnection(status) => {
                let known = conversations.try_update(|list| list.delivery(&status, &viewer));
                self.place(status.response);
                self.refetch_unless(known);
            }
            ServerEvent::Receipt(receipt) => self.move_position(&receipt),
            // For clients that do not resync.
            ServerEvent::OnlineStatus(_) => {}
            ServerEvent::Presence(changed) => {
                let known = self
                    .state
                    .people
                    .try_update(|people| people.presence(&changed, &viewer, browser::now()));
                if known == Some(false) {
                    self.resync();
                }
            }
            ServerEvent::UserChanged(change) if change.username == viewer => {
                self.state
                    .session
                    .update(|session| session.rename(change.display_name));
            }
            ServerEvent::UserChanged(change) => {
                self.state.people.update(|people| people.change(change));
            }
            ServerEvent::NewGroup(group) => {
                conversations.update(|list| list.add_group(group.conversation, &viewer));
            }
            ServerEvent::GroupChanged(change) => {
                let known = conversations.try_update(|list| list.change_group(change, &viewer));
                self.refetch_unless(known);
            }
            ServerEvent::GroupLeft(group) => {
                conversations.update(|list| list.leave(&group.group_id));
            }
            // Heard by what comes later.
            ServerEvent::GroupEvent(_) | ServerEvent::UserTyping(_) => {}
            ServerEvent::Resync(_) => self.resync(),
            // Another tab may have begun a new one meanwhile, which all of them share.
            ServerEvent::TokenExpired(_) => self.check_session(),
        }
    }

    /// Puts a stored message where it belongs: it leaves the outbox, and shows in its timeline and
    /// in the list.
    pub(super) fn place(&'static self, message: Message) {
        let Some(viewer) = self.viewer() else { return };
        let Some(recipient) = Recipient::of_message(&message, &viewer) else {
            return;
        };
        let known = self
            .state
            .conversations
            .try_update(|list| list.receive(&message, &viewer));
        let at_end = self
            .state
            .places
            .with_value(|places| places.is_at_end(&recipient));
        let timeline = self
            .state
            .timelines
            .with_value(|timelines| timelines.get(&recipient));
        self.settle(&message);
        if let Some(timeline) = timeline {
            timeline.update(|timeline| timeline.receive(message, at_end));
            self.fill(&recipient);
        }
        self.send_waiting();
        self.refetch_unless(known);
    }

    pub(super) fn move_position(&'static self, receipt: &Receipt) {
        if let Some(viewer) = self.viewer() {
            let update = |known| self.refetch_unless(known);
            update(
                self.state
                    .conversations
                    .try_update(|list| list.receipt(receipt, &viewer)),
            );
        }
    }

    pub(super) fn refetch_unless(&'static self, known: Option<Known>) {
        if known == Some(Known::No) {
            self.resync();
        }
    }
}
