//! TLS configurations.
//!
//! Owns the TLS configuration object (`Security.SSLConfigs`, H4.6), from security exports. An
//! optional section.
//! Invariant: certificate and key files belong to the member; the passphrase of a private key never
//! enters the model.

use std::cmp::Ordering;

use super::code::{KeyKind, TlsEnd, TlsVersion, VerifyPeer};
use super::object::Object;
use super::owner::{self, Owner};
use super::text::{Name, Text};

crate::object! {
    /// A TLS configuration (`Security.SSLConfigs`, H4.6).
    pub struct TlsConfiguration in Tls from "Security.SSLConfigs" {
        identity {
            /// Name of the configuration.
            name: Text = "Name";
        }
        properties {
            /// What it is for.
            description: Text = "Description", must_equal, empty;
            /// Whether it can be used.
            enabled: bool = "Enabled", must_equal, default(true);
            /// Which end of a connection it is for.
            end: TlsEnd = "Type", must_equal, default(TlsEnd::Client);
            /// Lowest TLS version.
            minimum_version: TlsVersion = "TLSMinVersion", must_equal, unknown;
            /// Highest TLS version.
            maximum_version: TlsVersion = "TLSMaxVersion", must_equal, unknown;
            /// Protocols as one number, in exports before the two versions came.
            protocols: u64 = "Protocols", must_equal, unknown;
            /// Ciphers up to TLS 1.2.
            cipher_list: Text = "CipherList", must_equal, unknown;
            /// Cipher suites of TLS 1.3.
            ciphersuites: Text = "Ciphersuites", must_equal, unknown;
            /// Whether the peer's certificate is checked.
            verify_peer: VerifyPeer = "VerifyPeer", must_equal, default(VerifyPeer::None);
            /// Length of the longest certificate chain.
            verify_depth: u64 = "VerifyDepth", must_equal, default(9);
            /// Whether the peer's name is checked.
            authorize_cn: bool = "AuthorizeCN", must_equal, default(false);
            /// Whether certificate status is asked for.
            ocsp: bool = "OCSP", must_equal, default(false);
            /// Where certificate status is asked for.
            ocsp_url: Text = "OCSPURL", must_equal, empty;
            /// Seconds to wait for certificate status.
            ocsp_timeout: u64 = "OCSPTimeout", must_equal, unknown;
            /// Failed status requests that are put up with.
            ocsp_request_failures: u64 = "OCSPRequestFailures", must_equal, unknown;
            /// Bits of the Diffie-Hellman group.
            diffie_hellman_bits: u64 = "DiffieHellmanBits", must_equal, default(0);
            /// Kind of the private key.
            private_key_kind: KeyKind = "PrivateKeyType", must_equal, default(KeyKind::Rsa);
            /// File with trusted certificates on this member.
            ca_file: Text = "CAFile", may_differ, empty;
            /// Folder with trusted certificates on this member.
            ca_path: Text = "CAPath", may_differ, empty;
            /// File on this member with the certificate of the status issuer.
            ocsp_issuer_cert: Text = "OCSPIssuerCert", may_differ, empty;
            /// File on this member with a status response.
            ocsp_response_file: Text = "OCSPResponseFile", may_differ, empty;
            /// Certificate file on this member.
            certificate_file: Text = "CertificateFile", may_differ, empty;
            /// Private key file on this member.
            private_key_file: Text = "PrivateKeyFile", may_differ, empty;
            /// Version of the export record.
            record_version: Text = "Version", may_differ, empty;
        }
        never {
            Secret { "PrivateKeyPassword" }
            Derived { "CRLFile" "SNIName" }
        }
    }
}

/// Names the product reserves (H4.6).
const RESERVED: &[&str] =
    &["%MirrorClient", "%MirrorServer", "%ECPClient", "%ECPServer", "%TELNET/SSL"];

impl Object for TlsConfiguration {
    fn name(&self) -> &str {
        &self.name
    }
    fn owner(&self) -> Owner {
        owner::listed(&Name::from(&*self.name), RESERVED)
    }
    /// Nothing says that the case of these names does not count (H4.9), so it does.
    fn pair(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }
}
