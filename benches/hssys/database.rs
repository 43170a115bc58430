//! A file that looks like a database.
//!
//! Owns the making of blocks of 8 KiB: a quarter empty, a tenth random, the rest sorted keys with records,
//! text and code, filled more or less, so that it compresses as a database does and not all alike. The
//! bench writes as many as it wants.
//! Invariant: the same blocks in the same order on every machine.

use std::io::Write;
use std::sync::LazyLock;

/// Bytes of a block.
pub const BLOCK: usize = 8 << 10;

/// What records are made of.
type Words = LazyLock<Vec<&'static str>>;

fn split(words: &'static str) -> Vec<&'static str> {
    words.split(',').collect()
}

static LAST: Words = Words::new(|| {
    split(
        "SMITH,JOHNSON,WILLIAMS,BROWN,JONES,GARCIA,MILLER,DAVIS,RODRIGUEZ,WILSON,MARTINEZ,\
         ANDERSON,TAYLOR,THOMAS,HERNANDEZ,MOORE,MARTIN,JACKSON,THOMPSON,WHITE,LOPEZ,LEE,GONZALEZ,\
         HARRIS,CLARK,LEWIS,ROBINSON,WALKER,PEREZ,HALL",
    )
});
static FIRST: Words = Words::new(|| {
    split(
        "JAMES,MARY,JOHN,PATRICIA,ROBERT,JENNIFER,MICHAEL,LINDA,WILLIAM,ELIZABETH,DAVID,BARBARA,\
         RICHARD,SUSAN,JOSEPH,JESSICA,THOMAS,SARAH,CHARLES,KAREN",
    )
});
static CITIES: Words = Words::new(|| {
    split(
        "BOSTON,CAMBRIDGE,SOMERVILLE,QUINCY,WORCESTER,SPRINGFIELD,LOWELL,BROCKTON,NEW BEDFORD,\
         LYNN,NEWTON,LAWRENCE,FALL RIVER,FRAMINGHAM,HAVERHILL,WALTHAM",
    )
});
static STREETS: Words = Words::new(|| {
    split(
        "MAIN ST,OAK AVE,PARK RD,ELM ST,MAPLE DR,CEDAR LN,WASHINGTON ST,LAKE VIEW RD,HILL CREST,\
         PINE ST,RIVER RD,CHURCH ST,MEADOW WAY,SPRING ST,BEACON ST,HIGH ST",
    )
});
static EVENTS: Words = Words::new(|| {
    split(
        "%System/%Login/Login,%System/%Login/LoginFailure,HealthShare/Clinical/View Document,\
         HealthShare/Patient/Search,HealthShare/Consent/Change,%System/%Security/UserChange,\
         HealthShare/Registry/Add Update,HealthShare/Patient/Fetch,%System/%SQL/XDBCStatement",
    )
});
static TESTS: Words = Words::new(|| {
    split(
        "718-7^Hemoglobin^LN|g/dL|13.5-17.5,2345-7^Glucose^LN|mg/dL|70-105,\
         2951-2^Sodium^LN|mmol/L|136-145,2823-3^Potassium^LN|mmol/L|3.5-5.1,\
         2160-0^Creatinine^LN|mg/dL|0.6-1.3,6690-2^Leukocytes^LN|10*3/uL|4-11,\
         777-3^Platelets^LN|10*3/uL|150-400,17861-6^Calcium^LN|mg/dL|8.6-10.3,\
         1975-2^Bilirubin^LN|mg/dL|0.1-1.2",
    )
});
static SYLLABLES: Words = Words::new(|| {
    split(
        "a,re,ti,on,pa,ment,ca,di,er,in,lo,al,no,ta,si,the,o,ver,com,ni,ry,su,ble,an,mo,pre,gi,\
         ure,hy,path,neu,ph",
    )
});

/// A small generator that is the same everywhere (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        ((self.next() >> 32) * limit) >> 32
    }

    /// One of the words, the first ones more often.
    fn word<'words>(&mut self, words: &[&'words str]) -> &'words str {
        let limit = words.len() as u64;
        let at = self.below(limit).min(self.below(limit));
        words[usize::try_from(at).unwrap()]
    }
}

/// Makes block after block of something that looks like a database.
pub struct Database {
    random: Random,
    block: Vec<u8>,
    /// The next row of each kind, so that the keys of a global go on from block to block.
    rows: [u64; 7],
    /// The key written last and the one being written, in the block at hand.
    last: Vec<u8>,
    key: Vec<u8>,
    record: Vec<u8>,
    /// The words of notes.
    words: Vec<String>,
}

