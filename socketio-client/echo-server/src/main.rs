//! The server by itself. It prints its origin, a line like `http://127.0.0.1:34567`, once it listens. Pages of any
//! origin may connect.

use std::error::Error;

use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    echo_server::serve(listener, echo_server::router()).await?;
    Ok(())
}
