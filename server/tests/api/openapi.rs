//! `/web/openapi.json`, held against what the server does.

use std::collections::BTreeSet;

use natter_server::config::SignIn;
use serde_json::Value;

use crate::support::{TestServer, get, send};

const KEPT: &str = include_str!("../../../docs/openapi.json");

#[tokio::test]
async fn the_document_is_served_to_everybody_and_may_be_kept_for_a_while() {
    let server = TestServer::start().await;
    let answer = get(&server.origin(), "/web/openapi.json", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("cache-control").as_deref(),
        Some("public, max-age=300")
    );
    let kept: Value = serde_json::from_str(KEPT).expect("JSON");
    assert!(
        answer.json::<Value>() == kept,
        "docs/openapi.json is not up to date"
    );
}

#[tokio::test]
async fn each_address_takes_the_methods_that_are_described_and_no_others() {
    let server = TestServer::start_with(|config| config.sign_in = SignIn::Account).await;
    let document: Value = serde_json::from_str(KEPT).expect("JSON");
    for (path, item) in document["paths"].as_object().expect("paths") {
        let mut described: BTreeSet<String> = item
            .as_object()
            .expect("operations")
            .keys()
            .map(|method| method.to_uppercase())
            .collect();
        if described.contains("GET") {
            described.insert("HEAD".to_owned());
        }
        let path = path.replace(['{', '}'], "");
        let answer = send("OPTIONS", &server.origin(), &path, &[], "").await;
        assert_eq!(answer.status, 405, "{path}");
        let allowed = answer.header("allow").expect("what is allowed");
        let allowed: BTreeSet<String> = allowed.split(',').map(|it| it.trim().to_owned()).collect();
        assert_eq!(allowed, described, "{path}");
    }
}
