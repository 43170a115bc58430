//! Signatures as ssh makes them: SSHSIG.
//!
//! Owns the signing of a text with an OpenSSH private key and the reading and checking of signatures,
//! whoever made them: `ssh-keygen -Y sign` and `-Y verify` understand ours, and we theirs. Whether the
//! signer may sign is another question, for `allowed`.
//! Invariant: a signature counts only for the namespace `hsmirror`, so one that was made for a mail or
//! a commit is none here; the signing key is wiped when it is dropped.

use std::path::Path;

use age::secrecy::ExposeSecret;
use rsa::sha2::Digest;
use ssh_key::private::{KeypairData, RsaKeypair};
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, EcdsaCurve, HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use super::passphrase::Ask;
use super::read_key_text;
use crate::error::{Error, Kind, Result};

/// What our signatures are for.
pub const NAMESPACE: &str = "hsmirror";

/// Bytes that a signature may have; one with an RSA key of 16,384 bits has 6 kilobytes.
pub const SIGNATURE_LIMIT: u64 = 16 << 10;

/// A key that signs.
pub struct SigningKey(PrivateKey);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.fingerprint())
    }
}

impl SigningKey {
    /// Reads an OpenSSH private key; its passphrase is asked for if it has one.
    ///
    /// # Errors
    /// A file that cannot be read, is no private key, or is of a kind that cannot sign here.
    pub fn read(path: &Path, ask: &mut dyn Ask) -> Result<Self> {
        let text = read_key_text(path)?;
        let malformed = |what: &str, hint: &str| {
            let message = format!("{} {what}.", path.display());
            Error::new(Kind::Malformed, message, hint)
        };
        let hint = "Make a key with `ssh-keygen -t ed25519 -f FILE` and give that file.";
        let key = PrivateKey::from_openssh(text.as_bytes())
            .map_err(|_| malformed("is no OpenSSH private key", hint))?;
        let key = if key.is_encrypted() {
            let passphrase = ask.passphrase(&format!("the SSH key {}", path.display()))?;
            key.decrypt(passphrase.expose_secret()).map_err(|_| {
                let message = format!("The passphrase does not open {}.", path.display());
                Error::new(Kind::NoIdentity, message, "Run the command again and type it anew.")
            })?
        } else {
            key
        };
        // Some kinds can only be read, such as one that lives on a token.
        let key = Self(key);
        key.sign(b"").map_err(|_| malformed("is a key of a kind that cannot sign here", hint))?;
        Ok(key)
    }

    /// Signs a text; gives the armored signature.
    ///
    /// # Errors
    /// A key that cannot sign.
    pub fn sign(&self, text: &[u8]) -> std::result::Result<String, ssh_key::Error> {
        let signature = match self.0.key_data() {
            KeypairData::Rsa(pair) => self.sign_rsa(pair, text)?,
            _ => self.0.sign(NAMESPACE, HashAlg::Sha512, text)?,
        };
        signature.to_pem(LineEnding::LF)
    }

    /// Signs with an RSA key. The crate for ssh keys takes one prime for both (0.6.7), so the crate for
    /// RSA is asked directly.
    fn sign_rsa(
        &self,
        pair: &RsaKeypair,
        text: &[u8],
    ) -> std::result::Result<SshSig, ssh_key::Error> {
        let number = |part: &ssh_key::Mpint| {
            part.as_positive_bytes().map(rsa::BigUint::from_bytes_be).ok_or(ssh_key::Error::Crypto)
        };
        let crypto = |_| ssh_key::Error::Crypto;
        let key = rsa::RsaPrivateKey::from_components(
            number(&pair.public.n)?,
            number(&pair.public.e)?,
            number(&pair.private.d)?,
            vec![number(&pair.private.p)?, number(&pair.private.q)?],
        )
        .map_err(crypto)?;
        let message = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, text)?;
        let digest = rsa::sha2::Sha512::digest(&message);
        let padding = rsa::Pkcs1v15Sign::new::<rsa::sha2::Sha512>();
        let bytes =
            key.sign_with_rng(&mut rsa::rand_core::OsRng, padding, &digest).map_err(crypto)?;
        let algorithm = Algorithm::Rsa { hash: Some(HashAlg::Sha512) };
        let signature = ssh_key::Signature::new(algorithm, bytes)?;
        let public = self.0.public_key().key_data().clone();
        SshSig::new(public, NAMESPACE, HashAlg::Sha512, signature)
    }

    /// Fingerprint of the key, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
    }
}

/// A signature that was read.
#[derive(Clone, Debug)]
pub struct Signature(SshSig);

impl Signature {
    /// Reads an armored signature; none where the text is none.
    pub fn parse(text: &[u8]) -> Option<Self> {
        // ssh-keygen ends the last line; the crate wants none or one.
        SshSig::from_pem(text).ok().map(Self)
    }

    /// Whether this version can check signatures of that kind of key.
    pub fn can_be_checked(&self) -> bool {
        !matches!(
            self.0.algorithm(),
            Algorithm::Dsa | Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 } | Algorithm::Other(_)
        )
    }

    /// Whether it is a signature over that text, for our purpose.
    pub fn is_over(&self, text: &[u8]) -> bool {
        let Self(signature) = self;
        let key = PublicKey::from(signature.public_key().clone());
        signature.namespace() == NAMESPACE && key.verify(NAMESPACE, text, signature).is_ok()
    }

    /// The key that made it.
    pub fn key(&self) -> &KeyData {
        self.0.public_key()
    }

    /// Fingerprint of that key, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> String {
        self.key().fingerprint(HashAlg::Sha256).to_string()
    }
}
