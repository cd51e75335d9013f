//! The data directory: the database file, the signing secret, later files.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::services::sessions::Secret;

/// A data directory that cannot be used; the sentence says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DataDirError(String);

/// Makes the directory if it is missing and checks that it can be written to.
pub fn prepare(path: &Path) -> Result<(), DataDirError> {
    let unusable = |error: io::Error| {
        DataDirError(format!(
            "The data directory {} cannot be written to ({error}). Mend its permissions, or set NATTER_DATA_DIR to another one.",
            path.display()
        ))
    };
    fs::create_dir_all(path).map_err(unusable)?;
    let probe = path.join(".writable");
    fs::write(&probe, b"").map_err(unusable)?;
    fs::remove_file(&probe).map_err(unusable)
}

/// The database file.
pub fn database_file(path: &Path) -> PathBuf {
    path.join("natter.sqlite")
}

/// Reads the signing secret, which is made at the first start: 64 random bytes in Base64, in a
/// file that only its owner may read.
pub fn secret(path: &Path) -> Result<Secret, DataDirError> {
    let file = path.join("secret");
    if !file.exists() {
        write_secret(&file).map_err(|error| {
            DataDirError(format!(
                "The signing secret {} cannot be made: {error}.",
                file.display()
            ))
        })?;
    }
    let text = fs::read_to_string(&file).map_err(|error| {
        DataDirError(format!(
            "The signing secret {} cannot be read: {error}.",
            file.display()
        ))
    })?;
    refuse_open_permissions(&file)?;
    BASE64_STANDARD.decode(text.trim()).ok().and_then(Secret::new).ok_or_else(|| {
        DataDirError(format!(
            "The signing secret {} is too weak or not Base64: it has to hold at least 32 random bytes. Delete the file to have a new one made; everybody signs in again then.",
            file.display()
        ))
    })
}

fn write_secret(file: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let bytes: [u8; 64] = rand::random();
    let mut file = options.open(file)?;
    writeln!(file, "{}", BASE64_STANDARD.encode(bytes))?;
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
        secret(folder.path()).expect("a new secret");
        let mode = fs::metadata(folder.path().join("secret"))
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        secret(folder.path()).expect("the same secret again");
    }

    #[test]
    fn a_weak_secret_and_a_readable_one_are_refused_with_what_to_do() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("secret");
        fs::write(&file, BASE64_STANDARD.encode([0; 64])).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("permissions");
        let error = secret(folder.path()).expect_err("zeros");
        assert!(error.to_string().contains("Delete the file"), "{error}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("permissions");
        let error = secret(folder.path()).expect_err("readable by others");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}
