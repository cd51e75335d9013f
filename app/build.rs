//! Tells the crate whether cargo-leptos is going to split what is compiled: `cfg(split)`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(split)");
    // All that `cargo leptos build --split` changes is what it asks of the linker. Without it, as in
    // development, an import that only splitting resolves would keep the client from starting.
    let flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    if flags.contains("--emit-relocs") {
        println!("cargo::rustc-cfg=split");
    }
}
