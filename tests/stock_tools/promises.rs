//! Promises of `docs/bundle-format.md` that only show when somebody tries to break them.

use super::place::{Place, TOOLS, lacks};

const KEY: &str = "age-keygen -o id 2> /dev/null; age-keygen -y id > recipient";

fn lacks_tools() -> bool {
    lacks(&TOOLS) || lacks(&["age-keygen", "jq"])
}

/// Whoever files a bundle looks at the manifest to know how to keep it.
#[test]
fn a_comparison_of_all_settings_says_that_it_can_hold_secrets() {
    if lacks_tools() {
        return;
    }
    let place = Place::new();
    place.does(KEY);
    place.does("hsmirror export primary -q --task-settings -o P.age -R recipient");
    for (flags, operands, wanted) in [
        ("", "primary backup", "false"),
        ("--task-settings", "primary backup", "true"),
        ("--task-settings", "P.age backup", "true"),
    ] {
        let save = "--save C.age --force -R recipient";
        place.ends(2, &format!("hsmirror compare -q -i id {operands} {flags} {save}"));
        let manifest = "age -d -i id C.age | tar --zstd -xO manifest.json";
        let said =
            place.does(&format!("{manifest} | jq -c '[.holdsSecrets,.parameters.taskSettings]'"));
        assert_eq!(said.trim(), format!("[{wanted},{wanted}]"), "{flags} {operands}");
    }
}

/// Canonical JSON keeps numbers up to 2^53; what is larger must not turn into another number.
#[test]
fn a_number_that_json_does_not_keep_is_refused() {
    if lacks_tools() {
        return;
    }
    let place = Place::new();
    place.does(KEY);
    let task = |number: &str| {
        let head = r#""formatVersion":"1.0","coverage":[{"section":"tasks","extent":"complete"}]"#;
        let task =
            format!(r#"{{"name":"T","namespace":"U","taskClass":"X.Y","suspended":{number}}}"#);
        place.does(&format!("echo '{{{head},\"tasks\":[{task}]}}' > c.json"));
        "hsmirror export c.json -q --force -o B.age -R recipient"
    };
    place.does(task("9007199254740992"));
    place.does("hsmirror compare -q --only tasks B.age c.json -i id");
    for number in ["9007199254740993", "18446744073709551615"] {
        place.ends(14, task(number));
    }
}

/// The same state gives the same bytes, whatever the order of the file.
#[test]
fn tasks_that_differ_in_case_alone_have_one_order() {
    if lacks_tools() {
        return;
    }
    let place = Place::new();
    place.does(KEY);
    let digest = |texts: [&str; 2]| {
        let task = |text| {
            format!(r#"{{"name":"T","namespace":"U","taskClass":"X.Y","description":"{text}"}}"#)
        };
        let tasks = texts.map(task).join(",");
        place.does(&format!("echo '{{\"formatVersion\":\"1.0\",\"tasks\":[{tasks}]}}' > c.json"));
        place.does("hsmirror export c.json -q --force -o B.age -R recipient");
        place.does("age -d -i id B.age | tar --zstd -xO configuration.json | sha256sum")
    };
    assert_eq!(digest(["one", "two"]), digest(["two", "one"]));
    assert_eq!(digest(["a", "A"]), digest(["A", "a"]));
}
