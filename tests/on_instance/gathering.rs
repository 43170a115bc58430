//! The gatherer on a stand-in: what it writes is what the instance is (H8.3).
//!
//! Runs the script of `hsmirror gatherer` in a session, reads the file back as `compare` does, and holds it to
//! the configuration that the stand-in was made of.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use hsmirror::gatherer::{self, Wishes};
use hsmirror::model::{Configuration, Extent, Section};
use hsmirror::source::{self, Options};

use super::instance::Instance;
use super::stand_in::Scene;
use super::standing::session;

super::tests! {
    what_is_gathered_is_what_there_is,
    what_is_refused_is_not_gathered_and_the_rest_is,
    where_no_file_can_be_made_nothing_is_left,
    databases_are_told_with_their_place_in_the_mirror,
    many_users_are_gathered,
}

const EVERYTHING: Options = Options { personal_data: true, task_settings: true, now: None };

/// Runs the gatherer; what it said, and the file if there is one.
fn gathered(scene: &Scene) -> (String, PathBuf, Option<Configuration>) {
    let folder = scene.folder().join("gathered");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("configuration.json");
    let script = gatherer::script(&Wishes {
        personal_data: true,
        task_settings: true,
        file: Some(file.display().to_string()),
        ..Wishes::default()
    });
    let (said, _) = session(scene, &script);
    let read = |gathered: Result<source::Gathered, hsmirror::error::Error>| {
        gathered.unwrap_or_else(|error| panic!("{}: {said}", error.message)).configuration
    };
    let read = file.exists().then(|| read(source::gather(&file, &EVERYTHING)));
    (said, file, read)
}

fn what_is_gathered_is_what_there_is() {
    for name in ["primary", "backup", "ready-primary", "ready-backup"] {
        let scene = Scene::of_samples(name);
        let (said, file, configuration) = gathered(&scene);
        let configuration = configuration.unwrap_or_else(|| panic!("{name}: {said}"));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        let there = scene.configuration();
        for of in configuration.coverage() {
            assert_eq!((of.extent, of.reason.as_str()), (Extent::Complete, ""), "{name} {of:?}");
        }
        let unlike = Instance::of(&configuration).unlike(&Instance::of(&there));
        assert!(unlike.is_empty(), "{name}: {unlike:#?}\n{said}");
        let folders = |of: &Configuration| -> Vec<(String, Option<String>)> {
            let all = of.databases.objects.iter();
            all.map(|of| (of.name.to_string(), of.directory.as_ref().map(ToString::to_string)))
                .collect()
        };
        assert_eq!(folders(&configuration), folders(&there), "{name}");
        let (member, own) = (configuration.member.unwrap(), there.member.unwrap());
        assert_eq!(member.is_primary(), own.is_primary(), "{name}");
        assert_eq!(member.system_name, own.system_name, "{name}");
        assert_eq!(member.mirrors, own.mirrors, "{name}");
        assert_eq!(member.mirror_members, own.mirror_members, "{name}");
    }
}

fn what_is_refused_is_not_gathered_and_the_rest_is() {
    let scene = Scene::of("no-rights");
    let (said, _, configuration) = gathered(&scene);
    let configuration = configuration.unwrap_or_else(|| panic!("{said}"));
    let coverage = configuration.coverage();
    let of = |section| coverage.iter().find(|of| of.section == section).unwrap();
    assert_eq!(of(Section::Users).extent, Extent::NotGathered, "{said}");
    assert!(of(Section::Users).reason.contains("#822"), "{:?}", of(Section::Users));
    assert_eq!(of(Section::Roles).extent, Extent::Complete, "{said}");
    assert!(configuration.databases.objects.iter().all(|of| of.in_mirror.is_none()), "{said}");
}

fn where_no_file_can_be_made_nothing_is_left() {
    let scene = Scene::of("no-files");
    let (said, file, configuration) = gathered(&scene);
    assert!(configuration.is_none() && said.contains("cannot be made"), "{said}");
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 0);
}

fn databases_are_told_with_their_place_in_the_mirror() {
    let scene = Scene::of("primary");
    if scene.label("HSSYS").mirror.is_empty() {
        scene.put_in_mirror("HSSYS");
    }
    let (said, _, configuration) = gathered(&scene);
    let databases = configuration.unwrap_or_else(|| panic!("{said}")).databases;
    let hssys = databases.named("HSSYS").unwrap();
    assert_eq!(hssys.in_mirror, Some(true), "{said}");
    assert_eq!(hssys.mirror_status.as_deref(), Some("Normal"), "{said}");
    assert_eq!(databases.named("HSLIB").unwrap().in_mirror, Some(false), "{said}");
}

fn many_users_are_gathered() {
    // More of them take the stand-in minutes: `HSMIRROR_USERS=250000 cargo test --release ...`.
    let many = std::env::var("HSMIRROR_USERS").map_or(2_000, |many| many.parse().unwrap());
    let scene = Scene::of("primary");
    scene.configure(|configuration| {
        let model = configuration.users.objects[0].clone();
        for at in 0..many {
            let mut user = model.clone();
            user.name = format!("User{at:06}").into();
            configuration.users.objects.push(user);
        }
        configuration.users.arrange();
    });
    let (said, _, configuration) = gathered(&scene);
    let users = configuration.unwrap_or_else(|| panic!("{said}")).users.objects.len();
    assert!(users >= many, "{said}");
}
