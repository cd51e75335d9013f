//! Measures Natter's parts, against their peers where they have some, in the same run and by turns,
//! so that what else the machine does is no advantage to either.

use std::error::Error;

/// Packets of Socket.IO, written and read: ours against the official parser.
mod parser;
/// From a connection that is back to a client that is up to date.
mod resync;

fn main() -> Result<(), Box<dyn Error>> {
    let what = std::env::args().nth(1);
    let lines = match what.as_deref() {
        None | Some("parser") => parser::compare()?,
        Some("resync") => resync::measure()?,
        Some(other) => {
            return Err(format!("There is no bench `{other}`: parser or resync.").into());
        }
    };
    for line in lines {
        println!("{line}");
    }
    Ok(())
}
