//! Bit masks of the product, by name.
//!
//! Owns the masks of the security classes: what each bit is called and which numbers are documented
//! (H4.4 to 4.6, formats 3.3). Exports state the number; JSON holds the names, sorted; the vendor's
//! messages list them in the order of the bits.
//! Invariant: no bit is lost. A bit without a documented name is carried as `bit15`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::form::Form;
use super::record::Content;
use super::value::{Value, plain, whole};

macro_rules! mask {
    ($(#[doc = $about:literal])+ $Type:ident { $($bit:literal $name:literal)+ }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $Type(pub u64);

        impl $Type {
            const NAMES: &[(u32, &str)] = &[$(($bit, $name)),+];

            /// The names of the set bits, lowest bit first.
            pub fn names(self) -> Vec<Cow<'static, str>> {
                names(self.0, Self::NAMES)
            }

            /// Whether bit number `bit` is set.
            pub fn has(self, bit: u32) -> bool {
                self.0 >> bit & 1 == 1
            }
        }

        impl Value for $Type {
            const FORM: Form = Form::Mask(Self::NAMES);
            fn spelled(&self) -> String {
                self.names().join(",")
            }
            fn written(&self) -> Option<String> {
                Some(self.0.to_string())
            }
            fn from_content(content: &Content) -> Result<Self, String> {
                whole(content).map(Self)
            }
        }

        impl Serialize for $Type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let mut names = self.names();
                names.sort();
                to.collect_seq(names)
            }
        }

        impl<'de> Deserialize<'de> for $Type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let words = Vec::<Cow<'de, str>>::deserialize(from)?;
                let mut mask = 0;
                for word in words {
                    let bit = bit(&word, Self::NAMES)
                        .ok_or_else(|| D::Error::custom("not the name of a bit"))?;
                    mask |= 1 << bit;
                }
                Ok(Self(mask))
            }
        }

        impl JsonSchema for $Type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($Type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "array",
                    "uniqueItems": true,
                    "description": concat!($($about),+),
                    "items": { "anyOf": [
                        { "type": "string", "enum": [$($name),+] },
                        { "type": "string", "pattern": "^bit([0-9]|[1-4][0-9]|5[0-2])$" }
                    ] }
                })
            }
        }
    };
}

fn names(mask: u64, known: &[(u32, &'static str)]) -> Vec<Cow<'static, str>> {
    let name = |bit: u32| {
        let known = known.iter().find(|(number, _)| *number == bit);
        known.map_or_else(|| format!("bit{bit}").into(), |(_, name)| Cow::Borrowed(*name))
    };
    (0..u64::BITS).filter(|bit| mask >> bit & 1 == 1).map(name).collect()
}

fn bit(word: &str, known: &[(u32, &'static str)]) -> Option<u32> {
    let named = known.iter().find(|(_, name)| *name == word).map(|(bit, _)| *bit);
    named.or_else(|| word.strip_prefix("bit")?.parse().ok().filter(|bit| *bit <= 52))
}

mask! {
    /// The ways to log in that are allowed (AutheEnabled, H4.6).
    AuthenticationMethods {
        0 "K5CCache" 1 "K5Prompt" 2 "K5API" 3 "K5KeyTab" 4 "OS" 5 "Password" 6 "Unauthenticated"
        7 "KB" 8 "KBEncryption" 9 "KBIntegrity" 10 "System" 11 "LDAP" 12 "LDAPCache"
        13 "Delegated" 14 "LoginToken" 20 "TwoFactorSMS" 21 "TwoFactorPW" 25 "MutualTLS"
    }
}

mask! {
    /// What kind of account a user is (Flags, H4.2).
    AccountKind { 0 "Password" 1 "LDAP" 2 "Delegated" }
}

mask! {
    /// What a resource guards (Type, H4.4).
    ResourceKind { 0 "System" 1 "Database" 2 "Service" 3 "Application" 4 "Analytics" 31 "User" }
}

mask! {
    /// What kind of application it is (Type, H4.5).
    ApplicationKind { 0 "System" 1 "Web" 2 "PrivilegedRoutine" 3 "Client" }
}

/// Permission on a resource: any of the letters R, W and U (bits 1, 2, 4; H4.3, H4.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permission(u8);

const LETTERS: [(u8, char); 3] = [(1, 'R'), (2, 'W'), (4, 'U')];

impl Permission {
    /// Whether nothing is permitted.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The bits as exports state them: R 1, W 2, U 4.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    /// Of these bits; others than R, W and U are no permissions.
    pub(crate) const fn of_bits(bits: u8) -> Self {
        Self(bits & 7)
    }

    /// The letters in the order R, W, U.
    pub fn letters(self) -> String {
        LETTERS.iter().filter(|(bit, _)| self.0 & bit != 0).map(|(_, letter)| letter).collect()
    }

    /// What it permits, in words: `read and write`.
    pub fn verbs(self) -> String {
        let verbs =
            LETTERS.iter().filter(|(bit, _)| self.0 & bit != 0).map(|(_, letter)| match letter {
                'R' => "read",
                'W' => "write",
                _ => "use",
            });
        verbs.collect::<Vec<_>>().join(" and ")
    }

    /// From a number (`7`), letters in any order (`WR`) or words (`READ,WRITE`).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(number) = text.parse::<u8>() {
            return (number <= 7).then_some(Self(number));
        }
        let mut mask = 0;
        for word in text.split(',').map(str::trim) {
            mask |= match word.to_ascii_uppercase().as_str() {
                "READ" => 1,
                "WRITE" => 2,
                "USE" => 4,
                letters => letters.chars().try_fold(0, |mask, letter| {
                    LETTERS.iter().find(|(_, known)| *known == letter).map(|(bit, _)| mask | bit)
                })?,
            };
        }
        Some(Self(mask))
    }
}

impl Value for Permission {
    const FORM: Form = Form::Permission;
    fn spelled(&self) -> String {
        self.letters()
    }
    fn from_content(content: &Content) -> Result<Self, String> {
        Self::parse(plain(content)?)
            .ok_or_else(|| "a permission: 0 to 7, or letters of RWU".to_owned())
    }
}

impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.letters())
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let letters = Cow::<'de, str>::deserialize(from)?;
        Self::parse(&letters).ok_or_else(|| D::Error::custom("not letters of RWU"))
    }
}

impl JsonSchema for Permission {
    fn schema_name() -> Cow<'static, str> {
        "Permission".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^R?W?U?$",
            "description": "Permission on a resource: letters of RWU in this order; empty is none."
        })
    }
}

impl AuthenticationMethods {
    /// Whether it can be done without a login: Unauthenticated is among them (H4.6).
    pub fn lets_anybody_in(self) -> bool {
        self.has(6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bit_is_lost(mask in 0u64..1 << 53) {
            let json = serde_json::to_string(&AuthenticationMethods(mask)).unwrap();
            let back: AuthenticationMethods = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(back.0, mask);
        }
    }

    #[test]
    fn permissions_are_letters_numbers_or_words() {
        for text in ["6", "UW", "wu", "WRITE,USE", " use , write "] {
            assert_eq!(Permission::parse(text).map(Permission::letters).as_deref(), Some("WU"));
        }
        assert_eq!(Permission::parse("8"), None);
        assert_eq!(Permission::parse("RX"), None);
    }

    #[test]
    fn authentication_is_spelled_as_the_vendor_does() {
        assert_eq!(AuthenticationMethods(96).spelled(), "Password,Unauthenticated");
        assert_eq!(AuthenticationMethods(8224).spelled(), "Password,Delegated");
        assert_eq!(AuthenticationMethods(1 << 15).spelled(), "bit15");
    }
}
