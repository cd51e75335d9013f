//! Connections on which a test writes what it likes, and reads what comes.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// Longest wait for something that has to happen.
const PATIENCE: Duration = Duration::from_secs(15);

pub struct Wire<S = TcpStream>(BufReader<S>);

/// An answer as it came; the names of headers are in small letters.
#[derive(Debug)]
pub struct Written {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Wire {
    pub async fn connect(server: SocketAddr) -> Self {
        Self::over(TcpStream::connect(server).await.expect("a connection"))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub fn over(stream: S) -> Self {
        Self(BufReader::new(stream))
    }

    /// Writes; a connection that the server has closed already takes nothing more, which is no fault.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).await.is_ok() && self.0.flush().await.is_ok()
    }

    /// The next answer, whose length its head has to say.
    pub async fn answer(&mut self) -> Written {
        tokio::time::timeout(PATIENCE, self.read_answer())
            .await
            .expect("an answer in time")
    }

    async fn read_answer(&mut self) -> Written {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = self.0.read_line(&mut head).await.expect("a line");
            assert!(read > 0, "closed after: {head}");
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.expect("a body");
        let status = head[9..12].parse().expect("a status");
        let body = String::from_utf8(body).expect("text");
        Written { status, head, body }
    }

    /// Waits until the server closes the connection.
    pub async fn closed(&mut self) {
        let mut rest = Vec::new();
        // One that is reset is closed too.
        let _ = tokio::time::timeout(PATIENCE, self.0.read_to_end(&mut rest))
            .await
            .expect("the server closes the connection");
    }
}
