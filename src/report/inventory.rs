//! The content of one configuration.
//!
//! Owns the inventory of a side: who it is, where it comes from, how much of each section there is, and
//! with `verbose` every object with its properties. For an auditor who holds one bundle and asks what is
//! in it.
//! Invariant: it says nothing about good or bad; what was not gathered is said to be so; every text
//! from an input goes through `visible`.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::table::{FACT, constrain, frame, print, show};
use super::{Format, View};
use crate::model::{
    Configuration, Extent, Moment, Provenance, Section, Signer, SourceFile, for_each_section,
};

/// One configuration, with what is known about where it comes from.
#[derive(Debug)]
pub struct Inventory<'a> {
    /// The configuration.
    pub configuration: &'a Configuration,
    /// Its digest and signer.
    pub provenance: &'a Provenance,
    /// When it was sealed, where it came in a bundle.
    pub sealed_at: Option<Moment>,
}

/// Writes an inventory.
///
/// # Errors
/// Whatever the writer says.
pub fn inventory(inventory: &Inventory<'_>, view: &View, to: &mut dyn Write) -> io::Result<()> {
    match view.format {
        Format::Json => super::json::write_inventory(inventory, to),
        Format::Table | Format::Text => table(inventory, view, to),
    }
}

fn table(inventory: &Inventory<'_>, view: &View, to: &mut dyn Write) -> io::Result<()> {
    let Inventory { configuration, provenance, sealed_at } = inventory;
    let rows: Vec<(Section, Extent, String)> = configuration
        .coverage()
        .into_iter()
        .map(|row| (row.section, row.extent, row.reason))
        .collect();
    let objects: usize = rows.iter().map(|(section, ..)| configuration.count(*section)).sum();
    let gathered = rows.iter().filter(|(_, extent, _)| *extent != Extent::NotGathered).count();
    let name = name(configuration);
    writeln!(to, "{}", show(&format!("{name}: {objects} objects in {gathered} sections.")))?;
    if view.quiet {
        return Ok(());
    }
    let mut about = frame(view.look.width);
    let mut row = |what: &str, text: String| {
        if !text.is_empty() {
            about.add_row([what.to_owned(), show(&text)]);
        }
    };
    row("Member", who(configuration));
    row("Sealed", sealed_at.map(|at| at.to_string()).unwrap_or_default());
    row(
        "Signed",
        match &provenance.signer {
            Signer::Unsigned => "unsigned".to_owned(),
            signer => signer.to_string(),
        },
    );
    row("SHA-256", provenance.configuration_sha256.to_string());
    row("Made for", configuration.intended.as_deref().unwrap_or_default().to_owned());
    for (name, fact) in configuration.facts.attested() {
        row("Attested", format!("{name} {}, by {} on {}", fact.value, fact.by, fact.at));
    }
    if view.verbose {
        for file in &configuration.sources {
            row("Made of", of_file(file));
        }
    }
    for name in &configuration.unread {
        row("Not read", name.clone());
    }
    constrain(&mut about, &view.look, FACT);
    print(&about, to)?;
    writeln!(to)?;
    let mut sections = frame(view.look.width);
    sections.set_header(["Section", "Objects", "Gathered"]);
    for (section, extent, reason) in &rows {
        let (count, how) = match extent {
            Extent::Complete => (configuration.count(*section).to_string(), "all".to_owned()),
            Extent::Partial => {
                (configuration.count(*section).to_string(), format!("in part: {reason}"))
            }
            Extent::NotGathered => ("-".to_owned(), format!("no: {reason}")),
        };
        let how = how.trim_end_matches(": ").to_owned();
        sections.add_row([section.name().to_owned(), count, show(&how)]);
    }
    constrain(&mut sections, &view.look, FACT);
    print(&sections, to)?;
    if view.verbose { listing(configuration, view, to) } else { Ok(()) }
}

/// Every object with the properties that are stated, one a line.
fn listing(configuration: &Configuration, view: &View, to: &mut dyn Write) -> io::Result<()> {
    let mut list = |section: Section, objects: Vec<Value>| -> io::Result<()> {
        if objects.is_empty() {
            return Ok(());
        }
        writeln!(to, "\n{section}:")?;
        let mut table = frame(view.look.width);
        for object in objects {
            let Value::Object(fields) = object else { continue };
            let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
            let stated = fields.iter().filter(|(key, _)| *key != "name");
            let words: Vec<String> =
                stated.map(|(key, value)| format!("{key}={}", word(value))).collect();
            table.add_row([format!(" {}", show(name)), show(&words.join(" "))]);
        }
        constrain(&mut table, &view.look, FACT);
        print(&table, to)
    };
    macro_rules! sections {
        ($($field:ident: $Object:ident = $Section:ident;)+) => {
            $(list(Section::$Section, values(&configuration.$field.objects))?;)+
        };
    }
    for_each_section!(sections);
    Ok(())
}

fn values<T: Serialize>(objects: &[T]) -> Vec<Value> {
    objects.iter().filter_map(|object| serde_json::to_value(object).ok()).collect()
}

/// A value on one line: texts as they are, lists with commas.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(word).collect::<Vec<_>>().join(","),
        Value::Object(fields) => {
            let words: Vec<String> =
                fields.iter().map(|(key, value)| format!("{key}:{}", word(value))).collect();
            words.join(";")
        }
        other => other.to_string(),
    }
}

fn of_file(file: &SourceFile) -> String {
    let SourceFile { name, size, sha256, modified, .. } = file;
    let when = modified.map(|at| format!(", written {at}")).unwrap_or_default();
    format!("{name}: {size} bytes{when}, SHA-256 {sha256}")
}

fn name(configuration: &Configuration) -> String {
    let known = configuration.member.as_ref().and_then(|member| {
        let names = [&member.system_name, &member.instance];
        names.into_iter().flatten().find(|name| !name.is_empty())
    });
    known.map_or_else(|| "A side without a name".to_owned(), ToString::to_string)
}

fn who(configuration: &Configuration) -> String {
    let Some(member) = &configuration.member else { return String::new() };
    let texts = [
        member.product.as_deref(),
        member.version.as_deref(),
        member.member_type.as_deref(),
        member.mirror_state.as_deref(),
    ];
    let mut words: Vec<String> =
        texts.into_iter().flatten().filter(|text| !text.is_empty()).map(str::to_owned).collect();
    let mirrors = member.mirrors.iter().flat_map(|mirrors| mirrors.iter());
    words.extend(mirrors.map(|mirror| format!("mirror {}", mirror.name)));
    words.join(", ")
}
