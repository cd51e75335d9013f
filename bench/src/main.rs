//! Measures Natter's parts against their peers, in the same run and by turns, so that what else the
//! machine does is no advantage to either.

use std::error::Error;

/// Packets of Socket.IO, written and read: ours against the official parser.
mod parser;

fn main() -> Result<(), Box<dyn Error>> {
    for line in parser::compare()? {
        println!("{line}");
    }
    Ok(())
}
