//! Texts with `*`, `?` and policy variables.
//!
//! A pattern is cut at its `*`. Of the pieces the first must stand at the beginning, the last at the end, and the others are
//! looked for from left to right, each once: the leftmost place is always as good as any other. So nothing is ever tried
//! again, and time grows with the text, however many `*` there are.

use super::facts::{ConditionKey, Facts, Values};
use alloc::{
    borrow::Cow,
    collections::BTreeMap,
    string::{String, ToString},
    vec,
    vec::Vec,
};

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    /// This text.
    Text(String),
    /// `*`: any characters, or none.
    Many,
    /// `?`: any one character.
    One,
    /// `${key}`: the value that the request has for it, literally.
    Variable(ConditionKey, Option<String>),
}

/// What of a text is more than text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Syntax {
    /// Whether `*` and `?` are.
    pub(crate) wildcards: bool,
    /// Whether `${…}` is: in policies of the version 2012-10-17 only.
    pub(crate) variables: bool,
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
    /// Of the pieces between two `*` those with a `?`, in their order. None where there are variables: what they search is only
    /// known with a request.
    searches: Vec<Search>,
    /// The fewest bytes of a text that it matches.
    least: usize,
    has_variables: bool,
}

impl Pattern {
    pub(crate) fn new(text: &str, syntax: Syntax) -> Self {
        let mut parts = Parts::default();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            if syntax.variables
                && let Some((inside, after)) = rest.strip_prefix("${").and_then(|rest| rest.split_once('}'))
            {
                match inside {
                    "*" | "?" | "$" => parts.text(inside),
                    _ => parts.add(variable(inside)),
                }
                rest = after;
                continue;
            }
            let (one, after) = rest.split_at(character.len_utf8());
            match character {
                // Two in a row mean no more than one.
                '*' if syntax.wildcards && parts.0.last() == Some(&Part::Many) => {}
                '*' if syntax.wildcards => parts.add(Part::Many),
                '?' if syntax.wildcards => parts.add(Part::One),
                _ => parts.text(one),
            }
            rest = after;
        }
        Self::of(parts.0)
    }

    /// Of these parts.
    pub(crate) fn of(parts: Vec<Part>) -> Self {
        let has_variables = parts.iter().any(|part| matches!(part, Part::Variable(..)));
        let least = parts.iter().map(|part| match part {
            Part::Text(text) => text.len(),
            Part::One => 1,
            Part::Many | Part::Variable(..) => 0,
        });
        let least = least.sum();
        let mut searches = Vec::new();
        if !has_variables && parts.contains(&Part::One) {
            let mut pieces = parts.split(|part| *part == Part::Many);
            // The first and the last stand at the beginning and the end, and are not looked for.
            let _ = (pieces.next(), pieces.next_back());
            searches = pieces.filter(|piece| !is_plain(piece)).map(Search::new).collect();
        }
        Self { parts, searches, least, has_variables }
    }

    /// Its parts.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The only text that it matches, if there is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it says something else for each request.
    pub(crate) fn has_variables(&self) -> bool {
        self.has_variables
    }

    /// Whether it matches everything.
    pub(crate) fn is_any(&self) -> bool {
        self.parts == [Part::Many]
    }

    /// Whether it matches the whole text.
    pub(crate) fn matches(&self, text: &str, facts: &dyn Facts) -> bool {
        self.resolved(facts, text.len()).is_some_and(|resolved| resolved.matches_text(text))
    }

    /// The same with the values of variables in place of them. A variable without value matches nothing, nor does what is longer
    /// than the longest text that it is compared with.
    pub(crate) fn resolved(&self, facts: &dyn Facts, longest: usize) -> Option<Cow<'_, Self>> {
        if !self.has_variables {
            return Some(Cow::Borrowed(self));
        }
        let mut parts = Parts::default();
        let mut left = longest.checked_sub(self.least)?;
        for part in &self.parts {
            match part {
                Part::Text(text) => parts.text(text),
                Part::Many | Part::One => parts.add(part.clone()),
                Part::Variable(key, default) => {
                    let value = resolve(key, default.as_deref(), facts)?;
                    left = left.checked_sub(value.len())?;
                    parts.text(&value);
                }
            }
        }
        Some(Cow::Owned(Self::of(parts.0)))
    }

    /// Whether it matches the whole text, having no variables.
    fn matches_text(&self, text: &str) -> bool {
        steps::add(1);
        if text.len() < self.least {
            return false;
        }
        // What nearly all patterns are.
        match self.parts.as_slice() {
            [] => return text.is_empty(),
            [Part::Many] => return true,
            [Part::Text(whole)] => return text == whole,
            [Part::Text(start), Part::Many] => return text.starts_with(start.as_str()),
            [Part::Many, Part::Text(end)] => return text.ends_with(end.as_str()),
            _ => {}
        }
        let mut pieces = self.parts.split(|part| *part == Part::Many);
        let Some(first) = pieces.next() else { return false };
        let Some(mut rest) = strip_start(first, text) else { return false };
        let Some(last) = pieces.next_back() else { return rest.is_empty() };
        match strip_end(last, rest) {
            Some(before) => rest = before,
            None => return false,
        }
        let mut searches = self.searches.iter();
        for piece in pieces {
            let after = match piece {
                [] => Some(rest),
                [Part::Text(wanted)] => {
                    steps::add(rest.len());
                    rest.find(wanted.as_str()).and_then(|at| rest.get(at + wanted.len()..))
                }
                _ => searches.next().and_then(|search| search.after_first(rest)),
            };
            match after {
                Some(after) => rest = after,
                None => return false,
            }
        }
        true
    }

    /// What it is in lower case, for a comparison that ignores the case. For patterns without wildcards.
    pub(crate) fn lower(&self, facts: &dyn Facts, longest: usize) -> Option<String> {
        // In another case a character can have a third of its bytes.
        let resolved = self.resolved(facts, longest.saturating_mul(3))?;
        resolved.as_text().map(str::to_lowercase)
    }
}

