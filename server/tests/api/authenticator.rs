//! An authenticator with a browser around it, in software: P-256 and attestation "none", as section
//! 6 of Web Authentication has it. It can be told to go wrong in every way that a server has to see.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// What makes an answer, each part of which a test can change.
#[derive(Clone, Debug)]
pub struct Ceremony {
    /// The page's origin, as the browser writes it down.
    pub origin: String,
    /// The page was a frame in another site's.
    pub cross_origin: bool,
    /// For whom the authenticator signs.
    pub rp_id: String,
    pub user_verified: bool,
    /// What the browser says of whether the authenticator remembers whose passkey it is.
    pub discoverable: bool,
}

impl Ceremony {
    /// One as it should be.
    pub fn at(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            cross_origin: false,
            rp_id: "localhost".to_owned(),
            user_verified: true,
            discoverable: true,
        }
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        })
        .to_string()
        .into_bytes()
    }

    fn flags(&self) -> u8 {
        USER_PRESENT | if self.user_verified { USER_VERIFIED } else { 0 }
    }
}

/// One passkey and what keeps it.
pub struct Authenticator {
    key: EcdsaKeyPair,
    pub id: Vec<u8>,
    /// Whose it says that the passkey is; nobody's before it was registered.
    pub user_handle: Option<Vec<u8>>,
    /// How often it has signed. One that stays 0 does not count.
    pub counter: u32,
}

impl Authenticator {
    pub fn new() -> Self {
        Self::with_id(&uuid::Uuid::new_v4().into_bytes())
    }

    pub fn with_id(id: &[u8]) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        Self {
            key,
            id: id.to_vec(),
            user_handle: None,
            counter: 0,
        }
    }

    /// The passkey's id as it is written.
    pub fn id_text(&self) -> String {
        encode(&self.id)
    }

    /// What `JSON.stringify` makes of the credential that `navigator.credentials.create` returns.
    pub fn register(&mut self, ceremony: &Ceremony, options: &Value) -> String {
        let handle = options["user"]["id"].as_str().expect("a user handle");
        self.user_handle = Some(decode(handle));
        let data = self.authenticator_data(ceremony, HAS_CREDENTIAL);
        let attestation = [
            // A map of three, whose texts and bytes come with their lengths (RFC 8949, section 3).
            b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59",
            &length(&data)[..],
            &data,
        ]
        .concat();
        let client_data = ceremony.client_data("webauthn.create", options);
        let response = json!({
            "clientDataJSON": encode(&client_data),
            "attestationObject": encode(&attestation),
            "authenticatorData": encode(&data),
            "publicKeyAlgorithm": -7,
            "transports": ["internal"],
        });
        self.credential(
            response,
            json!({ "credProps": { "rk": ceremony.discoverable } }),
        )
    }

    /// What `JSON.stringify` makes of the credential that `navigator.credentials.get` returns.
    pub fn sign(&mut self, ceremony: &Ceremony, options: &Value) -> String {
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.authenticator_data(ceremony, 0);
        let client_data = ceremony.client_data("webauthn.get", options);
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed);
        let mut response = json!({
            "clientDataJSON": encode(&client_data),
            "authenticatorData": encode(&data),
            "signature": encode(signature.expect("a signature").as_ref()),
        });
        if let Some(handle) = &self.user_handle {
            response["userHandle"] = encode(handle).into();
        }
        self.credential(response, json!({}))
    }

    fn credential(&self, response: Value, extensions: Value) -> String {
        json!({
            "id": self.id_text(),
            "rawId": self.id_text(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": extensions,
            "response": response,
        })
        .to_string()
    }

    /// Section 6.1, with the attested credential data of section 6.5.1 where it is asked for.
    fn authenticator_data(&self, ceremony: &Ceremony, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(&ceremony.rp_id).to_vec();
        data.push(ceremony.flags() | flags);
        data.extend(self.counter.to_be_bytes());
        if flags & HAS_CREDENTIAL != 0 {
            data.extend([0; 16]);
            data.extend(length(&self.id));
            data.extend(&self.id);
            data.extend(self.public_key());
        }
        data
    }

    /// The key as COSE has it (RFC 9053, section 7.1.1).
    fn public_key(&self) -> Vec<u8> {
        let (_, point) = self
            .key
            .public_key()
            .as_ref()
            .split_first()
            .expect("a point");
        let (x, y) = point.split_at(32);
        [
            b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20",
            x,
            b"\x22\x58\x20",
            y,
        ]
        .concat()
    }
}

fn length(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len())
        .expect("not that long")
        .to_be_bytes()
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
