//! TLS with a certificate from files, which may be replaced while the server runs.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use ocr_core::digest::sha256_hex;
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;

use super::HttpSettings;

/// How long a client may take until both sides know their keys.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);
/// For how long browsers use TLS only: a year.
const STRICT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Where the certificate and its key are, each as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, followed by those that lead to its authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// TLS 1.2 and 1.3 with the certificate that the files hold now. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    current: Arc<Current>,
    files: Arc<TlsFiles>,
}

/// The certificate of the next handshake.
#[derive(Debug)]
struct Current {
    provider: Arc<CryptoProvider>,
    certificate: RwLock<Certificate>,
}

#[derive(Debug, Clone)]
struct Certificate {
    key: Arc<CertifiedKey>,
    /// Tells the content of the files from what they held before.
    digest: String,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let certificate = self.certificate.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&certificate.key))
    }
}

impl Tls {
    /// TLS with what `files` hold.
    ///
    /// # Errors
    /// When one of them cannot be read, is no PEM, or the key is not that of the certificate.
    pub async fn open(files: TlsFiles) -> Result<Self> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let certificate = read(&files, &provider).await?;
        let current = Arc::new(Current {
            provider: Arc::clone(&provider),
            certificate: RwLock::new(certificate),
        });
        let resolver: Arc<dyn ResolvesServerCert> = current.clone();
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("TLS cannot be set up")?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: Arc::new(config),
            current,
            files: Arc::new(files),
        })
    }

    /// Answers the handshake of a client, which may take 10 s.
    ///
    /// # Errors
    /// When it is none, or takes too long.
    pub(super) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        tokio::time::timeout(HANDSHAKE, acceptor.accept(stream))
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// Looks at the files now and then until shutdown. Open connections keep what they began with.
    pub async fn follow(self, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            match self.renew().await {
                Ok(true) => tracing::info!("the certificate was replaced; new connections have the new one"),
                Ok(false) => {}
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::warn!(error, "the certificate stays as it was: its files cannot be used");
                }
            }
        }
    }

    /// Takes over what the files hold, if it is something else; whether it is.
    ///
    /// # Errors
    /// As [`Tls::open`]; the certificate stays as it was then.
    async fn renew(&self) -> Result<bool> {
        let found = read(&self.files, &self.current.provider).await?;
        let mut certificate = self
            .current
            .certificate
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let changed = certificate.digest != found.digest;
        if changed {
            *certificate = found;
        }
        Ok(changed)
    }
}

/// The certificate that `files` hold.
async fn read(files: &TlsFiles, provider: &CryptoProvider) -> Result<Certificate> {
    let (chain, key) = (bytes(&files.certificate).await?, bytes(&files.key).await?);
    let digest = sha256_hex([sha256_hex(&chain), sha256_hex(&key)].concat());
    let named = |path: &Path| path.display().to_string();
    let certificates = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| anyhow!("{} is no PEM: {error}", named(&files.certificate)))?;
    if certificates.is_empty() {
        return Err(anyhow!("{} has no certificate", named(&files.certificate)));
    }
    // The error is not repeated: it could hold a part of the key.
    let key = PrivateKeyDer::from_pem_slice(&key)
        .map_err(|_| anyhow!("{} has no private key in PEM", named(&files.key)))?;
    let key = CertifiedKey::from_der(certificates, key, provider)
        .with_context(|| format!("the key in {} does not fit the certificate", named(&files.key)))?;
    Ok(Certificate {
        key: Arc::new(key),
        digest,
    })
}

async fn bytes(path: &Path) -> Result<Vec<u8>> {
    tokio::fs::read(path)
        .await
        .with_context(|| format!("{} cannot be read", path.display()))
}

/// Tells browsers to come over TLS only, where this server has it.
pub(crate) async fn strict(
    State(settings): State<Arc<HttpSettings>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if settings.tls {
        response
            .headers_mut()
            .insert(header::STRICT_TRANSPORT_SECURITY, STRICT);
    }
    response
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey as Made, generate_simple_self_signed};
    use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio_rustls::TlsConnector;

    use super::*;

    /// Writes a new certificate into `folder`, and gives it.
    fn certify(folder: &Path) -> CertificateDer<'static> {
        let Made { cert, signing_key } = generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
        cert.der().clone()
    }

    fn files(folder: &Path) -> TlsFiles {
        TlsFiles {
            certificate: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        }
    }

    /// Whether a client that trusts `certificate` alone can talk to the server.
    async fn talks(tls: &Tls, certificate: &CertificateDer<'static>) -> bool {
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (client, server) = duplex(64 * 1024);
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let (client, server) = tokio::join!(connector.connect(name, client), tls.accept(server));
        let (Ok(mut client), Ok(mut server)) = (client, server) else {
            return false;
        };
        client.write_all(b"hello").await.unwrap();
        client.flush().await.unwrap();
        let mut heard = [0; 5];
        server.read_exact(&mut heard).await.unwrap();
        heard == *b"hello"
    }

    #[tokio::test]
    async fn a_certificate_is_replaced_while_the_server_runs() {
        let folder = tempfile::tempdir().unwrap();
        let first = certify(folder.path());
        let tls = Tls::open(files(folder.path())).await.unwrap();
        assert!(talks(&tls, &first).await);
        assert!(!tls.renew().await.unwrap());
        let second = certify(folder.path());
        assert!(!talks(&tls, &second).await, "nobody looked yet");
        assert!(tls.renew().await.unwrap());
        assert!(talks(&tls, &second).await);
        assert!(!talks(&tls, &first).await);
    }

    #[tokio::test]
    async fn files_that_cannot_be_used_leave_the_certificate_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let first = certify(folder.path());
        let tls = Tls::open(files(folder.path())).await.unwrap();
        let key = std::fs::read(folder.path().join("key.pem")).unwrap();
        certify(folder.path());
        std::fs::write(folder.path().join("key.pem"), key).unwrap();
        assert!(tls.renew().await.is_err(), "the key of another certificate");
        for odd in [
            "",
            "no PEM",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        ] {
            std::fs::write(folder.path().join("cert.pem"), odd).unwrap();
            assert!(tls.renew().await.is_err(), "{odd}");
        }
        std::fs::remove_file(folder.path().join("cert.pem")).unwrap();
        assert!(tls.renew().await.is_err());
        assert!(talks(&tls, &first).await);
        assert!(Tls::open(files(folder.path())).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_handshake_that_dribbles_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        certify(folder.path());
        let tls = Tls::open(files(folder.path())).await.unwrap();
        let (mut client, server) = duplex(64);
        // The beginning of a record that never comes.
        client.write_all(&[22, 3, 1, 2, 0]).await.unwrap();
        let ended = tls.accept(server).await;
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(client);
    }

    #[tokio::test]
    async fn what_is_no_tls_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        certify(folder.path());
        let tls = Tls::open(files(folder.path())).await.unwrap();
        let (mut client, server) = duplex(1024);
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        assert!(tls.accept(server).await.is_err());
    }
}