/// Whether a piece is text alone.
fn is_plain(piece: &[Part]) -> bool {
    matches!(piece, [] | [Part::Text(_)])
}

/// The value of a variable: one, not several.
fn resolve<'a>(key: &ConditionKey, default: Option<&'a str>, facts: &'a dyn Facts) -> Option<Cow<'a, str>> {
    steps::add(1);
    match facts.values(key) {
        Values::One(value) => Some(value),
        Values::Absent => default.map(Cow::Borrowed),
        Values::Several(_) | Values::Ambiguous(_) | Values::Undecidable => None,
    }
}

/// `aws:username`, `aws:PrincipalTag/team, 'none'`.
fn variable(inside: &str) -> Part {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => {
            let default = default.trim();
            let quoted = default.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            (key, Some(quoted.unwrap_or(default).to_string()))
        }
        None => (inside, None),
    };
    Part::Variable(ConditionKey::new(key.trim()), default)
}

/// Parts under construction: neighbouring texts become one.
#[derive(Default)]
struct Parts(Vec<Part>);

impl Parts {
    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Text(before)) => before.push_str(text),
            _ => self.0.push(Part::Text(text.to_string())),
        }
    }

    fn add(&mut self, part: Part) {
        self.0.push(part);
    }
}

fn strip_start<'t>(piece: &[Part], text: &'t str) -> Option<&'t str> {
    piece.iter().try_fold(text, |rest, part| match part {
        Part::Text(text) => rest.strip_prefix(text.as_str()),
        Part::One => {
            let mut characters = rest.chars();
            characters.next().map(|_| characters.as_str())
        }
        Part::Many | Part::Variable(..) => None,
    })
}

