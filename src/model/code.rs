//! Coded settings of the product, by name.
//!
//! Owns the small enumerations that exports state as a number: schedules, mirror setting of tasks,
//! file serving, cookies, TLS versions (H4.5, H4.6, H5.2). JSON holds the name.
//! Invariant: a number without a documented name is carried as `code7`, never mapped to a known one.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::form::Form;
use super::record::Content;
use super::value::{Value, plain};

macro_rules! code {
    ($(#[doc = $about:literal])+ $Type:ident { $($Name:ident = $number:literal $name:literal)+ }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $Type(u32);

        #[allow(non_upper_case_globals, reason = "the names of an enumeration")]
        impl $Type {
            $(#[doc = $name] pub const $Name: Self = Self($number);)+
            const NAMES: &[(u32, &str)] = &[$(($number, $name)),+];

            /// The name of the setting, or `code7` where the number has none.
            pub fn name(self) -> Cow<'static, str> {
                let known = Self::NAMES.iter().find(|(number, _)| *number == self.0);
                known.map_or_else(|| format!("code{}", self.0).into(), |(_, name)| (*name).into())
            }

            /// From the number, the name (any case), `code7`, or the boolean that a TLS export
            /// makes of 0 and 1 (formats 3.3).
            pub fn parse(word: &str) -> Option<Self> {
                let word = match word.trim() {
                    "false" => "0",
                    "true" => "1",
                    word => word,
                };
                let named = Self::NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(word));
                let number = word.strip_prefix("code").unwrap_or(word);
                named.map(|(number, _)| *number).or_else(|| number.parse().ok()).map(Self)
            }
        }

        impl Value for $Type {
            const FORM: Form = Form::Code(Self::NAMES);
            fn spelled(&self) -> String {
                self.name().into_owned()
            }
            fn written(&self) -> Option<String> {
                Some(self.0.to_string())
            }
            fn from_content(content: &Content) -> Result<Self, String> {
                let names = [$(concat!(stringify!($number), " ", $name)),+];
                Self::parse(plain(content)?).ok_or_else(|| format!("one of {}", names.join(", ")))
            }
        }

        impl Serialize for $Type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.name())
            }
        }

        impl<'de> Deserialize<'de> for $Type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = Cow::<'de, str>::deserialize(from)?;
                Self::parse(&word).ok_or_else(|| D::Error::custom("not a known setting"))
            }
        }

        impl JsonSchema for $Type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($Type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "description": concat!($($about),+),
                    "anyOf": [
                        { "type": "string", "enum": [$($name),+] },
                        { "type": "string", "pattern": "^code[0-9]{1,9}$" }
                    ]
                })
            }
        }
    };
}

code! {
    /// How often a task runs (TimePeriod, H5.2).
    TimePeriod {
        Daily = 0 "daily" Weekly = 1 "weekly" Monthly = 2 "monthly"
        MonthlySpecial = 3 "monthly special" RunAfter = 4 "run after" OnDemand = 5 "on demand"
    }
}
code! {
    /// Once a day or several times (DailyFrequency, H5.2).
    DailyFrequency { Once = 0 "once" Several = 1 "several" }
}
code! {
    /// The unit of DailyIncrement (DailyFrequencyTime, H5.2).
    FrequencyUnit { Minutes = 0 "minutes" Hours = 1 "hours" }
}
code! {
    /// On which mirror member a task runs (MirrorStatus, H5.2).
    MirrorStatus { Primary = 1 "primary" NotPrimary = 2 "not primary" Any = 3 "any" }
}
code! {
    /// Who made a task (Type, H5.2; the numbers are inferred from the documented order).
    TaskKind { System = 0 "system" Maintenance = 1 "maintenance" User = 2 "user" }
}
code! {
    /// Priority of a task's process (Priority, H5.2; the numbers are inferred from the documented order).
    TaskPriority { Normal = 0 "normal" Low = 1 "low" High = 2 "high" }
}
code! {
    /// How static files are served (ServeFiles, H4.5).
    ServeFiles { No = 0 "no" Always = 1 "always" Cached = 2 "always and cached" Csp = 3 "use CSP security" }
}
code! {
    /// Whether sessions use cookies (UseCookies, H4.5).
    UseCookies { Never = 0 "never" AutoDetect = 1 "autodetect" Always = 2 "always" }
}
code! {
    /// SameSite setting of cookies (SessionScope, UserCookieScope, H4.5).
    CookieScope { None = 0 "none" Lax = 1 "lax" Strict = 2 "strict" }
}
code! {
    /// Gateway interface of a Python application (WSGIType, H4.5).
    GatewayInterface { Wsgi = 1 "WSGI" Asgi = 2 "ASGI" }
}
code! {
    /// Which end of a connection a TLS configuration is for (Type, H4.6).
    TlsEnd { Client = 0 "client" Server = 1 "server" }
}
code! {
    /// A TLS version (TLSMinVersion, TLSMaxVersion, H4.6).
    TlsVersion { V10 = 4 "1.0" V11 = 8 "1.1" V12 = 16 "1.2" V13 = 32 "1.3" }
}
code! {
    /// Whether the peer's certificate is checked (VerifyPeer, H4.6).
    VerifyPeer { None = 0 "none" Request = 1 "request" Require = 3 "require" }
}
code! {
    /// Kind of the private key (PrivateKeyType, H4.6).
    KeyKind { Dsa = 1 "DSA" Rsa = 2 "RSA" Ecdsa = 3 "ECDSA" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_survives_the_json_form(number in 0u32..1_000_000_000) {
            let json = serde_json::to_string(&MirrorStatus(number)).unwrap();
            prop_assert_eq!(serde_json::from_str::<MirrorStatus>(&json).unwrap(), MirrorStatus(number));
        }
    }
}
