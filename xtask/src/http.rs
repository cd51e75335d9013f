//! One HTTP request, enough to ask a server of this machine. HTTP/1.0, so that the answer ends
//! with the connection and its body is what was sent, unchunked.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result};

const PATIENCE: Duration = Duration::from_secs(10);

/// Status, head and body of an answer.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// 200, 404 …
    pub status: u16,
    /// The header lines.
    pub head: String,
    /// The bytes as they came, still encoded.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, whose name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            (found.to_ascii_lowercase() == name).then(|| value.trim())
        })
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Asks `http://ADDRESS` for a path, as a browser that takes brotli.
pub fn get(origin: &str, path: &str) -> Result<Answer> {
    let what = format!("GET {path} HTTP/1.0\r\nAccept: text/html,*/*\r\nAccept-Encoding: br");
    ask(origin, path, &what, "")
}

/// Sends a body, which is JSON unless it is for a socket.
pub fn post(origin: &str, path: &str, body: &str) -> Result<Answer> {
    let what = format!(
        "POST {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}",
        body.len()
    );
    ask(origin, path, &what, body)
}

fn ask(origin: &str, path: &str, request: &str, body: &str) -> Result<Answer> {
    let address = origin.trim_start_matches("http://").trim_end_matches('/');
    let what = || format!("Cannot ask {origin}{path}");
    let mut stream = TcpStream::connect(address).with_context(what)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("{request}\r\nHost: {address}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).with_context(what)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).with_context(what)?;
    parse(&bytes).with_context(|| format!("{origin}{path} answered something else than HTTP"))
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?.to_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer {
        status,
        head,
        body: bytes[end + 4..].to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_status_a_head_and_a_body() {
        let answer = parse(b"HTTP/1.0 200 OK\r\nContent-Encoding: br\r\n\r\n\x01\r\n\r\n\x02")
            .expect("it is HTTP");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-encoding"), Some("br"));
        assert_eq!(answer.body, b"\x01\r\n\r\n\x02");
    }

    #[test]
    fn what_is_not_http_is_refused() {
        assert_eq!(parse(b"hello"), None);
        assert_eq!(parse(b"hello\r\n\r\n"), None);
    }
}