fn strip_end<'t>(piece: &[Part], text: &'t str) -> Option<&'t str> {
    piece.iter().rev().try_fold(text, |rest, part| match part {
        Part::Text(text) => rest.strip_suffix(text.as_str()),
        Part::One => {
            let mut characters = rest.chars();
            characters.next_back().map(|_| characters.as_str())
        }
        Part::Many | Part::Variable(..) => None,
    })
}

/// Baeza-Yates and Gonnet's search ("Shift-And"): a bit for each character of the piece says whether it matches up to there, so
/// that 64 of them take one step, also with `?` among them, where the linear searches for plain text do not work.
#[derive(Clone, Debug, PartialEq)]
struct Search {
    length: usize,
    /// For each character, at which places of the piece it may stand.
    places: BTreeMap<char, Places>,
    /// Where any may.
    others: Vec<u64>,
}

/// Whichever takes fewer words, so that a search is about as large as its piece, whatever is in it.
#[derive(Clone, Debug, PartialEq)]
enum Places {
    /// A bit for each place, those where any character may stand too.
    Mask(Vec<u64>),
    /// Beside those where any may.
    Few(Vec<usize>),
}

impl Search {
    fn new(piece: &[Part]) -> Self {
        let mut length = 0;
        let mut at_places: BTreeMap<char, Vec<usize>> = BTreeMap::new();
        let mut any = Vec::new();
        for part in piece {
            match part {
                Part::Text(text) => {
                    for character in text.chars() {
                        at_places.entry(character).or_default().push(length);
                        length += 1;
                    }
                }
                Part::One => {
                    any.push(length);
                    length += 1;
                }
                Part::Many | Part::Variable(..) => {}
            }
        }
        steps::add(length);
        let words = length.div_ceil(64);
        let mut others = vec![0; words];
        for at in any {
            set(&mut others, at);
        }
        let places = |places: Vec<usize>| {
            if places.len() < words {
                return Places::Few(places);
            }
            let mut mask = others.clone();
            for at in places {
                set(&mut mask, at);
            }
            Places::Mask(mask)
        };
        let places = at_places.into_iter().map(|(character, at)| (character, places(at))).collect();
        Self { length, places, others }
    }

    /// What follows the first place where the piece is found.
    fn after_first<'t>(&self, text: &'t str) -> Option<&'t str> {
        let Some(last) = self.length.checked_sub(1) else { return Some(text) };
        if text.len() <= last {
            return None;
        }
        let mut state = vec![0_u64; self.others.len()];
        let mut reached = Vec::new();
        for (at, character) in text.char_indices() {
            steps::add(state.len());
            let (mask, few) = match self.places.get(&character) {
                Some(Places::Mask(mask)) => (mask, &[][..]),
                Some(Places::Few(few)) => (&self.others, few.as_slice()),
                None => (&self.others, &[][..]),
            };
            let before = |place: &usize| place.checked_sub(1).is_none_or(|place| is_set(&state, place));
            reached.extend(few.iter().copied().filter(before));
            let mut carry = 1;
            for (word, mask) in state.iter_mut().zip(mask) {
                let out = *word >> 63;
                *word = (*word << 1 | carry) & mask;
                carry = out;
            }
            reached.drain(..).for_each(|at| set(&mut state, at));
            if is_set(&state, last) {
                return text.get(at + character.len_utf8()..);
            }
        }
        None
    }
}

fn set(words: &mut [u64], at: usize) {
    if let Some(word) = words.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}

fn is_set(words: &[u64], at: usize) -> bool {
    words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
}

/// What matching costs, counted in tests: a step is a look at a byte or at a word of 64 places.
pub(super) mod steps {
    #[cfg(test)]
    std::thread_local! {
        static STEPS: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
    }

    #[cfg(test)]
    pub(crate) fn add(steps: usize) {
        STEPS.set(STEPS.get() + steps);
    }

    #[cfg(not(test))]
    #[inline]
    pub(crate) fn add(_: usize) {}

    /// How many since the last call.
    #[cfg(test)]
    pub(crate) fn take() -> usize {
        STEPS.take()
    }
}
