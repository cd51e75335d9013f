//! For whom passkeys are made: this server, under the name by which browsers reach it.
//!
//! A passkey belongs to a name, which an address is not (section 5.1.3, "effective domain"), and
//! browsers offer passkeys only in secure contexts: by https, or on localhost.

use protocol::ErrorCode;
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

use super::{challenges, fault};
use crate::services::ServiceError;

/// What browsers call the server beside its name.
const NAME: &str = "Natter";

/// The server as passkeys know it, to browsers that reach it at `origin`. Other ports and subdomains
/// are somebody else. Made anew each time, because it is nothing but these names and a hash.
pub fn relying_party(origin: &str) -> Result<Webauthn, ServiceError> {
    let origin = Url::parse(origin).map_err(|_| unavailable())?;
    let name = origin.domain().ok_or_else(unavailable)?;
    if origin.scheme() != "https" && name != "localhost" {
        return Err(unavailable());
    }
    WebauthnBuilder::new(name, &origin)
        .and_then(|builder| builder.rp_name(NAME).timeout(challenges::LENGTH).build())
        .map_err(fault)
}

/// The answer where browsers have no passkeys for this server.
pub fn unavailable() -> ServiceError {
    ServiceError::refused(
        ErrorCode::PasskeysUnavailable,
        "Passkeys do not work at this address. They need a server that is reached by its name and https, or at localhost; whoever runs it says so by NATTER_PUBLIC_ORIGIN.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_https_and_localhost_have_passkeys() {
        for origin in [
            "https://chat.example",
            "https://chat.example:8443",
            "https://intranet",
            "http://localhost:3000",
            "https://localhost",
        ] {
            let party = relying_party(origin).expect("a relying party");
            let origins = party.get_allowed_origins();
            assert_eq!(origins, [Url::parse(origin).expect("an origin")]);
        }
    }

    #[test]
    fn an_address_and_a_name_without_https_have_none() {
        for origin in [
            "http://127.0.0.1:3000",
            "https://127.0.0.1",
            "https://[::1]:3000",
            "https://192.0.2.1",
            "http://chat.example",
            "http://localhost.chat.example",
            "chat.example",
            "",
        ] {
            let Err(ServiceError::Refused(refusal)) = relying_party(origin) else {
                panic!("{origin:?} is no relying party");
            };
            assert_eq!(refusal.code, ErrorCode::PasskeysUnavailable, "{origin:?}");
        }
    }
}
