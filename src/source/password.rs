//! Whether a password is still the one the vendor documents for new accounts.
//!
//! Security exports and merge files hold salted hashes (formats 2.3 and 3.3). They come in decoded;
//! a yes, a no or "cannot be told" goes out, and nothing is kept. These two words are all that is
//! ever tried: this is no password cracker and takes no word list.
//!
//! Invariant: a yes or a no rests on a computation with known parameters; where a file leaves the
//! rounds open, only a match proves anything. No hash can cost more than two derivations of
//! `MOST_ROUNDS`, and what is derived is wiped.

use hmac::Hmac;
use hmac::digest::InvalidLength;
use pbkdf2::pbkdf2;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

/// The documented password, and the lower-case form found in public merge files (formats 2.3).
const INITIAL: [&[u8]; 2] = [b"SYS", b"sys"];
/// Rounds of the form before the algorithm was named (formats 2.3).
const OLD_ROUNDS: u32 = 1024;
/// The product's default where a hash names its algorithm (H4.2); an instance may be set higher.
const DEFAULT_ROUNDS: u32 = 10_000;
/// Twenty times the default: above it a hash is not tried, so that no file can hold the program up.
const MOST_ROUNDS: u32 = 200_000;

/// A stored password: PBKDF2 with HMAC (formats 2.3). Without `Debug`, since it is a secret.
#[derive(Clone, Copy)]
pub(super) struct Hash<'a> {
    /// The derived bytes, out of their hex or base64: 20 for SHA1, 64 for SHA512.
    pub(super) hash: &'a [u8],
    /// The salt's bytes: of its hex or base64, or in the old form of its eight characters.
    pub(super) salt: &'a [u8],
    /// `SHA1`, `SHA224`, `SHA256`, `SHA384`, `SHA512` or `N/A` (H4.2); empty in the old form.
    pub(super) algorithm: &'a str,
    /// PBKDF2 rounds; `None` when the file does not say.
    pub(super) work_factor: Option<u32>,
}

type Derive = fn(&[u8], &[u8], u32, &mut [u8]) -> Result<(), InvalidLength>;

