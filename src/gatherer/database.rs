//! The databases: what the configuration says of each, and what it really is.
//!
//! Owns the script of section databases. `Config.Databases` gives name and folder (H2.2), an object of
//! `SYS.Database` what stands in the database itself, its place in a mirror above all (H2.2, H6.3), and the
//! query `MirroredDatabaseList` the state there (H6.2).
//! Invariant: what is asked of a database that is not mounted is not believed: it is unknown (H6.3).

use super::Wishes;
use super::form;
use super::section::{self, IS_ERROR};
use crate::model::Section;
use crate::script::lines::Lines;

/// What the configuration gives, under the names of the declaration; `Remote` and `RemoteDirectory` are
/// the folder of a database that is elsewhere.
const CONFIGURED: &[&str] =
    &["Directory", "Server", "Remote", "RemoteDirectory", "MountRequired", "StreamLocation"];

/// The state in the mirror, which a query gives.
const STATUS: &str = "MirrorStatus";

/// Asks for the databases.
pub(super) fn gather(lines: &mut Lines, wishes: &Wishes) {
    // The states first. Without them, as on an instance in no mirror, they are unknown.
    lines.line("kill mir set h=\"\",class=\"SYS.Mirror\",query=\"MirroredDatabaseList\",column=\"Directory\"");
    lines.text(
        "x(\"one\")",
        "set w=$select(old:r.Get(\"MirrorStatus\"),1:r.%Get(\"MirrorStatus\")) if w'=\"\" { set \
         mir($zconvert(##class(%Library.File).NormalizeDirectory(name),\"L\"))=w }",
    );
    lines.line(
        "if z=\"\" { try { xecute x(\"list\") set args=2,(args(1),args(2))=\"*\" xecute x(\"rows\") xecute \
         x(\"walk\") } catch e { } }",
    );
    let properties: Vec<_> = section::named(Section::Databases, wishes).collect();
    let inside = properties
        .iter()
        .filter(|property| !CONFIGURED.contains(&property.source) && property.source != STATUS);
    // An older version may not have one of them; then it is unknown.
    let read = inside.map(|property| {
        let source = property.source;
        format!("try {{ set p(\"{source}\")=d.{source} }} catch e {{ kill p(\"{source}\") }}")
    });
    form::properties(lines, "inside", read);
    form::properties(lines, "c", properties.iter().map(|property| form::from_array(property)));
    lines.text(
        "x(\"inside\")",
        &format!(
            "set v=$get(p(\"Directory\")),w=$zconvert(##class(%Library.File).NormalizeDirectory(v),\"L\") if $data(mir(w)) {{ set p(\"{STATUS}\")=mir(w) }} set \
             d=##class(SYS.Database).%OpenId(v) if $isobject(d) {{ if d.Mounted {{ for g=1:1:inside {{ xecute \
             inside(g) }} }} }} set d=\"\""
        ),
    );
    lines.text(
        "x(\"one\")",
        &format!(
            "kill p set s=##class(Config.Databases).Get(name,.p) if {IS_ERROR} {{ xecute x(\"fail\") }} else {{ set \
             o={{}},v=$get(p(\"Directory\")) do o.%Set(\"name\",name,\"string\") if $extract(v)=\":\" {{ set \
             p(\"Remote\")=v kill p(\"Directory\") }} elseif $get(p(\"Server\"))'=\"\" {{ set p(\"RemoteDirectory\")=\
             v kill p(\"Directory\") }} else {{ try {{ xecute x(\"inside\") }} catch e {{ set d=\"\" }} }} for \
             g=1:1:c {{ xecute c(g) }} xecute x(\"put\") }}"
        ),
    );
    section::begin(lines, Section::Databases);
    lines.line("set class=\"Config.Databases\",query=\"List\",column=\"Name\"");
    section::walk(lines, "*");
    section::close(lines);
}
