//! No TLS: where the origin asks for it, no attempt is made.

use std::error::Error;

use hyper_util::client::legacy::connect::HttpConnector;

use crate::transport::Endpoint;

pub(in super::super) type Connector = HttpConnector;

pub(super) fn over(tcp: HttpConnector, endpoint: &Endpoint) -> Result<Connector, String> {
    if endpoint.is_secure() {
        return Err(
            "This build has no TLS: turn on the feature `tls` of socketio-client.".to_owned(),
        );
    }
    Ok(tcp)
}

pub(super) fn is_of_tls(_error: &(dyn Error + 'static)) -> bool {
    false
}
