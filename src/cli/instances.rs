//! `hsmirror instances`: what runs on this host.
//!
//! Owns the flags of the command and its story: ask the product for its instances, and show each with its
//! version, state and place in the mirror, and the name by which it can be compared.
//! Invariant: nothing is started, and no session is opened.

use std::io::{self, Write};
use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use super::complaint::Complaint;
use super::local::Product;
use super::terminal;
use crate::error::{Result, quoted};
use crate::instance::Listed;
use crate::report::{visible, visible_json};

/// List the instances of this host
///
/// Each can be given to other commands as instance:NAME: then it is asked itself, through the login of the
/// operating system, instead of files. A file of that name is given as ./instance:NAME.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How it is written
    #[arg(long, value_enum, default_value_t = As::Table)]
    format: As,
    #[command(flatten)]
    product: Product,
}

/// The formats by the names they have on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum As {
    /// A table for the terminal
    Table,
    /// JSON
    Json,
}

impl Args {
    pub(super) fn run(self) -> ExitCode {
        let complaint = Complaint { json: self.format == As::Json };
        match self.list() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complaint.fail(&error),
        }
    }

    fn list(&self) -> Result<()> {
        let program = self.product.program()?;
        let instances = program.instances()?;
        let path = program.path().display().to_string();
        terminal::print(|to| match self.format {
            As::Json => {
                let all: Vec<_> = instances.iter().map(as_json).collect();
                writeln!(to, "{}", visible_json(&json!({ "program": path, "instances": all })))
            }
            As::Table if instances.is_empty() => {
                let typed = quoted(&path);
                writeln!(to, "`{} qlist` lists no instance on this host.", visible(&typed))?;
                writeln!(to, "Next: run this where one is installed, or name its command:")?;
                writeln!(to, "  hsmirror instances --iris FILE")
            }
            As::Table => table(&instances, &self.product, to),
        })
    }
}

fn as_json(listed: &Listed) -> serde_json::Value {
    json!({
        "name": listed.name,
        "directory": listed.directory.to_string_lossy(),
        "version": listed.version,
        "state": listed.state,
        "configurationFile": listed.configuration_file.to_string_lossy(),
        "health": listed.health,
        "product": listed.product,
        "memberType": listed.member_type,
        "mirrorState": listed.mirror_state,
        "dataDirectory": listed.data_directory.as_ref().map(|folder| folder.to_string_lossy()),
    })
}

fn table(instances: &[Listed], product: &Product, to: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(terminal::look(terminal::Colour::Never, false).width)
        .set_header(["Name", "Version", "Product", "State", "Mirror", "Folder"]);
    for listed in instances {
        let state = match &listed.health {
            Some(health) => format!("{} ({health})", listed.state),
            None => listed.state.clone(),
        };
        let cells = [
            listed.name.clone(),
            listed.version.clone(),
            listed.product.clone().unwrap_or_default(),
            state,
            in_mirror(listed),
            listed.directory.to_string_lossy().into_owned(),
        ];
        table.add_row(cells.map(|cell| visible(&cell).into_owned()));
    }
    for line in table.lines() {
        writeln!(to, "{}", line.trim_end())?;
    }
    let running = instances.iter().find(|listed| listed.state.starts_with("running"));
    match running.or(instances.first()) {
        Some(one) => {
            let operand = quoted(&format!("instance:{}", one.name));
            let iris = product.iris.as_ref().map(|file| file.display().to_string());
            let iris = iris.map_or(String::new(), |file| format!(" --iris {}", quoted(&file)));
            writeln!(to, "Next: hsmirror report {}{}", visible(&operand), visible(&iris))
        }
        None => Ok(()),
    }
}

/// Its place in the mirror; older products do not tell.
fn in_mirror(listed: &Listed) -> String {
    let words = [listed.member_type.as_deref(), listed.mirror_state.as_deref()];
    match words {
        [None, None] => "unknown".to_owned(),
        [member, _] if member.is_none_or(str::is_empty) => "none".to_owned(),
        words => {
            let words: Vec<&str> =
                words.into_iter().flatten().filter(|word| !word.is_empty()).collect();
            words.join(", ")
        }
    }
}
