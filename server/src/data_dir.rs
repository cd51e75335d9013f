//! The data directory: the database file, the signing secret, later files.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::services::{now, sessions::Secret};

/// A data directory that cannot be used; the sentence says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DataDirError(String);

/// Makes the directory if it is missing, for its owner alone, and checks that it can be written to.
pub fn prepare(path: &Path) -> Result<(), DataDirError> {
    let unusable = |error: io::Error| {
        DataDirError(format!(
            "The data directory {} cannot be written to ({error}). Mend its permissions, or set NATTER_DATA_DIR to another one.",
            path.display()
        ))
    };
    make(path).map_err(unusable)?;
    warn_of_open_permissions(path);
    let probe = path.join(".writable");
    fs::write(&probe, b"").map_err(unusable)?;
    fs::remove_file(&probe).map_err(unusable)
}

fn make(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// A directory that was there before stays as it is: who else may look into it is its owner's to say.
/// The files in it are for their owner alone either way.
#[cfg(unix)]
fn warn_of_open_permissions(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    let mode = fs::metadata(path).map(|metadata| metadata.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o077 != 0) {
        tracing::warn!(
            "others can look into the data directory {0}; run: chmod 700 {0}",
            path.display()
        );
    }
}

#[cfg(not(unix))]
fn warn_of_open_permissions(_: &Path) {}

/// The database file.
pub fn database_file(path: &Path) -> PathBuf {
    path.join("natter.sqlite")
}

/// The file with the signing secrets.
pub fn secret_file(path: &Path) -> PathBuf {
    path.join("secret")
}

/// Reads the signing secrets, the newest first; the first is made at the first start. Each is a line
/// of 64 random bytes in Base64, and older ones have the time behind them at which they stop to
/// count, in milliseconds since the Unix epoch. Only the file's owner may read it.
pub fn secrets(path: &Path) -> Result<Vec<Secret>, DataDirError> {
    let file = secret_file(path);
    if !file.exists() {
        write_secrets(&file, &new_secret()).map_err(|error| {
            DataDirError(format!(
                "The signing secret {} cannot be made: {error}.",
                file.display()
            ))
        })?;
    }
    let text = read(&file)?;
    refuse_open_permissions(&file)?;
    let secrets: Option<Vec<Secret>> = counting(&text).map(parse).collect();
    secrets.filter(|secrets| !secrets.is_empty()).ok_or_else(|| {
        DataDirError(format!(
            "The signing secret {} is too weak or not Base64: it has to hold at least 32 random bytes. Delete the file to have a new one made; everybody signs in again then.",
            file.display()
        ))
    })
}

/// Makes a new secret, which signs from now on. Earlier ones count for as long as `longest`, the
/// longest that what they have signed could last.
pub fn rotate_secret(path: &Path, longest: Duration) -> Result<(), DataDirError> {
    secrets(path)?;
    let file = secret_file(path);
    let text = read(&file)?;
    let until = now().0 + i64::try_from(longest.as_millis()).unwrap_or(i64::MAX / 2);
    let mut lines = vec![new_secret()];
    for line in counting(&text).take(MAX_SECRETS - 1) {
        lines.push(if line.contains(' ') {
            line.to_owned()
        } else {
            format!("{line} {until}")
        });
    }
    // Beside it first, so that whoever reads it meanwhile reads all of the old or all of the new.
    let fresh = path.join("secret.new");
    let replace = || {
        if fresh.exists() {
            fs::remove_file(&fresh)?;
        }
        write_secrets(&fresh, &lines.join("\n"))?;
        fs::rename(&fresh, &file)
    };
    replace().map_err(|error| {
        DataDirError(format!(
            "The signing secret {} cannot be replaced: {error}.",
            file.display()
        ))
    })
}

/// Most secrets that count at the same time.
const MAX_SECRETS: usize = 20;

fn read(file: &Path) -> Result<String, DataDirError> {
    fs::read_to_string(file).map_err(|error| {
        DataDirError(format!(
            "The signing secret {} cannot be read: {error}.",
            file.display()
        ))
    })
}

/// The lines whose secrets still count.
fn counting(text: &str) -> impl Iterator<Item = &str> {
    let now = now().0;
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .filter(move |line| match line.split_once(' ') {
            Some((_, until)) => until.parse::<i64>().is_ok_and(|until| until > now),
            None => true,
        })
        .take(MAX_SECRETS)
}

fn parse(line: &str) -> Option<Secret> {
    let (encoded, _) = line.split_once(' ').unwrap_or((line, ""));
    Secret::new(BASE64_STANDARD.decode(encoded).ok()?)
}

fn new_secret() -> String {
    let bytes: [u8; 64] = rand::random();
    BASE64_STANDARD.encode(bytes)
}

fn write_secrets(file: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(file)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

/// A secret that others on the machine can read is none.
#[cfg(unix)]
fn refuse_open_permissions(file: &Path) -> Result<(), DataDirError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = fs::metadata(file).map(|metadata| metadata.permissions().mode());
    match mode {
        Ok(mode) if mode & 0o077 == 0 => Ok(()),
        _ => Err(DataDirError(format!(
            "The signing secret {0} can be read by others. Run: chmod 600 {0}",
            file.display()
        ))),
    }
}

#[cfg(not(unix))]
fn refuse_open_permissions(_: &Path) -> Result<(), DataDirError> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_first_start_makes_a_secret_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().expect("a directory");
        secrets(folder.path()).expect("a new secret");
        let mode = fs::metadata(folder.path().join("secret"))
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        secrets(folder.path()).expect("the same secret again");
    }

    #[test]
    fn a_directory_that_is_made_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a directory");
        let data = folder.path().join("a/b");
        prepare(&data).expect("a data directory");
        for made in [data.clone(), folder.path().join("a")] {
            let mode = fs::metadata(made)
                .expect("a directory")
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }

    #[test]
    fn a_new_secret_comes_first_and_the_last_one_counts_for_a_while() {
        let folder = tempfile::tempdir().expect("a directory");
        let count = || secrets(folder.path()).expect("secrets").len();
        assert_eq!(count(), 1);
        rotate_secret(folder.path(), Duration::from_secs(60)).expect("a new secret");
        assert_eq!(count(), 2);
        // One that may count no longer is gone with the next.
        rotate_secret(folder.path(), Duration::ZERO).expect("a new secret");
        assert_eq!(count(), 2, "the new one and the one with a minute left");
        for _ in 0..30 {
            rotate_secret(folder.path(), Duration::from_secs(60)).expect("a new secret");
        }
        assert_eq!(count(), MAX_SECRETS);
        let mode = fs::metadata(secret_file(folder.path()))
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_weak_secret_and_a_readable_one_are_refused_with_what_to_do() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("secret");
        fs::write(&file, BASE64_STANDARD.encode([0; 64])).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("permissions");
        let error = secrets(folder.path()).expect_err("zeros");
        assert!(error.to_string().contains("Delete the file"), "{error}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("permissions");
        let error = secrets(folder.path()).expect_err("readable by others");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}
