//! TLS by rustls, with the crypto provider named: a process may have none by default, or two to
//! choose from.

use std::error::Error;
use std::sync::Arc;

use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::transport::Endpoint;

const HTTP_1_1: &[u8] = b"http/1.1";

pub(in super::super) type Connector = HttpsConnector<HttpConnector>;

pub(super) fn over(tcp: HttpConnector, endpoint: &Endpoint) -> Result<Connector, String> {
    let config = match &endpoint.tls {
        Some(config) => checked(config)?,
        None => trusting_the_system(endpoint.is_secure()).map_err(|error| {
            [
                "The certificates that this system trusts cannot be loaded: ",
                &error.to_string(),
                ".",
            ]
            .concat()
        })?,
    };
    Ok(HttpsConnector::from((tcp, config)))
}

pub(super) fn is_of_tls(error: &(dyn Error + 'static)) -> bool {
    error.is::<rustls::Error>()
}

/// What the program brings, unless the server could take it for a wish to speak HTTP/2.
fn checked(config: &Arc<ClientConfig>) -> Result<Arc<ClientConfig>, String> {
    let mut offered = config.alpn_protocols.iter();
    if offered.any(|protocol| protocol != HTTP_1_1) {
        return Err("By ALPN nothing but http/1.1 may be offered.".to_owned());
    }
    Ok(Arc::clone(config))
}

/// Trusts whom the system trusts. A plain origin asks nobody for a certificate, and nothing is
/// loaded for it.
fn trusting_the_system(is_secure: bool) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = if is_secure {
        config.with_platform_verifier()?
    } else {
        config.with_root_certificates(RootCertStore::empty())
    };
    Ok(Arc::new(config.with_no_client_auth()))
}
