//! x
#![allow(clippy::unwrap_used, missing_docs, reason = "x")]
#[test]
fn explore() {
    let mut parser = tree_sitter::Parser::new();
    parser
        .set_language(&tree_sitter_objectscript_playground::LANGUAGE_OBJECTSCRIPT.into())
        .unwrap();
    let mut show = |text: &str| {
        let tree = parser.parse(text, None).unwrap();
        println!(
            "{} {text:?}\n   {}",
            if tree.root_node().has_error() { "ERR" } else { "ok" },
            tree.root_node().to_sexp()
        );
    };
    for line in std::fs::read_to_string("/tmp/explore.txt").unwrap().lines() {
        show(line);
    }
    for rule in hsmirror::finding::rule::all() {
        for command in rule.commands {
            let mut t = command.text.to_owned();
            for (a, b) in [
                ("{name!}", "\"N\""),
                ("{namespace!}", "\"M\""),
                ("{target!}", "\"T\""),
                ("{class}", "Config.MapGlobals"),
            ] {
                t = t.replace(a, b);
            }
            show(&t);
        }
    }
}
