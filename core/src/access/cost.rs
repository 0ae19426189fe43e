//! What a decision costs at most, in steps: a policy of 32 KiB and an encryption context of 8 KiB do not make it slow.

use super::{
    condition::{Condition, Operator},
    context::{LowerNames, RequestContext, Stated},
    decision::{Decision, KeyPolicy, Parties, decide},
    explain::explain,
    facts::{ConditionKey, Facts, Values},
    grant::Asked,
    pattern::{Pattern, Syntax, steps},
    policy::{Policy, PolicyKind},
    request::Request,
    requester::Requester,
    resource::Resource,
    verb::Verb,
};
use crate::{api::Action, clock::Timestamp, context::EncryptionContext, key::Region};
use alloc::{format, string::String, vec::Vec};
use core::cell::Cell;

/// Counts how often a value is asked for.
struct Counting<'a>(&'a dyn Facts, Cell<usize>);

impl Facts for Counting<'_> {
    fn values(&self, key: &ConditionKey) -> Values<'_> {
        self.1.set(self.1.get() + 1);
        self.0.values(key)
    }
}

/// Puts a request with that encryption context before something, which also hears how often it asked for values.
fn with_context<T>(context: &EncryptionContext, ask: impl FnOnce(&Request<'_>, &Cell<usize>) -> T) -> T {
    let region: Region = "us-east-1".parse().expect("a Region");
    let (caller, resource) = (Requester::Service("logs.amazonaws.com", None), Resource::None);
    let facts = RequestContext {
        caller,
        principal_arn: None,
        region: &region,
        now: Timestamp::from_millis(0),
        resource,
        encryption_context: Some(context),
        lower_names: LowerNames::default(),
        rest: &Stated::new(),
    };
    let counting = Counting(&facts, Cell::new(0));
    let action = Verb::Kms(Action::Encrypt);
    let request = Request { caller, action, resource, facts: &counting, context: Some(context), bounded: false };
    ask(&request, &counting.1)
}

fn condition(operator: &str, key: &str, texts: Vec<String>) -> Condition {
    Condition::new(Operator::parse(operator).expect("an operator"), operator, key, texts, true).expect("texts")
}

fn wildcards(text: &str) -> Pattern {
    Pattern::new(text, Syntax { wildcards: true, variables: false })
}

#[test]
fn variables_are_looked_up_once_however_many_values_there_are() {
    let context: EncryptionContext = (0..400).map(|number| (format!("k{number}"), "v")).collect();
    for operator in ["ForAnyValue:StringLike", "ForAllValues:StringNotEquals", "ForAnyValue:StringEqualsIgnoreCase"] {
        for name in ["zz", "K7"] {
            let texts = (0..1000).map(|number| format!("${{kms:EncryptionContext:{name}}}{number}")).collect();
            let condition = condition(operator, "kms:EncryptionContextKeys", texts);
            with_context(&context, |request, asked| {
                steps::take();
                condition.holds(request.facts, false);
                assert!(asked.get() <= 1001, "{operator} asked {} times", asked.get());
                // Each name is put in lower case once, and each operand compared with each value at most once.
                let steps = steps::take();
                let matched = if name == "zz" { 0 } else { 400 * 1000 };
                assert!(steps < 10_000 + matched, "{operator}: {steps} steps");
            });
        }
    }
}

#[test]
fn wildcards_are_prepared_once() {
    let long = ["*", &"?a".repeat(15_900), "*"].concat();
    let shorter = ["*", &"?a".repeat(1_900), "*"].concat();
    let context: EncryptionContext = (0..300).map(|number| (format!("key number {number}"), "v")).collect();
    let one: EncryptionContext = [("b".repeat(8000), "v")].into_iter().collect();
    for (pattern, context, most) in [(&long, &context, 300), (&shorter, &context, 300), (&shorter, &one, 60 * 8001)] {
        let condition = condition("ForAnyValue:StringLike", "kms:EncryptionContextKeys", Vec::from([pattern.clone()]));
        with_context(context, |request, _| {
            steps::take();
            assert!(!condition.holds(request.facts, false));
            let steps = steps::take();
            assert!(steps <= most, "{steps} steps");
        });
    }
}

/// Against the definition, with pieces longer than a word and characters that are rare and frequent in them.
#[test]
fn a_search_finds_what_the_definition_says() {
    fn matches(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], text) => text.is_empty(),
            (['*', rest @ ..], text) => (0..=text.len()).any(|at| matches(rest, text.get(at..).unwrap_or_default())),
            (['?', rest @ ..], [_, text @ ..]) => matches(rest, text),
            ([one, rest @ ..], [other, text @ ..]) => one == other && matches(rest, text),
            (_, []) => false,
        }
    }
    let mut state = 1_u32;
    let mut next = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut found = 0;
    for round in 0..3000 {
        let length = if round % 3 == 0 { 200 } else { 12 };
        let text: String = (0..length).map(|_| ['a', 'b', 'ü', '🔑'][next(4).min(next(4)) as usize]).collect();
        let (start, end) = (next(length / 2) as usize, (length / 2 + next(length / 2)) as usize);
        let mut piece: Vec<char> = text.chars().skip(start).take(end - start).collect();
        for character in &mut piece {
            match next(12) {
                0..4 => *character = '?',
                4 if next(length) == 0 => *character = 'x',
                _ => {}
            }
        }
        let pattern: Vec<char> = [&['*'], piece.as_slice(), &['*']].concat();
        let text_of: Vec<char> = text.chars().collect();
        let expected = matches(&pattern, &text_of);
        let pattern: String = pattern.into_iter().collect();
        assert_eq!(wildcards(&pattern).matches(&text, &Stated::new()), expected, "{pattern} of {text}");
        found += usize::from(expected);
    }
    assert!((1000..2999).contains(&found), "{found} match");
}

#[test]
fn an_explanation_asks_no_more_than_it_tells() {
    let statements: Vec<String> = (0..100)
        .map(|number| {
            format!(
                r#"{{"Effect":"Allow","Principal":{{"Service":"logs.amazonaws.com"}},"Action":"kms:*","Resource":"*",
                "Condition":{{"StringEquals":{{"kms:EncryptionContext:a":"{number}"}}}}}}"#
            )
        })
        .collect();
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let policy = Policy::parse(&document, PolicyKind::Key).expect("a policy");
    let context: EncryptionContext = [("A", "none of them")].into_iter().collect();
    with_context(&context, |request, asked| {
        let parties = Parties {
            identity: None,
            unknown: false,
            session: &[],
            key_policy: Some(KeyPolicy::Written(&policy)),
            resource_control: &[],
            endpoint: None,
            grants: &[],
            asked: Asked { now: Timestamp::from_millis(0), tokens_of: &[], child: None },
        };
        let decision = decide(request, &parties);
        assert!(matches!(decision, Decision::Denied(_)));
        assert_eq!(asked.take(), 100);
        let sentences = explain(request, &parties, &decision);
        assert_eq!(sentences.len(), 12);
        // The condition again, and what the request has in its place.
        assert!(asked.get() <= 2 * 12, "asked {} times", asked.get());
    });
}
