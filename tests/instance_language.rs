//! The stand-in speaks the language that scripts are written in.
//!
//! Small scripts by hand: expressions, commands, errors, the end of a session, and that what it does not
//! know panics.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

#[path = "instance/mod.rs"]
mod instance;
#[path = "instance/small.rs"]
mod small;

use std::panic::{AssertUnwindSafe, catch_unwind};

use small::{printed, small};

fn says(script: &str) -> String {
    printed(&mut small(), script)
}

fn panics(act: impl FnOnce()) -> bool {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = catch_unwind(AssertUnwindSafe(act));
    std::panic::set_hook(hook);
    outcome.is_err()
}

#[test]
fn expressions_go_from_left_to_right() {
    for (expression, value) in [
        ("2+3*4", "20"),
        ("2+(3*4)", "14"),
        ("-2+3", "1"),
        ("7\\2,7#3,1/4,2**3", "31.258"),
        ("\"12abc\"+1", "13"),
        ("1=1=1", "1"),
        ("'0=1", "1"),
        ("'(1=1)", "0"),
        ("1!0&0", "0"),
        ("1||nothing", "1"),
        ("0&&nothing", "0"),
        ("\"abc\"[\"b\",\"abc\"'[\"b\"", "10"),
        ("\"b\"]\"a\",\"a\"]]2,10]]9,10]9", "1110"),
        ("1<2,2<=2,1'>2", "111"),
        ("\"say \"\"x\"\"\"_$CHAR(33,65)", "say \"x\"!A"),
        ("$piece(\"a,b,c\",\",\",2)_$p(\"a,b,c\",\",\",2,3)", "bb,c"),
        ("$length(\"a,b\"),$length(\"a,b\",\",\"),$extract(\"abcd\",2,3),$e(\"abcd\",2)", "32bcb"),
        ("$char(55357,56832)_$c(228)", "\u{1f600}\u{e4}"),
        ("$select(0:1,1:2)", "2"),
        ("$zconvert(\"aB\",\"U\"),$zcvt(\"aB\",\"l\")", "ABab"),
        ("$listfind($lb(\"a\",,\"b\"),\"b\"),$listlength($lfs(\"a,b\")),$list($lb(5,6),2)", "326"),
        ("$listfind(\"\",\"b\"),$find(\"abc\",\"b\"),$translate(\"abc\",\"ab\",\"x\")", "03xc"),
        ("$zdateh(\"2020-03-13\",3),$zd(65451,3),$ztimeh(\"01:00:00\")", "654512020-03-133600"),
    ] {
        assert_eq!(says(&format!("write {expression}")), value, "{expression}");
    }
}

#[test]
fn commands_do_what_the_language_says() {
    for (script, output) in [
        ("set x=1 set:x=1 y=2 set:x=2 y=3 write y,!,x", "2\n1"),
        ("set (a,b)=4 write a+b", "8"),
        ("set a(1)=1,a(\"x\",2)=3 write $data(a),$data(a(1)),$data(a(\"x\")),$data(b)", "101100"),
        (
            "set a(10)=1,a(9)=1,a(\"b\")=1 set i=\"\" for  set i=$order(a(i)) quit:i=\"\"  write i,\";\"",
            "9;10;b;",
        ),
        (
            "set a(1)=1,a(2)=2 write $order(a(\"\"),-1) kill a(2) write $o(a(\"\"),-1),$get(a(2),7)",
            "217",
        ),
        ("if 0 { write 1 } elseif 1 { write 2 } else { write 3 }", "2"),
        ("if 1,0 { write 1 } else { write 3 }", "3"),
        ("set i=0 while i<5 { set i=i+1 if i=3 { quit } write i }", "12"),
        ("for i=1:1:3 { write i }", "123"),
        ("try { write 1 set x=nothing write 2 } catch { write $zerror }", "1<UNDEFINED>*nothing"),
        (
            "try { throw ##class(%Exception.General).%New(\"Mine\") } catch e { write e.DisplayString() }",
            "<Mine>",
        ),
        ("for i=1:1:2 { try { quit } catch { write 9 } write i }", "12"),
        ("WRITE $ISOBJECT(##class(%SQL.Statement).%New()),$isobject(5)", "10"),
    ] {
        assert_eq!(says(script), output, "{script}");
    }
}

