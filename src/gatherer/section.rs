//! A section of the configuration: a list of names, and each object by its name.
//!
//! Owns [`frame`], the variables `x(...)` that walk a list, write an object and close a section, and
//! [`listed`], the sections for which a class query and a `Get` of the product's class are all that is
//! needed (H8.3). Variables: `section` its name, `n` objects written, `odd` values left out, `bad` objects
//! that could not be read, `h` why the section ended early, `why` what was said about the first bad one.
//! Invariant: an array stands in the file only where an object of it does, or where the section is
//! complete; so what was not gathered never looks like nothing.

use super::Wishes;
use super::form;
use crate::model::{Property, Rule, Section, properties_of};
use crate::script::lines::Lines;

/// A status that is an error.
pub(super) const IS_ERROR: &str = "$SYSTEM.Status.IsError(s)";

/// Sets what every section needs.
pub(super) fn frame(lines: &mut Lines) {
    let all = [
        // The beginning of the document.
        (
            "head",
            "if z=\"\" { try { set s=f.WriteLine(head) xecute x(\"wrote\") } catch e { set z=e.DisplayString() } }",
        ),
        (
            "wrote",
            "if $SYSTEM.Status.IsError(s) { set z=\"writing failed: \"_$SYSTEM.Status.GetErrorText(s) }",
        ),
        ("begin", "set (n,odd,bad)=0,(h,why)=\"\""),
        // One object, with the beginning of its section where it is the first one.
        (
            "put",
            "set s=f.WriteLine($select(n:\",\",1:\",\"\"\"_section_\"\"\":[\"_$CHAR(10))_o.%ToJSON()),n=n+1 \
             xecute x(\"wrote\")",
        ),
        ("fail", "set bad=bad+1 if why=\"\" { set why=$SYSTEM.Status.GetErrorText(s) }"),
        // A class query, by `class` and `query`, in the older way where the newer one does not take it (a
        // query that is no procedure of SQL); its rows one after the other by the name in `column`.
        (
            "list",
            "set old=0,st=##class(%SQL.Statement).%New() try { set s=st.%PrepareClassQuery(class,query,0) if \
             $SYSTEM.Status.IsError(s) { set old=1 } } catch e { set old=1 } if old { set st=##class(%Library.ResultSet).%New(class_\
             \":\"_query) }",
        ),
        // Its rows for the arguments in `args`, of which there are as many as `args` itself says.
        (
            "rows",
            "if old { set s=$select(args=1:st.Execute(args(1)),1:st.Execute(args(1),args(2))),r=st if \
             $SYSTEM.Status.IsError(s) { set h=$SYSTEM.Status.GetErrorText(s) } } else { set r=$select(args=1:\
             st.%Execute(args(1)),1:st.%Execute(args(1),args(2))) if r.%SQLCODE<0 { set h=r.%Message } }",
        ),
        (
            "walk",
            "while (z=\"\")&&(h=\"\")&&$select(old:r.Next(),1:r.%Next()) { set name=$select(old:r.Get(column),1:\
             r.%Get(column)) xecute x(\"one\") } if (h=\"\")&&'old { if r.%SQLCODE<0 { set h=r.%Message } }",
        ),
        // What came of the section.
        (
            "cover",
            "if odd { set w=odd_\" values have a form that is not known\",why=$select(why=\"\":w,1:why_\"; \"_w) } \
             if h'=\"\" { set why=h } elseif bad { set why=bad_\" of them could not be read: \"_why } set \
             why=$extract($translate(why,$CHAR(13,10),\"  \"),1,500),extent=$select((h'=\"\")&&'n:\
             \"not-gathered\",(h'=\"\")||bad||odd:\"partial\",1:\"complete\")",
        ),
        (
            "close",
            "xecute x(\"cover\") if z=\"\" { try { if (n=0)&&(extent'=\"not-gathered\") { set \
             s=f.WriteLine(\",\"\"\"_section_\"\"\":[\") xecute x(\"wrote\") } if extent'=\"not-gathered\" { set \
             s=f.WriteLine(\"]\") xecute x(\"wrote\") } } catch e { set z=e.DisplayString() } }",
        ),
        (
            "row",
            "set o={} do o.%Set(\"section\",section,\"string\"),o.%Set(\"extent\",extent,\"string\") if why'=\"\" \
             { do o.%Set(\"reason\",why,\"string\") } do coverage.%Push(o) if z=\"\" { write !,\"hsmirror: \",\
             section,\": \",n,$select(extent=\"complete\":\"\",1:\", \"_$replace(extent,\"-\",\" \")_\": \"_why),! \
             }",
        ),
    ];
    for (name, code) in all {
        lines.text(&format!("x(\"{name}\")"), code);
    }
}

