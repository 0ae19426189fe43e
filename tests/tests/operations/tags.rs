//! `TagResource`, `UntagResource`, `ListResourceTags`, and the tags of `CreateKey`.

use super::common::{fails_with, in_range, pages, refuses_bad_markers};
use pocketkms::{ErrorKind, Kms, Result, api::*};
use pocketkms_tests::vault::{create_key, refused, vault};

fn tag(key: &str, value: &str) -> Tag {
    Tag { tag_key: key.into(), tag_value: value.into() }
}

fn add(kms: &Kms, key_id: &str, tags: Vec<Tag>) -> Result<()> {
    kms.tag_resource(TagResourceRequest { key_id: key_id.into(), tags })
}

fn remove(kms: &Kms, key_id: &str, tag_keys: &[&str]) -> Result<()> {
    let tag_keys = tag_keys.iter().map(|key| (*key).into()).collect();
    kms.untag_resource(UntagResourceRequest { key_id: key_id.into(), tag_keys })
}

fn list(kms: &Kms, key_id: &str, limit: Option<i32>) -> Vec<Vec<Tag>> {
    pages(|marker| {
        let request = ListResourceTagsRequest { key_id: key_id.into(), limit, marker };
        let answer = kms.list_resource_tags(request).unwrap();
        (answer.tags, answer.next_marker, answer.truncated)
    })
}

fn tags(kms: &Kms, key_id: &str) -> Vec<Tag> {
    list(kms, key_id, None).concat()
}

/// The same tags for a new key and for one that is there.
#[track_caller]
fn both_refuse(kms: &Kms, key_id: &str, given: &[Tag], kind: ErrorKind, words: &str) {
    let before = tags(kms, key_id);
    fails_with(add(kms, key_id, given.to_vec()), kind, words);
    assert_eq!(tags(kms, key_id), before);
    fails_with(kms.create_key(CreateKeyRequest { tags: Some(given.to_vec()), ..Default::default() }), kind, words);
}

#[test]
fn tags_are_added_changed_and_removed() {
    let (kms, _) = vault();
    let request = CreateKeyRequest { tags: Some(vec![tag("team", "shop")]), ..Default::default() };
    let key = kms.create_key(request).unwrap().key_metadata.key_id;
    let other = create_key(&kms).key_id;
    assert_eq!(tags(&kms, &key), [tag("team", "shop")]);
    assert_eq!(list(&kms, &other, None), [[]]);

    add(&kms, &key, vec![tag("env", ""), tag("team", "store"), tag("Team", "other")]).unwrap();
    assert_eq!(tags(&kms, &key), [tag("Team", "other"), tag("env", ""), tag("team", "store")]);
    remove(&kms, &key, &["team", "env"]).unwrap();
    assert_eq!(tags(&kms, &key), [tag("Team", "other")]);
    // One that is not there is no error, and nor are none.
    remove(&kms, &key, &["team", "never"]).unwrap();
    remove(&kms, &key, &[]).unwrap();
    add(&kms, &key, vec![]).unwrap();
    assert_eq!(tags(&kms, &key), [tag("Team", "other")]);
    assert!(tags(&kms, &other).is_empty());
}

#[test]
fn lengths_are_counted_in_characters() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let (longest_key, longest_value) = ("ü".repeat(128), "☕".repeat(256));
    add(&kms, &key, vec![tag(&longest_key, &longest_value), tag("a", "")]).unwrap();
    assert_eq!(tags(&kms, &key), [tag("a", ""), tag(&longest_key, &longest_value)]);

    let constraint = |value: &str, place: &str, relation: &str, limit: usize| {
        format!(
            "1 validation error detected: Value '{value}' at 'tags.{place}' failed to satisfy constraint: Member must have \
             length {relation} than or equal to {limit}"
        )
    };
    for (given, message) in [
        (vec![tag("", "b")], constraint("", "1.member.tagKey", "greater", 1)),
        (vec![tag("a", "b"), tag(&"a".repeat(129), "b")], constraint(&"a".repeat(129), "2.member.tagKey", "less", 128)),
        (vec![tag("a", &"b".repeat(257))], constraint(&"b".repeat(257), "1.member.tagValue", "less", 256)),
    ] {
        both_refuse(&kms, &key, &given, ErrorKind::Validation, &message);
    }
    let two = [tag("", "b"), tag("a", &"b".repeat(257))];
    both_refuse(&kms, &key, &two, ErrorKind::Validation, "2 validation errors detected");
    for (tag_key, relation, limit) in [("", "greater", 1), (&"a".repeat(129), "less", 128)] {
        let message = format!(
            "1 validation error detected: Value '{tag_key}' at 'tagKeys.2.member' failed to satisfy constraint: Member must have \
             length {relation} than or equal to {limit}"
        );
        refused(remove(&kms, &key, &["a", tag_key]), ErrorKind::Validation, &message);
    }
    assert_eq!(tags(&kms, &key).len(), 2);
}

