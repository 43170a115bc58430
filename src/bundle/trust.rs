//! Whether a signature is good enough.
//!
//! Owns [`Trust`]: what was asked for on the command line about signers, and the judgement of a
//! bundle's signature against it. Takes the text that was signed, the signature and what the manifest
//! says; gives the signer that every report names.
//! Invariant: a signature that does not fit its text is an alteration whoever made it; one by a key
//! that may not speak for the member cannot be verified, which is something else.

use super::header::altered;
use super::manifest::Manifest;
use super::{SIGNATURE, SUMS};
use crate::error::{Error, Kind, Result};
use crate::key::{AllowedSigners, Signature, Verdict};
use crate::model::{Moment, Signer};

/// What is asked of signers.
#[derive(Debug)]
pub struct Trust {
    /// Who may sign, if it matters.
    pub allowed: Option<AllowedSigners>,
    /// Whether a bundle without a signature will do even so.
    pub accept_unsigned: bool,
    /// What the clock says.
    pub now: Moment,
}

impl Trust {
    /// Judges the signature over the list of digests.
    pub(super) fn judge(
        &self,
        name: &str,
        manifest: &Manifest,
        sums: &[u8],
        signature: Option<&[u8]>,
    ) -> Result<Signer> {
        let Some(text) = signature else {
            return match self.allowed {
                Some(_) if !self.accept_unsigned => {
                    let what =
                        "is not signed, and --allowed-signers asks for a signature".to_owned();
                    let hint = "Have it exported again with --sign KEY, or give --accept-unsigned if you \
                                know where it comes from.";
                    Err(unverifiable(name, &what, hint))
                }
                _ => Ok(Signer::Unsigned),
            };
        };
        let signature = Signature::parse(text)
            .ok_or_else(|| altered(name, &format!("has a {SIGNATURE} that is no signature")))?;
        if !signature.can_be_checked() {
            let what = "cannot be verified: its key is of a kind that this version cannot check";
            let hint = "Have it signed with an ed25519, ecdsa (P-256, P-384) or rsa key; `ssh-keygen -Y \
                        verify` may be able to check this one.";
            return Err(unverifiable(name, what, hint));
        }
        if !signature.is_over(sums) {
            return Err(altered(name, &format!("has a signature that does not fit its {SUMS}")));
        }
        let key = signature.fingerprint();
        let Some(allowed) = &self.allowed else {
            return Ok(Signer::Unchecked { key });
        };
        let member = manifest.member.as_ref().and_then(|who| who.name());
        match allowed.judge(signature.key(), member, manifest.sealed_at, self.now) {
            Verdict::Allowed(principal) => Ok(Signer::Allowed { principal, key }),
            Verdict::Refused(why) => {
                let what = format!("cannot be verified: the key {key} that signed it {why}");
                let hint = "If the key was replaced, have it signed again with the new one; otherwise add \
                            the old key's line to the list after asking its owner.";
                Err(unverifiable(name, &what, hint))
            }
        }
    }
}

fn unverifiable(name: &str, what: &str, hint: &str) -> Error {
    Error::new(Kind::Unverifiable, format!("{name} {what}."), hint)
}
