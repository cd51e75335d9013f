//! Whether the kernel could delay, reorder and drop packets itself, by netem in a network
//! namespace of its own.
//!
//! It is only looked for: the proxy stands in for it everywhere, because many kernels of machines
//! that run tests have none, and what cannot be tried there would rot.

use std::process::{Command, Stdio};

/// Tries it for real, in a namespace that goes at once.
pub fn has_netem() -> bool {
    let name = format!("natter-chaos-{}", std::process::id());
    if !succeeds(&["ip", "netns", "add", &name]) {
        return false;
    }
    let inside = ["ip", "netns", "exec", &name];
    let qdisc = [
        "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms",
    ];
    let works = succeeds(&[&inside[..], &qdisc[..]].concat());
    succeeds(&["ip", "netns", "del", &name]);
    works
}

fn succeeds(words: &[&str]) -> bool {
    let Some((program, arguments)) = words.split_first() else {
        return false;
    };
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
