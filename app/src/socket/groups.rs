//! New groups.

use leptos::prelude::*;
use protocol::{
    Conversation,
    events::{Acknowledgement, ClientEvent, CreateGroup},
};
use socketio_client::{AckError, Client};

use super::Service;
use crate::{
    browser,
    reactive::spawn,
    state::actions::{GroupError, NewGroup},
};

impl Service {
    pub(super) fn create_group(&'static self, group: NewGroup) {
        let NewGroup {
            name,
            members,
            done,
        } = group;
        let Some(client) = self.client() else { return };
        let same = self.last_group.borrow().clone().filter(|last| {
            // The same group asked for again is the same request, perhaps one that was answered
            // to nobody.
            last.0 == name && last.1 == members
        });
        let client_id = same.map_or_else(browser::new_client_id, |last| last.2);
        self.last_group
            .replace(Some((name.clone(), members.clone(), client_id)));
        spawn(async move {
            let request = CreateGroup {
                client_id: Some(client_id.to_string()),
                name,
                members,
            };
            let result = ask(&client, &request).await;
            if let (Ok(conversation), Some(viewer)) = (&result, self.viewer()) {
                self.last_group.take();
                let conversation = conversation.clone();
                self.state
                    .conversations
                    .update(|list| list.add_group(conversation, &viewer));
            }
            // The dialog may be gone by now.
            done.try_run(result);
        });
    }
}

async fn ask(client: &Client, request: &CreateGroup) -> Result<Conversation, GroupError> {
    let failed = |message: &str| GroupError {
        message: message.to_owned(),
        field: None,
    };
    let answer = client.emit_with_ack::<Acknowledgement<Conversation>>(CreateGroup::NAME, request);
    match answer.await.map(Acknowledgement::into_result) {
        Ok(Some(Ok(conversation))) => Ok(conversation),
        Ok(Some(Err(error))) => Err(GroupError {
            message: error.message,
            field: error.field,
        }),
        Err(AckError::NotConnected) => Err(failed(
            "There is no connection to the server. Try again once there is.",
        )),
        Ok(None) | Err(_) => Err(failed("The server has not answered. Try again.")),
    }
}
