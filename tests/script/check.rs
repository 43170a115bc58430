//! Whether a line of a script is one that a session can read and the product has the methods for.
//!
//! Parses it (`commands/line.rs`), holds each class method to the class reference (`commands/api.rs`),
//! each property in an array to its class, and each member of an object to a short list with its source.

use tree_sitter::Node;

use super::api::{self, Arg, Call};
use super::line::{Line, all, first, named};

/// Class methods that the file has not, or not with how they are called.
const ELSEWHERE: &[(&str, &str, usize, &str)] = &[
    ("%SYS.Task", "%New", 0, "handbook H5.4, H8.4; its superclass is not in the file"),
    ("%SYS.Task", "%OpenId", 1, "handbook H8.3; its superclass is not in the file"),
    ("%SYS.Task", "%DeleteId", 1, "handbook H5.1: it is persistent; %Library.Persistent has it"),
    ("%SQL.Statement", "%New", 0, "handbook H8.3: every registered object has it"),
    ("%Library.ResultSet", "%New", 1, "its class text: the argument names class and query"),
    (
        "%Library.File",
        "%New",
        1,
        "documented example in its class text; %AbstractStream is not in the file",
    ),
    ("%SYS.NLS.Locale", "%New", 0, "shown in the vendor's text on system classes for languages"),
    (
        "Config.Journal",
        "Get",
        1,
        "handbook H3.3 names the class; its methods are those of Config.Startup",
    ),
    ("%SQL.Statement", "%ExecDirect", 5, "the last argument is for any number of parameters"),
];

/// Members of objects, where they come from.
const MEMBERS: &[(&str, &str)] = &[
    ("e DisplayString", "%Exception.AbstractException, not in the file"),
    ("r %PrepareClassQuery %Execute %Next %Get %SQLCODE %Message", "handbook H8.3, %SQL.*"),
    ("t %Save", "handbook H5.4"),
    (
        "t Name NameSpace TaskClass Settings Description Type RunAsUser MirrorStatus Suspended TimePeriod \
         TimePeriodEvery TimePeriodDay DailyFrequency DailyFrequencyTime DailyIncrement DailyStartTime \
         DailyEndTime StartDate EndDate Priority IsBatch Expires ExpiresDays ExpiresHours ExpiresMinutes \
         SuspendOnError SuspendTerminated RescheduleOnStart OpenOutputFile OutputDirectory OutputFilename \
         OutputFileIsBinary EmailOutput EmailOnCompletion EmailOnError EmailOnExpiration",
        "handbook H5.2",
    ),
    ("t DeleteAfterRun", "formats 4: an element of a task export"),
    ("t Clear Insert Count GetAt", "lists of addresses: %Collection.AbstractList"),
];

/// What the head and the checks read besides the properties of the object.
const BESIDES: &[(&str, &str)] = &[
    ("Config.MirrorMember", "SystemName"),
    ("Config.Databases", "Directory"),
    ("Config.Databases", "Server"),
    ("Config.MapGlobals", "Database"),
];

/// Classes that were called, to see that the tests see them.
pub type Called = std::collections::BTreeSet<String>;

/// Checks one line.
pub fn check(text: &str, class: Option<&str>, called: &mut Called) -> Result<Line, String> {
    if text.len() > hsmirror::script::LONGEST || !text.is_ascii() {
        return Err(format!("{} letters, or not ASCII", text.len()));
    }
    // The grammar's reader of constants knows no halves of a pair of UTF-16.
    let line = Line::parse(&whole(text))?;
    calls(&line, called)?;
    members(text)?;
    properties(text, class)?;
    Ok(line)
}

/// Numbers of surrogates as another number, so that every constant can be read.
pub fn whole(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("$CHAR(") {
        let (numbers, end) = after.split_once(')').unwrap();
        let numbers: Vec<String> = numbers
            .split(',')
            .map(|number| match number.parse::<u32>() {
                Ok(0xd800..=0xdfff) => "120".to_owned(),
                _ => number.to_owned(),
            })
            .collect();
        out += &format!("{before}$CHAR({})", numbers.join(","));
        rest = end;
    }
    out + rest
}
/// Checks the class methods that a line calls.
pub fn calls(line: &Line, called: &mut Called) -> Result<(), String> {
    visit(line, line.root(), called)
}

