//! What the Socket.IO client weighs in a page: the example in Leptos, built with it and without.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::child;
use crate::project::Project;

const PAGE: &str = "socketio-client-leptos";
/// Lines that are shown of a build that failed.
const LAST_LINES: usize = 40;
/// Compresses the file that is named as well as a server that has time would.
const COMPRESS: &str = "
    import { readFileSync } from 'node:fs';
    import { brotliCompressSync } from 'node:zlib';
    console.log(brotliCompressSync(readFileSync(process.argv[1])).length);";

/// The difference between the two pages' wasm, compressed, in bytes.
pub fn weigh(project: &Project) -> Result<u64> {
    let with = page(project, "with")?;
    let without = page(project, "without")?;
    with.checked_sub(without)
        .context("The page is smaller with the Socket.IO client than without it.")
}

/// Builds the page as pages are built for a release, and compresses its wasm.
fn page(project: &Project, which: &str) -> Result<u64> {
    let label = format!("the page {which} the client");
    let front = project.front_target();
    let mut build = project.command("cargo");
    build
        .args(["build", "--profile=wasm-release", "--no-default-features"])
        // With the app's own entry, so that what they share has been built already.
        .args(["--package=frontend", "--package", PAGE])
        .args(["--target=wasm32-unknown-unknown", "--target-dir"])
        .arg(&front);
    if which == "with" {
        build.arg(format!("--features={PAGE}/socket"));
    }
    run(&label, &mut build)?;
    let built = front.join("wasm32-unknown-unknown/wasm-release");
    let directory = front.join("weight").join(which);
    let mut bind = project.command("wasm-bindgen");
    bind.args(["--target=web", "--no-typescript", "--out-dir"])
        .arg(&directory)
        .arg(built.join(PAGE).with_extension("wasm"));
    run(&label, &mut bind)?;
    let bound = directory.join(format!("{PAGE}_bg.wasm"));
    let optimised = directory.join("page.wasm");
    let mut optimise = project.command("wasm-opt");
    optimise.args(project.wasm_opt()).arg(&bound).arg("-o");
    run(&label, optimise.arg(&optimised))?;
    compressed(project, &optimised)
}

fn run(label: &str, command: &mut std::process::Command) -> Result<()> {
    let finished = child::run(label, command)?;
    if !finished.success {
        bail!("{}\n{label} cannot be built.", finished.tail(LAST_LINES));
    }
    Ok(())
}

fn compressed(project: &Project, file: &Path) -> Result<u64> {
    let file: PathBuf = fs::canonicalize(file).context("wasm-opt wrote nothing")?;
    let mut command = project.command("node");
    let output = command
        .args(["--input-type=module", "--eval", COMPRESS])
        .arg(file)
        .output()?;
    let bytes = String::from_utf8_lossy(&output.stdout).trim().parse();
    bytes.context("Node cannot compress the page.")
}