/// Whether `hash` is that of the documented initial password `SYS`, or of `sys`.
///
/// `None` when it cannot be told: another algorithm (`N/A`), no salt, a hash of another length than
/// the algorithm gives or of zero bytes only (redacted), no or more than 200,000 rounds; and when
/// the rounds are not given and the default of 10,000 does not match, since an instance may be set
/// higher. The old form has 20 bytes, a salt of 8, no algorithm, and 1024 rounds.
#[must_use]
pub(super) fn is_initial(hash: &Hash<'_>) -> Option<bool> {
    let (length, derive): (usize, Derive) =
        match hash.algorithm.trim().to_ascii_uppercase().as_str() {
            "" if hash.salt.len() == 8 => (20, pbkdf2::<Hmac<Sha1>>),
            "SHA1" => (20, pbkdf2::<Hmac<Sha1>>),
            "SHA224" => (28, pbkdf2::<Hmac<Sha224>>),
            "SHA256" => (32, pbkdf2::<Hmac<Sha256>>),
            "SHA384" => (48, pbkdf2::<Hmac<Sha384>>),
            "SHA512" => (64, pbkdf2::<Hmac<Sha512>>),
            _ => return None,
        };
    let old = hash.algorithm.trim().is_empty();
    let given = hash.work_factor.or(old.then_some(OLD_ROUNDS));
    let rounds = given.unwrap_or(DEFAULT_ROUNDS);
    let redacted = hash.hash.iter().all(|byte| *byte == 0);
    let possible = hash.hash.len() == length && !redacted && !hash.salt.is_empty();
    if !possible || !(1..=MOST_ROUNDS).contains(&rounds) {
        return None;
    }
    let mut derived = Zeroizing::new(vec![0; length]);
    for password in INITIAL {
        derive(password, hash.salt, rounds, &mut derived).ok()?;
        if derived.as_slice() == hash.hash {
            return Some(true);
        }
    }
    given.map(|_| false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::{KeyInit, Mac};
    use proptest::{collection::vec, prelude::*};
    use std::io::Write as _;

    fn unhex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    fn tell(hash: &[u8], salt: &[u8], algorithm: &str, work_factor: Option<u32>) -> Option<bool> {
        is_initial(&Hash { hash, salt, algorithm, work_factor })
    }

    /// One block of PBKDF2 as RFC 8018 section 5.2 writes it, with SHA256.
    fn by_the_rfc(password: &[u8], salt: &[u8], rounds: u32) -> Vec<u8> {
        let mac = |text: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(password).unwrap();
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        };
        let mut last = mac(&[salt, &[0, 0, 0, 1]].concat());
        let mut sum = last.clone();
        for _ in 1..rounds {
            last = mac(&last);
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        sum
    }

    proptest! {
        #[test]
        fn a_password_is_initial_or_another(
            password in "SYS|sys|Sys|[ -~]{0,9}",
            salt in vec(any::<u8>(), 1..70),
            rounds in 1u32..20,
        ) {
            let hash = by_the_rfc(password.as_bytes(), &salt, rounds);
            let initial = ["SYS", "sys"].contains(&password.as_str());
            prop_assert_eq!(tell(&hash, &salt, "SHA256", Some(rounds)), Some(initial));
            prop_assert_eq!(tell(&hash, &salt, "SHA256", Some(rounds + 1)), Some(false));
        }

        #[test]
        fn no_input_panics_or_takes_long(
            hash in vec(any::<u8>(), 0..70), salt in vec(any::<u8>(), 0..20),
            algorithm in "SHA(1|224|256|384|512|3)|N/A||\\PC{0,5}",
            rounds in prop_oneof![Just(0), 1u32..9, 200_001..=u32::MAX],
        ) {
            let told = tell(&hash, &salt, &algorithm, Some(rounds));
            prop_assert!(told.is_none() || ((1..9).contains(&rounds) && !salt.is_empty()));
        }
    }

    /// Salts made up for this test, hashes by Python's `hashlib.pbkdf2_hmac`.
    #[test]
    fn hashes_of_another_implementation() {
        let salt = b"salt of the test";
        let long = "b04ad668b487add8e2d46c51e4af4cf36de28f4b2418ef5d29eada78b982342e\
                    18dc3d5a8859a55dcff93426876e2f376b4cfb9788def2f7c2b0b4b5e7832ce1";
        for (algorithm, hash) in [
            ("SHA1", "ddef5466c1fdc385e00cdc54fc77df5f7249e6e2"),
            ("SHA224", "c5e1251557ea8cd8bc10913eb44d2d07c0e25b41b200dd9cb1854190"),
            ("sha256", "35996f6a9f62cd896b75f204d4648b0fdf0a7a28f41a23d1d129d20ee536d2e7"),
            (
                "SHA384",
                "dbee87980ef35f730b5adfbf2690e07c56fb69db14fd0788\
                 31456f5c94bc810f25ef76506de1a58fce2a291f7b88c8d0",
            ),
            ("SHA512", long),
        ] {
            let hash = unhex(hash);
            for (hash, salt, rounds, told) in [
                (&hash[..], &salt[..], 10, Some(true)),
                (&hash, salt, 11, Some(false)),
                (&hash[1..], salt, 10, None),
                (&vec![0; hash.len()], salt, 10, None),
                (&hash, b"", 10, None),
                (&hash, salt, 0, None),
                (&hash, salt, 200_001, None),
            ] {
                assert_eq!(tell(hash, salt, algorithm, Some(rounds)), told);
            }
        }
        let default = "5db3ebf0d4ddc83e1ac2dec591ca0ac64812573f6780eb5b54f91744ef5119da\
                       497c34e41506dbc34be0ec626118b14e4f5732eb10f352dabb7ae0f0ce3c0e2f";
        assert_eq!(tell(&unhex(default), salt, "SHA512", None), Some(true));
        assert_eq!(tell(&unhex(long), salt, "SHA512", None), None, "the rounds are only assumed");
        let old = unhex("5e3064182e49f9ebdf1f6f87d16922d00a132912");
        assert_eq!(tell(&old, b"q7Rd2xLm", "", None), Some(true));
        assert_eq!(tell(&old, b"q7Rd2xLn", "", None), Some(false));
        assert_eq!(tell(&old, b"q7Rd2xLm", "N/A", None), None);
    }

    #[test]
    fn published_merge_files_have_the_initial_password() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus/merge-cpf");
        let Ok(files) = std::fs::read_dir(folder) else {
            return drop(writeln!(std::io::stderr(), "skipped: no ../shared"));
        };
        let (mut old, mut new) = (0, 0);
        for path in files.map(|file| file.unwrap().path()) {
            let text = std::fs::read_to_string(&path).unwrap();
            for value in text.split("PasswordHash=").skip(1) {
                let value = value.split_whitespace().next().unwrap();
                let told = match value.split(',').collect::<Vec<_>>().as_slice() {
                    [hash, salt, rounds, algorithm] => {
                        new += 1;
                        tell(&unhex(hash), &unhex(salt), algorithm, rounds.parse().ok())
                    }
                    [hash, salt] => {
                        old += 1;
                        tell(&unhex(hash), salt.as_bytes(), "", None)
                    }
                    _ => None,
                };
                assert_eq!(told, Some(true), "{}", path.display());
            }
        }
        assert!(old > 0 && new > 0);
    }
}
