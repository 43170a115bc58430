//! The mappings of every namespace.
//!
//! Owns the script of section mappings: for each namespace that was gathered, and for `%ALL`, the three
//! classes of mappings are walked (H2.3, H8.3). The type of a routine stands at the end of its name, as in
//! the CPF (H2.2).
//! Invariant: where the namespaces are not known, or not all of them, the mappings are not all known
//! either, and are said not to be.

use super::Wishes;
use super::form;
use super::section::{self, IS_ERROR};
use crate::model::{MappingKind, ROUTINE_TYPES, Section};
use crate::script::lines::Lines;

/// Asks for the mappings.
pub(super) fn gather(lines: &mut Lines, wishes: &Wishes) {
    lines.line("kill ns(\"%ALL\")");
    form::properties(lines, "c", section::named(Section::Mappings, wishes).map(form::from_array));
    lines.text(
        "x(\"one\")",
        &format!(
            "kill p if kind=\"{routine}\" {{ xecute x(\"type\") }} xecute x(\"get\") if {IS_ERROR} {{ xecute x(\"fail\") }} else {{ set \
             o={{}},(t,w)=\"\" if kind=\"{routine}\" {{ set w=$piece(name,\"_\",$length(name,\"_\")) if \
             (name[\"_\")&&(\",{types},\"[(\",\"_w_\",\")) {{ set t=w,name=$piece(name,\"_\",1,$length(name,\"_\")-1) \
             }} }} do o.%Set(\"namespace\",y,\"string\"),o.%Set(\"kind\",kind,\"string\"),o.%Set(\"name\",name,\
             \"string\"),o.%Set(\"routineType\",t,\"string\") for g=1:1:c {{ xecute c(g) }} xecute x(\"put\") }}",
            routine = MappingKind::Routine.word(),
            types = ROUTINE_TYPES.join(","),
        ),
    );
    // Where the type has a column of its own and the name is without it, the two make the key of the CPF.
    lines.text(
        "x(\"type\")",
        "try { set t=$select(old:r.Get(\"Type\"),1:r.%Get(\"Type\")) } catch e { set t=\"\" } if (t'=\"\")&&\
         ($piece(name,\"_\",$length(name,\"_\"))'=t) { set name=name_\"_\"_t }",
    );
    section::begin(lines, Section::Mappings);
    // A namespace that cannot be asked is told; the others are asked all the same.
    lines.text(
        "x(\"names\")",
        "try { set args=2,args(1)=y,args(2)=\"*\" xecute x(\"rows\") xecute x(\"walk\") if old { do st.Close() } } \
         catch e { set h=e.DisplayString() } if h'=\"\" { set bad=bad+1 if why=\"\" { set why=y_\": \"_h } set h=\"\" }",
    );
    lines.line("set column=\"Name\",query=\"List\"");
    for kind in MappingKind::ALL {
        let (class, word) = (kind.class(), kind.word());
        lines.line(&format!("set class=\"{class}\",kind=\"{word}\""));
        lines.text("x(\"get\")", &format!("set s=##class({class}).Get(y,name,.p)"));
        lines.line(&section::attempt(
            "xecute x(\"list\") set y=$order(ns(\"\")) while (y'=\"\")&&(z=\"\") { xecute x(\"names\") set \
             y=$order(ns(y)) } set y=\"%ALL\" xecute x(\"names\")",
        ));
    }
    lines.line("if (h=\"\")&&'whole { set h=\"not every namespace is known\" }");
    section::close(lines);
}
