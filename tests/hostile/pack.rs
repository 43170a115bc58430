//! Packing by hand: a tar header byte by byte, a zstd frame block by block, an age file.
//!
//! [`Sound`] holds the entries of a bundle that the program sealed, and packs them again after one
//! thing was changed and whatever follows from it was set right, so that a row is wrong in one way
//! only.

use std::io::{Read as _, Write as _};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub const BLOCK: usize = 512;
pub const MANIFEST: &str = "manifest.json";
pub const DOCUMENT: &str = "configuration.json";
pub const SUMS: &str = "SHA256SUMS";
pub const SIGNATURE: &str = "SHA256SUMS.sig";

pub type Block = [u8; BLOCK];

/// The header of an entry of any type.
pub fn header(name: &str, kind: u8, size: u64) -> Block {
    let mut block = [0; BLOCK];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..108].copy_from_slice(b"0000600\0");
    block[108..124].copy_from_slice(b"0000000\x000000000\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[136..148].copy_from_slice(b"00000000000\0");
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    sum(&mut block);
    block
}

/// Sets the sum of a header right.
pub fn sum(block: &mut Block) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
}

/// An entry of any type, its last block filled.
pub fn entry_of(kind: u8, name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut blocks = header(name, kind, bytes.len() as u64).to_vec();
    blocks.extend(bytes);
    blocks.resize(blocks.len().next_multiple_of(BLOCK), 0);
    blocks
}

/// An archive of regular files.
pub fn tar<'a>(entries: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let entries = entries.into_iter().flat_map(|(name, bytes)| entry_of(b'0', name, bytes));
    entries.chain([0; 2 * BLOCK]).collect()
}

/// The entries of a sound archive.
pub fn entries(tar: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (mut rest, mut entries) = (tar, Vec::new());
    while rest[0] != 0 {
        let text = |from: usize, to: usize| {
            let field = str::from_utf8(&rest[from..to]).unwrap();
            field.split('\0').next().unwrap().to_owned()
        };
        let size = usize::from_str_radix(&text(124, 136), 8).unwrap();
        entries.push((text(0, 100), rest[BLOCK..BLOCK + size].to_vec()));
        rest = &rest[BLOCK + size.next_multiple_of(BLOCK)..];
    }
    entries
}

/// A zstd frame as the program makes it.
pub fn squeeze(bytes: &[u8]) -> Vec<u8> {
    let mut zstd = zstd::Encoder::new(Vec::new(), 3).unwrap();
    zstd.include_checksum(true).unwrap();
    zstd.write_all(bytes).unwrap();
    zstd.finish().unwrap()
}

/// What a frame made by hand holds.
pub enum Part {
    /// These bytes.
    Bytes(Vec<u8>),
    /// So many of one byte; takes four bytes for every 128 KiB.
    Many(u8, usize),
}

/// A zstd frame made by hand: RFC 8878, 3.1.1, without compression but for runs of one byte.
/// `window` is the window descriptor.
pub fn frame(window: u8, parts: &[Part]) -> Vec<u8> {
    const MOST: usize = 128 << 10;
    let mut frame = b"\x28\xb5\x2f\xfd\x00".to_vec();
    frame.push(window);
    let mut block = |kind: usize, size: usize, bytes: &[u8]| {
        frame.extend(&(size << 3 | kind << 1).to_le_bytes()[..3]);
        frame.extend(bytes);
    };
    for part in parts {
        match part {
            Part::Bytes(bytes) => bytes.chunks(MOST).for_each(|part| block(0, part.len(), part)),
            Part::Many(byte, count) => {
                (0..*count).step_by(MOST).for_each(|at| block(1, (count - at).min(MOST), &[*byte]));
            }
        }
    }
    // The last block is an empty one.
    frame.extend([1, 0, 0]);
    frame
}

/// The window descriptor of 128 KiB, and of the largest window there is, 3.75 TiB.
pub const WINDOW: u8 = 7 << 3;
pub const LARGEST_WINDOW: u8 = 0xff;

/// An age file.
pub fn seal(recipients: &[&dyn age::Recipient], bytes: &[u8]) -> Vec<u8> {
    let age = age::Encryptor::with_recipients(recipients.iter().copied()).unwrap();
    let mut to = age.wrap_output(Vec::new()).unwrap();
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}