impl Database {
    pub fn new() -> Self {
        let empty = Vec::new;
        let mut random = Random(1);
        let syllables = |random: &mut Random| -> String {
            (0..1 + random.below(4)).map(|_| random.word(&SYLLABLES)).collect()
        };
        let words = (0..3_000).map(|_| syllables(&mut random)).collect();
        Self {
            random,
            block: empty(),
            rows: [1_000, 200_000, 70_000_000, 500, 9_000, 40_000, 30],
            last: empty(),
            key: empty(),
            record: empty(),
            words,
        }
    }

    pub fn block(&mut self) -> &[u8] {
        self.block.clear();
        match self.random.below(20) {
            0..5 => {}
            5..7 => {
                while self.block.len() < BLOCK {
                    self.block.extend(self.random.next().to_le_bytes());
                }
            }
            _ => self.used(),
        }
        self.block.resize(BLOCK, 0);
        &self.block
    }

    /// A block in use, which is filled more or less.
    fn used(&mut self) {
        let kind = match self.random.below(100) {
            0..32 => 0,
            32..42 => 1,
            42..58 => 2,
            58..75 => 3,
            75..86 => 4,
            86..97 => 5,
            _ => 6,
        };
        let percent = match self.random.below(8) {
            0 => 5 + self.random.below(40),
            _ => 70 + self.random.below(29),
        };
        let full = BLOCK * usize::try_from(percent).unwrap() / 100;
        let number = u32::try_from(self.rows[kind]).unwrap();
        self.block.extend([8 + u8::try_from(kind).unwrap(), 0, 0, 0]);
        self.block.extend(u32::try_from(full).unwrap().to_le_bytes());
        self.block.extend(number.wrapping_mul(7).to_le_bytes());
        self.block.extend((self.random.next() >> 24).to_le_bytes());
        self.block.resize(28, 0);
        self.last.clear();
        while self.block.len() < full {
            self.key.clear();
            self.record.clear();
            self.rows[kind] += 1 + self.random.below(3);
            let row = self.rows[kind];
            match kind {
                0 => self.person(row),
                1 => self.index(row),
                2 => self.audit(row),
                3 => self.message(row),
                4 => self.code(row),
                5 => self.token(row),
                _ => self.pointer(row),
            }
            self.put(full);
        }
    }

    /// A node as a B-tree holds it: how much of the key is that of the one before, the rest, the value.
    fn put(&mut self, full: usize) {
        let same = self.key.iter().zip(&self.last).take_while(|(this, last)| this == last).count();
        let rest = &self.key[same..];
        self.block.push(u8::try_from(same).unwrap());
        self.block.push(u8::try_from(rest.len()).unwrap());
        self.block.extend(rest);
        self.block.extend(u16::try_from(self.record.len()).unwrap().to_le_bytes());
        self.block.extend(&self.record);
        self.block.truncate(full);
        std::mem::swap(&mut self.key, &mut self.last);
    }

    /// A subscript that sorts as its number does.
    fn subscript(&mut self, global: &str, row: u64) {
        self.key.extend(global.as_bytes());
        let bytes = row.to_be_bytes();
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        self.key.push(0x80 + u8::try_from(8 - zeros).unwrap());
        self.key.extend(&bytes[zeros..]);
    }

    /// An element of a `$LIST`: its length, its type, its bytes.
    fn text(&mut self, text: std::fmt::Arguments<'_>) {
        let at = self.record.len();
        self.record.extend([0, 1]);
        self.record.write_fmt(text).unwrap();
        self.record[at] = u8::try_from(self.record.len() - at).unwrap();
    }

    fn number(&mut self, number: u64) {
        let bytes = number.to_le_bytes();
        let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
        self.record.extend([u8::try_from(10 - zeros).unwrap(), 4]);
        self.record.extend(&bytes[..8 - zeros]);
    }

    fn person(&mut self, row: u64) {
        self.subscript("HSPI.Data.Person", row);
        let random = &mut self.random;
        let (last, first) = (random.word(&LAST), random.word(&FIRST));
        let (street, city) = (random.word(&STREETS), random.word(&CITIES));
        let (house, zip) = (1 + random.below(999), 1_000 + random.below(1_800));
        let (born, phone, mrn) =
            (36_000 + random.below(29_000), random.below(10_000_000), random.next());
        let sex = ["F", "M", "F", "M", "U"][usize::try_from(random.below(5)).unwrap()];
        self.text(format_args!(""));
        self.text(format_args!("{last}"));
        self.text(format_args!("{first}"));
        self.number(born);
        self.text(format_args!("{sex}"));
        self.text(format_args!("{house} {street}"));
        self.text(format_args!("{city}"));
        self.text(format_args!("MA"));
        self.text(format_args!("{zip:05}"));
        self.text(format_args!("617-{:03}-{:04}", phone / 10_000, phone % 10_000));
        self.number(mrn >> 36);
        self.text(format_args!(
            "{first}.{last}{}@{}.example.org",
            mrn & 0xFFF,
            EVENTS.len() + last.len()
        ));
        self.text(format_args!("{:016X}", mrn.rotate_left(20)));
        self.note(4);
    }

