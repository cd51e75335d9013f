//! The certificate: reading it, and reading it again when it changes.
//!
//! TLS 1.2 and 1.3 (RFC 9325), with the cipher suites of rustls, all of which are ECDHE with AES-GCM
//! or ChaCha20-Poly1305.

use std::{fs, path::Path, sync::Arc, time::Duration, time::SystemTime};

use axum_server::tls_rustls::RustlsConfig;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::config::TlsFiles;

/// How often is looked whether there is another certificate.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// A certificate that cannot be used; the sentence says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(String);

/// A certificate and its key, as the listeners use them.
#[derive(Clone)]
pub struct Certificate {
    files: TlsFiles,
    config: RustlsConfig,
    /// When the two files were written last.
    written: Written,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Certificate")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

type Written = [Option<SystemTime>; 2];

impl Certificate {
    /// Reads the files.
    pub fn load(files: &TlsFiles) -> Result<Self, TlsError> {
        // Looked at before reading: what is written meanwhile is read again.
        let written = written(files);
        Ok(Self {
            files: files.clone(),
            config: RustlsConfig::from_config(Arc::new(read(files)?)),
            written,
        })
    }

    pub(super) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Takes another certificate over as soon as there is one, for connections that begin after it.
    pub async fn watch(mut self) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            match self.look() {
                Ok(true) => tracing::info!("another certificate is in use"),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "the certificate stays as it was"),
            }
        }
    }

    /// Reads the files again if they have changed; says whether they are in use now. Files that
    /// cannot be used are told of once, and read again when they change.
    fn look(&mut self) -> Result<bool, TlsError> {
        let written = written(&self.files);
        if written == self.written {
            return Ok(false);
        }
        self.written = written;
        self.config.reload_from_config(Arc::new(read(&self.files)?));
        Ok(true)
    }
}

fn written(files: &TlsFiles) -> Written {
    [&files.certificate, &files.key]
        .map(|file| fs::metadata(file).and_then(|file| file.modified()).ok())
}

fn read(files: &TlsFiles) -> Result<ServerConfig, TlsError> {
    let chain = read_chain(&files.certificate)?;
    let key = read_key(&files.key)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .expect("the provider knows both versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| {
            TlsError(format!(
                "The certificate {} and the key {} cannot be used ({error}). Set NATTER_TLS_CERTIFICATE to a certificate chain, its own certificate first, and NATTER_TLS_KEY to the key that belongs to it.",
                files.certificate.display(),
                files.key.display()
            ))
        })?;
    // Browsers open WebSockets on connections of their own, for which they ask for HTTP/1.1 alone.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn read_chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = read_file(file, "certificate", "NATTER_TLS_CERTIFICATE")?;
    CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or_else(|| {
            TlsError(format!(
                "The certificate {} is not in PEM (-----BEGIN CERTIFICATE-----). Set NATTER_TLS_CERTIFICATE to one that is.",
                file.display()
            ))
        })
}

fn read_key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let pem = read_file(file, "private key", "NATTER_TLS_KEY")?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
        TlsError(format!(
            "The private key {} is not in PEM without a passphrase (-----BEGIN PRIVATE KEY-----). Set NATTER_TLS_KEY to one that is.",
            file.display()
        ))
    })
}

fn read_file(file: &Path, what: &str, setting: &str) -> Result<Vec<u8>, TlsError> {
    fs::read(file).map_err(|error| {
        TlsError(format!(
            "The {what} {} cannot be read ({error}). Correct {setting} or the file's permissions.",
            file.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use tempfile::TempDir;

    use super::*;

    /// Files with a new certificate, written at a time of their own.
    fn write(folder: &TempDir, seconds: u64) -> TlsFiles {
        let files = TlsFiles {
            certificate: folder.path().join("certificate.pem"),
            key: folder.path().join("key.pem"),
        };
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        fs::write(&files.certificate, cert.pem()).expect("a file");
        fs::write(&files.key, signing_key.serialize_pem()).expect("a file");
        date(&files.certificate, seconds);
        files
    }

    fn date(file: &Path, seconds: u64) {
        let file = fs::File::options().write(true).open(file).expect("a file");
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .expect("a time");
    }

    #[test]
    fn another_certificate_is_taken_over_and_a_bad_one_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = write(&folder, 1);
        let mut certificate = Certificate::load(&files).expect("a certificate");
        let first = certificate.config().get_inner();
        assert!(!certificate.look().expect("no change"));

        write(&folder, 2);
        assert!(certificate.look().expect("a good certificate"));
        let second = certificate.config().get_inner();
        assert!(!Arc::ptr_eq(&first, &second));

        fs::write(&files.certificate, "no certificate").expect("a file");
        date(&files.certificate, 3);
        assert!(certificate.look().is_err());
        assert!(!certificate.look().expect("told of once"));
        assert!(Arc::ptr_eq(&second, &certificate.config().get_inner()));

        write(&folder, 4);
        assert!(certificate.look().expect("mended"));
    }

    #[test]
    fn what_cannot_be_used_is_one_sentence_that_names_the_setting() {
        let folder = tempfile::tempdir().expect("a folder");
        let good = write(&folder, 1);
        Certificate::load(&good).expect("a certificate");
        let complaint = |files: &TlsFiles| Certificate::load(files).expect_err("bad").to_string();

        let missing = TlsFiles {
            certificate: folder.path().join("missing.pem"),
            ..good.clone()
        };
        assert!(complaint(&missing).contains("Correct NATTER_TLS_CERTIFICATE"));
        let swapped = TlsFiles {
            certificate: good.key.clone(),
            key: good.certificate.clone(),
        };
        assert!(complaint(&swapped).contains("is not in PEM"));
        let other = tempfile::tempdir().expect("a folder");
        let mixed = TlsFiles {
            certificate: good.certificate.clone(),
            key: write(&other, 1).key,
        };
        assert!(complaint(&mixed).contains("the key that belongs to it"));
    }
}