/// The list of digests of these entries.
pub fn sums_of<'a>(entries: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let line = |(name, bytes): (&str, &[u8])| {
        let digest: String =
            Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{digest}  {name}\n")
    };
    entries.into_iter().map(line).collect()
}

/// The entries of a sound bundle.
#[derive(Clone)]
pub struct Sound {
    pub manifest: Vec<u8>,
    pub document: Vec<u8>,
    pub sums: Vec<u8>,
}

impl Sound {
    /// Takes a bundle apart that the program sealed.
    pub fn of(file: &[u8], identity: &age::x25519::Identity) -> Self {
        let age = age::Decryptor::new(file).unwrap();
        let stream = age.decrypt(std::iter::once(identity as &dyn age::Identity)).unwrap();
        let mut tar = Vec::new();
        zstd::Decoder::new(stream).unwrap().read_to_end(&mut tar).unwrap();
        let entries = entries(&tar);
        let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, [MANIFEST, DOCUMENT, SUMS]);
        let [manifest, document, sums] =
            [0, 1, 2].map(|at| entries.get(at).map(|entry| entry.1.clone()).unwrap());
        let sound = Self { manifest, document, sums };
        assert!(sound.tar() == tar, "packed by hand it is not what the program packs");
        sound
    }

    /// Manifest and document with a list of digests that fits, changed by `spoil`; the manifest gets
    /// the sizes of all that follows it.
    pub fn with(mut manifest: Value, document: &[u8], spoil: impl Fn(String) -> String) -> Self {
        let spoiled = |manifest: &[u8]| {
            spoil(sums_of([(MANIFEST, manifest), (DOCUMENT, document)])).into_bytes()
        };
        manifest["entries"] = json!([
            { "name": DOCUMENT, "size": document.len() },
            { "name": SUMS, "size": spoiled(b"").len() },
        ]);
        let manifest = serde_json::to_vec(&manifest).unwrap();
        let sums = spoiled(&manifest);
        Self { manifest, document: document.to_vec(), sums }
    }

    /// With a manifest of these bytes, whose digest is right.
    pub fn with_manifest(&self, manifest: &[u8]) -> Self {
        let sums = sums_of([(MANIFEST, manifest), (DOCUMENT, &self.document)]).into_bytes();
        Self { manifest: manifest.to_vec(), document: self.document.clone(), sums }
    }

    /// With a document that fills the archive up to a number of blocks, its end included.
    pub fn filling(&self, blocks: usize) -> Self {
        let document = |size: usize| {
            let mut document = self.document.clone();
            document.resize(document.len().max(size), b' ');
            Self::with(self.manifest(), &document, |sums| sums)
        };
        let missing = blocks * BLOCK - document(0).tar().len();
        document(self.document.len() + missing)
    }

    pub fn manifest(&self) -> Value {
        serde_json::from_slice(&self.manifest).unwrap()
    }

    /// The entries, in order.
    pub fn entries(&self) -> [(&'static str, &[u8]); 3] {
        [(MANIFEST, &self.manifest), (DOCUMENT, &self.document), (SUMS, &self.sums)]
    }

    pub fn tar(&self) -> Vec<u8> {
        tar(self.entries())
    }

    /// Where an entry begins in the archive; 3 is where it ends.
    fn begin(&self, at: usize) -> usize {
        let before = self.entries().into_iter().take(at);
        before.map(|(_, bytes)| BLOCK + bytes.len().next_multiple_of(BLOCK)).sum()
    }

    /// The archive with the header of one entry changed, and its sum right.
    pub fn with_header_of(
        &self,
        mut tar: Vec<u8>,
        at: usize,
        change: impl FnOnce(&mut Block),
    ) -> Vec<u8> {
        let from = self.begin(at);
        let block: &mut Block = (&mut tar[from..from + BLOCK]).try_into().unwrap();
        change(block);
        sum(block);
        tar
    }

    /// The archive with the header of one entry changed, and its sum right.
    pub fn header_changed(&self, at: usize, change: impl FnOnce(&mut Block)) -> Vec<u8> {
        self.with_header_of(self.tar(), at, change)
    }

    /// The archive with something before one of its entries; 3 is its end.
    pub fn inserted(&self, at: usize, bytes: &[u8]) -> Vec<u8> {
        let mut tar = self.tar();
        let from = self.begin(at);
        tar.splice(from..from, bytes.iter().copied());
        tar
    }
}
