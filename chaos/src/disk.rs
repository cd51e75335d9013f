//! A disk that can be filled: a file system in memory of its own, which only root on Linux can
//! make. It is full when its size is set to what is used, and free again when it is set back.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// What the disk holds while it is not full. Memory is used only for what is stored.
const SIZE: &str = "8g";
/// What can still be written to a full disk, in bytes.
const LEFT: u64 = 16 * 1024;

/// A mounted disk. Dropping it takes it away with all that it holds.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
}

impl Disk {
    /// Mounts a disk at `path`, an empty folder; none where that is not possible.
    pub fn mount(path: &Path) -> Option<Self> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let mut command = Command::new("mount");
        let options = format!("size={SIZE},mode=700");
        command.args(["-t", "tmpfs", "-o", &options, "natter-chaos"]);
        command.arg(path);
        succeeds(&mut command).then(|| Self {
            path: path.to_path_buf(),
        })
    }

    /// Nothing more than a few pages can be stored.
    pub fn fill(&self) -> Result<()> {
        self.resize(&(self.used()? + LEFT).to_string())
    }

    pub fn free(&self) -> Result<()> {
        self.resize(SIZE)
    }

    fn resize(&self, size: &str) -> Result<()> {
        let mut command = Command::new("mount");
        command.arg("-o").arg(format!("remount,size={size}"));
        if !succeeds(command.arg(&self.path)) {
            bail!("The disk cannot be given the size {size}.");
        }
        Ok(())
    }

    fn used(&self) -> Result<u64> {
        let output = Command::new("df")
            .args(["--output=used", "--block-size=1"])
            .arg(&self.path)
            .output()
            .context("Cannot run df")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let used = text.lines().nth(1).map(str::trim);
        used.and_then(|used| used.parse().ok())
            .context("df does not say how much is used")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Somebody may still have a file open; lazily it goes when they are done.
        if !succeeds(Command::new("umount").arg(&self.path)) {
            succeeds(Command::new("umount").arg("-l").arg(&self.path));
        }
    }
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