#[test]
fn tag_keys_of_aws_are_reserved() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    for name in ["aws:", "aws:cost", "AWS:cost", "aWs:x"] {
        both_refuse(
            &kms,
            &key,
            &[tag("a", "b"), tag(name, "b")],
            ErrorKind::Tag,
            "Tags beginning with aws: are reserved",
        );
        fails_with(remove(&kms, &key, &[name]), ErrorKind::Tag, "Tags beginning with aws: are reserved");
    }
    let free = [tag("aws", "1"), tag("awsome", "2"), tag("x-aws:y", "aws:3")];
    add(&kms, &key, free.to_vec()).unwrap();
    assert_eq!(tags(&kms, &key), free);
}

#[test]
fn a_tag_key_is_given_once() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    for value in ["1", "2"] {
        both_refuse(&kms, &key, &[tag("a", "1"), tag("b", "1"), tag("a", value)], ErrorKind::Tag, "Duplicate tag keys");
    }
    // In a removal twice is as once.
    add(&kms, &key, vec![tag("a", "1")]).unwrap();
    remove(&kms, &key, &["a", "a"]).unwrap();
    assert!(tags(&kms, &key).is_empty());
}

#[test]
fn a_key_has_at_most_50_tags() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let many = |range: std::ops::Range<usize>| range.map(|number| tag(&format!("{number:02}"), "")).collect::<Vec<_>>();
    both_refuse(&kms, &key, &many(0..51), ErrorKind::Tag, "Too many tags");
    add(&kms, &key, many(0..30)).unwrap();
    add(&kms, &key, many(20..50)).unwrap();
    fails_with(add(&kms, &key, many(50..51)), ErrorKind::Tag, "Too many tags");
    // A new value takes no room.
    add(&kms, &key, vec![tag("07", "new")]).unwrap();
    remove(&kms, &key, &["00"]).unwrap();
    add(&kms, &key, many(50..51)).unwrap();
    assert_eq!(tags(&kms, &key).len(), 50);
    let request = CreateKeyRequest { tags: Some(many(0..50)), ..Default::default() };
    let full = kms.create_key(request).unwrap().key_metadata.key_id;
    assert_eq!(tags(&kms, &full), many(0..50));
}

#[test]
fn tags_are_listed_page_by_page() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    // Keys that begin alike, and letters of several bytes.
    let names: Vec<_> = (0..25).flat_map(|number| [format!("ü{number:02}"), format!("ü{number:02}☕")]).collect();
    let given: Vec<_> = names.iter().map(|name| tag(name, "value")).collect();
    add(&kms, &key, given.clone()).unwrap();
    for limit in [None, Some(1), Some(7), Some(49), Some(50)] {
        let pages = list(&kms, &key, limit);
        let size = usize::try_from(limit.unwrap_or(50)).unwrap();
        assert_eq!(pages.len(), 50_usize.div_ceil(size), "{limit:?}");
        assert_eq!(pages.concat(), given, "{limit:?}");
    }
    let with = |limit, marker| kms.list_resource_tags(ListResourceTagsRequest { key_id: key.clone(), limit, marker });
    in_range("limit", 1, 50, |limit| with(Some(limit), None));
    refuses_bad_markers(|marker| with(None, Some(marker)));
}