#[test]
fn a_session_goes_on_after_an_error_and_ends_with_its_status() {
    let mut instance = small();
    let session = instance.session("write $namespace\nwrite x\nwrite 5\nhalt");
    assert_eq!(session.status, 0);
    let wanted = "\nUSER>USER\nUSER>\n<UNDEFINED>*x\nUSER 2d1>5\nUSER 2d1>";
    assert!(session.output.ends_with(wanted), "{}", session.output);
    let session = instance.session("do $SYSTEM.Process.Terminate(,21) write 1\nwrite 2");
    assert_eq!(session.status, 21);
    assert!(!session.output.contains(['1', '2']));
    // The classes of security are in %SYS only, and a login starts anywhere.
    let session = instance.session("write ##class(Security.Roles).Exists(\"Nurse\")");
    assert!(session.output.contains("<CLASS DOES NOT EXIST>"), "{}", session.output);
    let session = instance.session("set $namespace=\"NOWHERE\"");
    assert!(session.output.contains("<NAMESPACE>"), "{}", session.output);
}

/// What is needed to write JSON on the instance (H8.2).
#[test]
fn objects_become_json_and_texts_are_executed() {
    for (script, said) in [
        (
            "set o={},a=[] do o.%Set(\"k\",\"5\",\"string\"),a.%Push(o) write a.%ToJSON()",
            "[{\"k\":\"5\"}]",
        ),
        (
            "set o={} do o.%Set(\"k\",1,\"boolean\"),o.%Set(\"n\",7,\"number\") write o.%ToJSON()",
            "{\"k\":true,\"n\":7}",
        ),
        (
            "set o={} do o.%Set(\"k\",1,\"number\"),o.%Set(\"k\",\"\",\"null\") write o.%ToJSON(),o.%Size()",
            "{\"k\":null}1",
        ),
        (
            "set a=[] do a.%Push(\"x\",\"string\") set i=a.%GetIterator() while i.%GetNext(.k,.v) { write k,v }",
            "0x",
        ),
        (
            "set x(\"c\")=\"set n=n+1 quit  write 9\",n=0 for i=1:1:3 { xecute x(\"c\") } write n",
            "3",
        ),
        (
            "set a(1)=1,a(2,5)=1,a(\"b\")=1 write $order(a(\"\")),$order(a(1)),$order(a(2)),$order(a(\"\"),-1)",
            "12bb",
        ),
        (
            "set a(1,2)=1 write $data(a),$data(a(1)),$data(a(1,2)),$data(a(2)),$get(a(2),7)",
            "1010107",
        ),
        (
            "for i=1:1:30000 { set o={} do o.%Set(\"k\",i,\"number\") } write o.%ToJSON()",
            "{\"k\":30000}",
        ),
        ("set a=[] for i=1:1:30000 { set o={} } set b=[] do b.%Push(a) write b.%ToJSON()", "[[]]"),
    ] {
        assert_eq!(says(script).trim(), said, "{script}");
    }
}

#[test]
fn what_it_does_not_know_it_panics_at() {
    for script in [
        "do ##class(Security.Roles).Copy(\"a\",\"b\")",
        "do ##class(No.Such).Method()",
        "do $SYSTEM.OBJ.Load(\"x\")",
        "write $zutil(5)",
        "write $job",
        "set o={\"a\":1}",
        "set o={} do o.%Set(\"a\",5)",
        "set o={} do o.%Remove(\"a\")",
        "write ##class(SYS.Database).Compact(\"/db/DATA/\")",
        "write $zstrip(\"a\",\"*P\")",
        "write a?1N",
        "set ^Global(1)=2",
        "new x",
        "do ^ROUTINE",
        "write $$$OK",
        "set x=##class(%SYS.Task).%New() set x.NoSuch=1",
        "set x=##class(%SYS.Task).%New() set x.EmailOnError=\"a\"",
        "do ##class(%SQL.Statement).%ExecDirect(,\"DELETE FROM %SYS.Task\")",
        "do ##class(Security.Roles).Create(\"a\",1,2,3,4,5)",
        "do ##class(Security.Roles).Delete()",
        "if 1 {",
        "\u{1}",
    ] {
        assert!(panics(|| drop(says(script))), "{script}");
    }
}