fn visit(line: &Line, node: Node<'_>, called: &mut Called) -> Result<(), String> {
    let class = match node.kind() {
        "class_method_call" => {
            let class = first(node, "class_ref").and_then(|of| first(of, "class_name"));
            Some(class.map(|class| line.text(class).to_owned()).ok_or("no class")?)
        }
        "system_defined_function" if line.text(node).starts_with("$SYSTEM.") => {
            let class = first(node, "class_name").map(|class| line.text(class));
            Some(class.map(|class| format!("%SYSTEM.{class}")).ok_or("no class")?)
        }
        _ => None,
    };
    if let Some(class) = class {
        let method = first(node, "method_name").map(|method| line.text(method).to_owned());
        let method = method.ok_or("no method")?;
        let mut args = vec![Arg::Omitted];
        for part in first(node, "method_args").into_iter().flat_map(all) {
            match part.kind() {
                "," => args.push(Arg::Omitted),
                "method_arg" => {
                    *args.last_mut().unwrap() = match first(part, "byref_arg") {
                        None => Arg::Value,
                        Some(by) => Arg::ByReference(line.text(by).to_owned()),
                    };
                }
                _ => {}
            }
        }
        if args == [Arg::Omitted] {
            args.clear();
        }
        called.insert(format!("{class}.{method}"));
        let known = ELSEWHERE.iter().find(|known| known.0 == class && known.1 == method);
        match known {
            Some((_, _, most, _)) if args.len() <= *most => {}
            Some(_) => return Err(format!("{class}.{method}: too many arguments")),
            None => api::check(&Call { class, method, args })?,
        }
    }
    named(node).try_for_each(|child| visit(line, child, called))
}

/// The line without what stands in strings.
fn outside(text: &str) -> String {
    text.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

fn members(text: &str) -> Result<(), String> {
    let code = outside(text);
    let word = |c: char| c.is_ascii_alphanumeric() || c == '%' || c == '$';
    let letters: Vec<char> = code.chars().collect();
    for at in 1..letters.len().saturating_sub(1) {
        if letters[at] != '.' || !word(letters[at - 1]) || letters[at - 1].is_ascii_digit() {
            continue;
        }
        let mut start = at;
        while start > 0 && (word(letters[start - 1]) || letters[start - 1] == '.') {
            start -= 1;
        }
        let object: String = letters[start..at].iter().collect();
        let member: String = letters[at + 1..].iter().take_while(|c| word(**c)).collect();
        let object = object.split('.').next().unwrap().to_owned();
        if object.len() != 1 {
            continue;
        }
        let known = MEMBERS.iter().any(|(list, _)| {
            let mut words = list.split_whitespace();
            words.next() == Some(object.as_str()) && words.any(|word| word == member)
        });
        if !known {
            return Err(format!("{object}.{member} is on no list"));
        }
    }
    Ok(())
}

fn properties(text: &str, class: Option<&str>) -> Result<(), String> {
    // Newer than the file: real exports have it (`src/model/application.rs`).
    let newer = |name: &str| class == Some("Security.Applications") && name == "TraceEnabled";
    for array in ["p(\"", "q(\"", "u(\""] {
        for (at, _) in text.match_indices(array) {
            // A name that ends in that letter is another one, and so is a text.
            let before = text[..at].chars().next_back();
            if before.is_none_or(|c| c.is_ascii_alphanumeric())
                || text[..at].matches('"').count() % 2 == 1
            {
                continue;
            }
            let name = text[at + 3..].split('"').next().unwrap();
            let own = class.is_some_and(|class| match class {
                "%SYS.Task" => members(&format!("set t.{name}=1")).is_ok(),
                class => api::has_property(class, name),
            });
            if !own && !newer(name) && !BESIDES.iter().any(|known| known.1 == name) {
                return Err(format!("{class:?} has no property {name}"));
            }
        }
    }
    for (class, name) in BESIDES {
        assert!(api::has_property(class, name), "{class}.{name}");
    }
    Ok(())
}