    fn index(&mut self, row: u64) {
        // Sorted: the rows go through the names slowly.
        let random = &mut self.random;
        let last = LAST[usize::try_from(row / 40_000).unwrap() % LAST.len()];
        let first = FIRST[usize::try_from(row / 2_000).unwrap() % FIRST.len()];
        let person = random.below(2_000_000);
        self.key.extend(b"HSPI.Data.PersonI");
        write!(self.key, "NameIdx\u{1} {last},{first}\u{1}{row:09}").unwrap();
        self.subscript("", person);
        self.record.push(2);
    }

    fn audit(&mut self, row: u64) {
        self.subscript("HSAUDIT.Event", row);
        let random = &mut self.random;
        let (event, user) = (random.word(&EVENTS), random.word(&LAST));
        let (host, second, milli) = (random.below(65_536), row / 3, random.below(1_000));
        let (first, second_half) = (random.next(), random.next());
        let (hour, minute) = (second / 3_600 % 24, second / 60 % 60);
        self.text(format_args!(
            "2024-{:02}-{:02} {hour:02}:{minute:02}:{:02}.{milli:03}",
            1 + second / 2_678_400 % 12,
            1 + second / 86_400 % 28,
            second % 60
        ));
        self.text(format_args!("{event}"));
        self.text(format_args!("{user}{}", host % 10));
        self.text(format_args!("10.20.{}.{}", host >> 8, host & 255));
        self.text(format_args!(
            "{:08X}-{:04X}-4{:03X}-{:012X}",
            first >> 32,
            first >> 16 & 0xFFFF,
            first & 0xFFF,
            second_half >> 16
        ));
        self.number(first >> 44);
        self.note(5);
    }

    fn message(&mut self, row: u64) {
        self.subscript("EnsLib.H.MessageD", row);
        let (last, first) = (self.random.word(&LAST), self.random.word(&FIRST));
        write!(
            self.record,
            "MSH|^~\\&|LAB|GENERAL|HSHUB|HS|2024{:04}||ORU^R01|{row}|P|2.5\rPID|1||\
            {}^^^MRN||{last}^{first}\r",
            row % 1_200,
            self.random.below(9_000_000)
        )
        .unwrap();
        for at in 1..=2 + self.random.below(6) {
            let test = self.random.word(&TESTS);
            let (whole, tenth) = (self.random.below(180), self.random.below(10));
            let flag = if self.random.below(5) == 0 { "H" } else { "N" };
            write!(self.record, "OBX|{at}|NM|{test}|{whole}.{tenth}|{flag}|||F\r").unwrap();
        }
        self.record.extend(b"NTE|1||");
        let words = 20 + self.random.below(120);
        self.note(words);
    }

    fn note(&mut self, words: u64) {
        let limit = self.words.len() as u64;
        for _ in 0..words {
            let at = self.random.below(limit).min(self.random.below(limit));
            self.record.extend(self.words[usize::try_from(at).unwrap()].as_bytes());
            self.record.push(b' ');
        }
    }

    /// Object code: few bytes often, many bytes seldom.
    fn code(&mut self, row: u64) {
        self.subscript("rOBJHS.Routine", row);
        for _ in 0..300 + self.random.below(900) {
            let drawn = self.random.next();
            let byte = drawn.to_le_bytes();
            self.record.push(match byte[0] {
                0..110 => byte[1] & 7,
                110..200 => 0x40 + (byte[1] & 31),
                _ => byte[1],
            });
        }
    }

    /// A token: base64, which only its alphabet makes smaller.
    fn token(&mut self, row: u64) {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        self.subscript("OAuth2.Server.AccessTokenD", row);
        self.text(format_args!("%OAuth2.Server.AccessToken"));
        self.record.extend(b"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.");
        for _ in 0..300 + self.random.below(300) {
            self.record.push(DIGITS[usize::try_from(self.random.below(64)).unwrap()]);
        }
    }

    fn pointer(&mut self, row: u64) {
        self.subscript("HSPI.Data.Person", row * 57);
        let block = u32::try_from(row * 3 + self.random.below(4_000)).unwrap();
        self.record.extend(block.to_le_bytes());
    }
}
