//! A recovery key as people write it down and type it.

use super::Scene;
use pocketkms::{ErrorKind, RootKey};
use pocketkms_tests::vault::{error, explained};

fn text(scene: &Scene) -> String {
    let key = scene.kms.vault.add_recovery_key("paper").expect("a recovery key");
    key.text.expose().to_owned()
}

#[test]
fn it_is_typed_as_people_type() {
    let scene = Scene::new();
    let text = text(&scene);
    let groups: Vec<_> = text.split('-').collect();
    assert!(groups.len() == 6 && groups.iter().all(|group| group.len() == 6), "{text}");
    assert!(text.chars().all(|character| "0123456789ABCDEFGHJKMNPQRSTVWXYZ-".contains(character)), "{text}");
    for typed in [
        text.clone(),
        text.to_lowercase(),
        text.replace('-', " "),
        text.replace('-', ""),
        text.replace('-', "\u{2013}"),
        format!("  {}\n", text.replace('-', " - ")),
        text.replace('0', "O").replace('1', "l").replace('V', "u"),
        text.replace('0', "o").replace('1', "I").replace('V', "U"),
    ] {
        scene.opens(&RootKey::from_recovery_key(&typed).expect("the same key"));
    }
}

#[test]
fn a_mistake_is_found_before_it_is_tried() {
    let scene = Scene::new();
    let text = text(&scene);
    for at in (0..text.len()).filter(|at| &text[*at..=*at] != "-") {
        let other = if &text[at..=at] == "7" { "8" } else { "7" };
        let wrong = [&text[..at], other, &text[at + 1..]].concat();
        let words = ["no recovery key", "checksum"];
        explained(RootKey::from_recovery_key(&wrong), ErrorKind::Validation, &words);
        let shorter = [&text[..at], &text[at + 1..]].concat();
        explained(RootKey::from_recovery_key(&shorter), ErrorKind::Validation, &["36 letters and digits, not 35"]);
    }
    for (wrong, words) in [
        ("", "not 0"),
        ("correct horse battery staple", "not 25"),
        (&*[&text, "A"].concat(), "not 37"),
        (&*text.replacen('-', "!", 1), "character 7 is neither"),
        (&*["é", &text[1..]].concat(), "character 1 is neither"),
    ] {
        explained(RootKey::from_recovery_key(wrong), ErrorKind::Validation, &["no recovery key", words]);
    }
    // What was typed is a secret, and no part of the error.
    let report = error(RootKey::from_recovery_key(&text[1..])).report();
    assert!(text.split('-').all(|group| !report.contains(group)), "{report}");
}

#[test]
fn each_is_another() {
    let scene = Scene::new();
    let (one, another) = (text(&scene), text(&scene));
    assert_ne!(one, another);
    scene.opens(&RootKey::from_recovery_key(&one).unwrap());
    scene.opens(&RootKey::from_recovery_key(&another).unwrap());
    explained(Scene::new().open(&RootKey::from_recovery_key(&one).unwrap()), ErrorKind::WrongRootKey, &[]);
}
