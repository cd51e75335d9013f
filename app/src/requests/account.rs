//! One's own account, and where one is signed in.

use protocol::{
    DisplayName, Secret,
    account::{
        Account, AccountChange, Confirmation, Device, Passkey, PasskeyAnswer, PasskeyChallenge,
        PasswordChange, Privacy, RecoveryCodes,
    },
};

use super::{Refusal, Requests, json, passkeys};
use crate::{api::Method, language::translate};

impl Requests {
    pub async fn account(self) -> Result<Account, Refusal> {
        self.ask(Method::Get, "/web/account", None).await
    }

    /// Gives oneself another display name.
    pub async fn rename(self, name: String) -> Result<Account, Refusal> {
        let display_name = DisplayName::parse(&name)?.as_str().to_owned();
        let change = AccountChange { display_name };
        self.ask(Method::Patch, "/web/account", json(&change)).await
    }

    /// Sets what others see of one.
    pub async fn set_privacy(self, privacy: Privacy) -> Result<Privacy, Refusal> {
        self.ask(Method::Post, "/web/account/privacy", json(&privacy))
            .await
    }

    /// Every other session ends by it.
    pub async fn change_password(
        self,
        current: Option<String>,
        new: String,
    ) -> Result<(), Refusal> {
        let change = PasswordChange {
            current: current.map(Secret::new),
            new: Secret::new(new),
        };
        self.tell(Method::Post, "/web/account/password", json(&change))
            .await
    }

    /// Makes codes in the place of all earlier ones.
    pub async fn make_recovery_codes(self) -> Result<RecoveryCodes, Refusal> {
        self.ask(Method::Post, "/web/account/recovery-codes", None)
            .await
    }

    pub async fn deactivate_own(self) -> Result<(), Refusal> {
        self.tell(Method::Post, "/web/account/deactivate", None)
            .await
    }

    /// Lets the browser make a passkey, and keeps it under a name.
    pub async fn add_passkey(self, name: String) -> Result<Passkey, Refusal> {
        if name.trim().is_empty() {
            return Err(Refusal::on(
                "name",
                translate("Give it a name that says where it is, such as “my phone”."),
            ));
        }
        let start = "/web/account/passkeys/start";
        let challenge: PasskeyChallenge = self.ask(Method::Post, start, None).await?;
        let answer = PasskeyAnswer {
            credential: passkeys::create(&challenge.options).await?,
            id: challenge.id,
            name: Some(name.trim().to_owned()),
        };
        self.ask(Method::Post, "/web/account/passkeys", json(&answer))
            .await
    }

    pub async fn remove_passkey(self, id: String) -> Result<(), Refusal> {
        let address = ["/web/account/passkeys/", &id].concat();
        self.tell(Method::Delete, &address, None).await
    }

    /// Where one is signed in.
    pub async fn devices(self) -> Result<Vec<Device>, Refusal> {
        self.ask(Method::Get, "/web/sessions", None).await
    }

    /// Ends the session of one device. That of this one takes its cookie along.
    pub async fn sign_out(self, device: Device) -> Result<(), Refusal> {
        if device.current {
            return self.tell(Method::Post, "/web/logout", None).await;
        }
        let address = ["/web/sessions/", &device.id].concat();
        self.tell(Method::Delete, &address, None).await
    }

    pub async fn sign_out_elsewhere(self) -> Result<(), Refusal> {
        self.tell(Method::Post, "/web/sessions/end-others", None)
            .await
    }

    /// Proves by the password who one is.
    pub async fn confirm(self, password: String) -> Result<(), Refusal> {
        if password.is_empty() {
            return Err(Refusal::on("password", translate("Type your password.")));
        }
        let password = Secret::new(password);
        let proof = Confirmation { password };
        self.tell(Method::Post, "/web/confirm", json(&proof)).await
    }

    /// Proves by a passkey who one is.
    pub async fn confirm_by_passkey(self) -> Result<(), Refusal> {
        let start = "/web/confirm/passkey/start";
        let challenge: PasskeyChallenge = self.ask(Method::Post, start, None).await?;
        let answer = PasskeyAnswer {
            credential: passkeys::get(&challenge.options).await?,
            id: challenge.id,
            name: None,
        };
        self.tell(Method::Post, "/web/confirm/passkey", json(&answer))
            .await
    }
}