/// A section that is a list and a `Get`.
struct Listed {
    section: Section,
    class: &'static str,
    query: &'static str,
    /// The column with the name (H8.3; `Namespace` observed in public scripts).
    column: &'static str,
}

const LISTED: &[Listed] = &[
    Listed {
        section: Section::Namespaces,
        class: "Config.Namespaces",
        query: "List",
        column: "Namespace",
    },
    Listed { section: Section::Roles, class: "Security.Roles", query: "ListAll", column: "Name" },
    Listed {
        section: Section::Resources,
        class: "Security.Resources",
        query: "List",
        column: "Name",
    },
    Listed {
        section: Section::Applications,
        class: "Security.Applications",
        query: "List",
        column: "Name",
    },
    Listed { section: Section::Users, class: "Security.Users", query: "List", column: "Name" },
    Listed {
        section: Section::Services,
        class: "Security.Services",
        query: "List",
        column: "Name",
    },
    Listed { section: Section::Tls, class: "Security.SSLConfigs", query: "List", column: "Name" },
];

/// Asks for the sections that are a list and a `Get`.
pub(super) fn listed(lines: &mut Lines, wishes: &Wishes) {
    for Listed { section, class, query, column } in LISTED {
        let of = named(*section, wishes).map(form::from_array);
        form::properties(lines, "c", of);
        // The namespaces are walked once more for their mappings.
        let keep = if *section == Section::Namespaces { " set ns(name)=\"\"" } else { "" };
        lines.text(
            "x(\"one\")",
            &format!(
                "kill p set s=##class({class}).Get(name,.p) if {IS_ERROR} {{ xecute x(\"fail\") }} else {{ set \
                 o={{}} do o.%Set(\"name\",name,\"string\") for g=1:1:c {{ xecute c(g) }} xecute x(\"put\"){keep} \
                 }} kill p"
            ),
        );
        begin(lines, *section);
        lines.line(&format!("set class=\"{class}\",query=\"{query}\",column=\"{column}\""));
        walk(lines, "*");
        close(lines);
        if *section == Section::Namespaces {
            lines.line("set whole=(extent=\"complete\")");
        }
    }
}

/// Begins a section.
pub(super) fn begin(lines: &mut Lines, section: Section) {
    lines.line(&format!("set section=\"{section}\" xecute x(\"begin\")"));
}

/// Walks the class query, which takes one pattern.
pub(super) fn walk(lines: &mut Lines, pattern: &str) {
    lines.line(&attempt(&format!(
        "set args=1,args(1)=\"{pattern}\" xecute x(\"list\") xecute x(\"rows\") xecute x(\"walk\")"
    )));
}

/// Commands that end the section where they fail.
pub(super) fn attempt(what: &str) -> String {
    format!("if (z=\"\")&&(h=\"\") {{ try {{ {what} }} catch e {{ set h=e.DisplayString() }} }}")
}

/// Ends a section.
pub(super) fn close(lines: &mut Lines) {
    lines.line("xecute x(\"close\") xecute x(\"row\")");
}

/// The properties of a section that are not its identity and may be carried.
pub(super) fn named(section: Section, wishes: &Wishes) -> impl Iterator<Item = &'static Property> {
    let personal_data = wishes.personal_data;
    properties_of(section).iter().filter(move |property| {
        property.rule != Rule::Identity && (personal_data || !property.personal)
    })
}
