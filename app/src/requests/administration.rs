//! People, invitations, registration and the audit log, for owners and admins.

use protocol::{
    Username,
    administration::{
        AuditEntry, Invitation, InvitationRequest, ManagedPerson, NewLink, PersonChange,
        ServerSettings,
    },
};

use super::{Refusal, Requests, json};
use crate::api::Method;

impl Requests {
    pub async fn people(self) -> Result<Vec<ManagedPerson>, Refusal> {
        self.ask(Method::Get, "/web/admin/people", None).await
    }

    /// Gives somebody another role, or takes or gives back their right to sign in.
    pub async fn change_person(
        self,
        username: Username,
        change: PersonChange,
    ) -> Result<(), Refusal> {
        self.tell(Method::Patch, &person(&username, ""), json(&change))
            .await
    }

    /// A link by which somebody sets a new password.
    pub async fn make_reset_link(self, username: Username) -> Result<NewLink, Refusal> {
        self.ask(Method::Post, &person(&username, "/reset"), None)
            .await
    }

    /// Ends every session of somebody.
    pub async fn sign_out_person(self, username: Username) -> Result<(), Refusal> {
        self.tell(Method::Post, &person(&username, "/sign-out"), None)
            .await
    }

    /// The invitations that still hold.
    pub async fn invitations(self) -> Result<Vec<Invitation>, Refusal> {
        self.ask(Method::Get, "/web/admin/invitations", None).await
    }

    pub async fn invite(self, invitation: InvitationRequest) -> Result<NewLink, Refusal> {
        let body = json(&invitation);
        self.ask(Method::Post, "/web/admin/invitations", body).await
    }

    pub async fn revoke_invitation(self, id: String) -> Result<(), Refusal> {
        let address = ["/web/admin/invitations/", &id].concat();
        self.tell(Method::Delete, &address, None).await
    }

    pub async fn server_settings(self) -> Result<ServerSettings, Refusal> {
        self.ask(Method::Get, "/web/admin/settings", None).await
    }

    pub async fn change_server_settings(
        self,
        settings: ServerSettings,
    ) -> Result<ServerSettings, Refusal> {
        let body = json(&settings);
        self.ask(Method::Patch, "/web/admin/settings", body).await
    }

    /// A page of the audit log, newest first: what came before an entry, or the end.
    pub async fn audit(self, before: Option<i64>) -> Result<Vec<AuditEntry>, Refusal> {
        let address = match before {
            Some(before) => ["/web/admin/audit?before=", &before.to_string()].concat(),
            None => "/web/admin/audit".to_owned(),
        };
        self.ask(Method::Get, &address, None).await
    }
}

/// Nothing in a username means anything in an address.
fn person(username: &Username, what: &str) -> String {
    ["/web/admin/people/", username.as_str(), what].concat()
}
