//! What fuzzing found, and what each fuzz target does.
//!
//! Runs the bodies of the fuzz targets (`fuzzed/bodies.rs`, which the crate in `fuzz/` uses too) over a
//! table of named inputs: those that once brought the program down, and the most interesting ones of
//! the corpora. A body panics where the program does or where something does not hold that must; the
//! table tells which input did. Seals of every layer are opened first, for a body that refused
//! everything would find nothing. `docs/fuzzing.md` says how a crash becomes a row.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test fails by panicking"
)]

#[path = "fuzzed/bodies.rs"]
#[allow(dead_code, unreachable_pub, reason = "the fuzz targets use what this test does not")]
mod bodies;

use std::panic;

use bodies::Layer;

/// An input: its name, the body it is for, and its bytes.
type Row = (&'static str, fn(&[u8]), &'static [u8]);

const ROWS: &[Row] = &[
    ("nothing", bodies::cpf, b""),
    ("nothing sealed", bodies::bundle, b""),
    // Small inputs that the fuzzers kept, since each reaches what no other one does.
    ("cpf 1", bodies::cpf, b"[AateRole\x0aCrEANSI=80^#,$C(27\x00{ns},Aut"),
    ("cpf 2", bodies::cpf, b"[Con\x0a[ConfigFile]\x0aProduc\x86\x86\x86\x86\x86F\x86i"),
    ("cpf 3", bodies::cpf, b"[Map.%SYS][ConfigFile]\x00\x00\x00age=USER\x0a"),
    ("cpf 4", bodies::cpf, b"[A[CI\x00figFil[ConfigFile]pp,reezeOIRISAPP=$AutheUnauth\x0a"),
    ("cpf 5", bodies::cpf, b"[Sta\x8e\x85]\x0aupSystemMo\x9de`=[ConfigFile]configuort dataabes\"\x0a\x0a"),
    ("xml 1", bodies::xml, b"<UsersExport><Users><Name>Admin</Name><Password>sIi3CKt7kDding=s=="),
    ("xml 2", bodies::xml, b"  <UsersExport>\x0a    <Users\x18>\x0atD5r2A38<?xml veVersion>>\x0ash"),
    ("xml 3", bodies::xml, b" rmvx\x14LSMinVer\xf6^^2SMinVer\xf6\x81\x00\x00\x00^^2^^^De\x0a\x0a"),
    ("xml 4", bodies::xml, b"<?dingtrue=\"UT\x0a    -4\"?>\x0a\x0a\x00<Users>\x0a5"),
    ("xml 5", bodies::xml, b"<UsersExport>&amp;<Usm</U{er\x15rpxEst>"),
    ("qlist 1", bodies::qlist, b"02sI\x01\x00\xff\x11\x04\x09\x09\x09\x09\x09\x09K\x09\x09[\x09\x0d\x09\x00\xa3\x09\x09\x09\x09\x09\x09\x09\x09\x09"),
    ("qlist 2", bodies::qlist, b"{\"AAAAIRIScpIRIS^/usrAAAAAA\x00\x00\x00\x00\x00\x00\x00,AAAAAAAAAAAA-\xde0\x1e:\x03\x00\x00\"-^"),
    ("qlist 3", bodies::qlist, b"\x0b\x0c            7^{\x1d"),
    ("qlist 4", bodies::qlist, b"[ningmbmbeerT]"),
    ("qlist 5", bodies::qlist, b"I^IRIS^/^1.u0^\xcf"),
    ("json 1", bodies::json, b"{\"d[orm\\tVesA\": \"uf se{\"th"),
    ("json 2", bodies::json, b"{\x0a  \"foVers\":9666466665699999.0rmaed\":"),
    ("json 3", bodies::json, b"{\x0a  \"f{tVe(rsion\": \"1$0\",\x0a  \"va}lue\": true \"facts2"),
    ("json 4", bodies::json, b"{\x0a  \"format\": true \x0a ,    \"by\":y st{\x0a  \"re"),
    ("json 5", bodies::json, b"{ \"f{KKKK\xef\xbb\xbfKKKK\xef\xbf\xbdKKKKK\xef\xbf\xbdKKKKKKKK\xef\xbf\xbdKKK\": [KKXvKKKK\xef\xc6\xbd"),
    ("a modulus that is zero, and longer than zero is", bodies::keys, b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQA="),
    ("the same in a private key", bodies::keys, b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAFwAAAAdzc2gtcn\nNhAAAAAwEAAQAAAAEAAAAAOAAAAAcAAAAHAAAAB3NzaC1yc2EAAAABAAAAAAMBAAEAAAAB\nAQAAAAEAAAAAAQMAAAABBQAAAAFj\n-----END OPENSSH PRIVATE KEY-----\n"),
    ("a plan of nothing", bodies::plan, b"{\"formatVersion\":\"1.0\",\"gaps\":[],\"left\":[],\"member\":{\"configurationSha256\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"name\":\"`B`\",\"sections\":[]},\"personalData\":false,\"primary\":{\"configurationSha256\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"name\":\"A\\n# x\",\"sections\":[]},\"steps\":[],\"taskSettings\":false}"),
    ("a merge file", bodies::plan, b"[Actions]\nCreateRole:Name=x,Resources=\"a:R,b:U\" # y\n"),
    ("a waiver of all", bodies::waivers, b"formatVersion = \"1.0\"\n[[waiver]]\nrule = \"role-missing\"\nname = \"*\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2999-12-31\n"),
    ("a waiver of what blocks", bodies::waivers, b"formatVersion = \"1.0\"\n[[waiver]]\nrule = \"hssys-resource-missing\"\nname = \"*\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2999-12-31\n"),
    ("list 1", bodies::list, b"\x0a\x02\xff\xff\xffP\x00\x01\x00\x18\x0a\x02\x0d\x00\x00\x00T\xff<\x01"),
    ("list 2", bodies::list, b"\x01\x01\x0a\x09\x01\x00\x16:\x01h\x01\x01\x01\x01\x01\x01\x01\x01f"),
    ("list 3", bodies::list, b"\x05\x08\x09\xbb\xda\x05\x08t \xbb"),
    ("list 4", bodies::list, b"\x02\x01\x02\x01\x02\x02\x02\x01\x02\x02"),
    ("list 5", bodies::list, b"\x01\x00\"f"),
];

#[test]
fn no_input_brings_a_reader_down() {
    let fell: Vec<&str> = ROWS
        .iter()
        .filter(|(_, body, bytes)| panic::catch_unwind(|| body(bytes)).is_err())
        .map(|(name, ..)| *name)
        .collect();
    assert!(fell.is_empty(), "{fell:?}");
}

#[test]
fn what_is_sound_is_opened() {
    for signed in [false, true] {
        let manifest = bodies::sound_manifest(signed);
        let archive = bodies::archive(&manifest);
        for (layer, bytes) in [
            (Layer::Manifest, &manifest),
            (Layer::Tar, &archive),
            (Layer::SummedTar, &archive),
            (Layer::Zstd, &bodies::compress(&archive)),
            (Layer::Configuration, &bodies::DOCUMENT.to_owned()),
        ] {
            let opened = bodies::open(&bodies::sealed(layer, bytes));
            assert!(opened.is_some(), "{layer:?}, signed: {signed}");
        }
    }
    assert!(bodies::open(b"age-encryption.org/v1\n").is_none());
}
