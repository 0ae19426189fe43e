//! Documentation, in the words of the language that it is for.

use crate::model::Model;
use pocketkms::shape::Member;
use std::{borrow::Cow, collections::HashMap};

/// The widest line of a generated file.
const WIDTH: usize = 120;

/// Turns documentation of the core into that of another language.
pub(crate) struct Prose(HashMap<String, String>);

impl Prose {
    /// `member` names members in that language, `method` says where an operation's name in it stands.
    pub(crate) fn new(
        model: &Model,
        member: impl Fn(&Member) -> String,
        method: impl Fn(&pocketkms::api::OperationModel) -> String,
    ) -> Self {
        let operations =
            model.operations.iter().map(|operation| (operation.operation.name().to_owned(), method(operation)));
        let members = model.all_structures().flat_map(|structure| structure.members);
        Self(operations.chain(members.map(|found| (found.wire.to_string(), member(found)))).collect())
    }

    /// Says another word of the language.
    pub(crate) fn with(mut self, word: &str, name: &str) -> Self {
        self.0.insert(word.to_owned(), name.to_owned());
        self
    }

    /// As one paragraph, in which members and operations have the names of the language: `KeyId` becomes `key_id`.
    pub(crate) fn paragraph(&self, doc: &str) -> String {
        let text = doc.split_whitespace().collect::<Vec<_>>().join(" ");
        let named = |(index, part)| match self.0.get(part) {
            // Every second part is code. (A lone backtick would have no partner; then the text stays as it is.)
            Some(name) if index % 2 == 1 => Cow::Borrowed(name.as_str()),
            _ => Cow::Borrowed(part),
        };
        text.split('`').enumerate().map(named).collect::<Vec<_>>().join("`")
    }

    /// As lines that each begin with `indent`.
    pub(crate) fn lines(&self, doc: &str, indent: &str) -> String {
        fill(&self.paragraph(doc), indent, indent)
    }
}

/// Breaks a paragraph into lines.
pub(crate) fn fill(paragraph: &str, first: &str, next: &str) -> String {
    let options = textwrap::Options::new(WIDTH).initial_indent(first).subsequent_indent(next).break_words(false);
    textwrap::fill(paragraph, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_spans_speak_the_language_and_nothing_else_does() {
        let prose = Prose(HashMap::new()).with("KeyId", "key_id").with("Encrypt", "encrypt");
        let doc = " A `KeyId` for `Encrypt`:\n Encrypt with KeyId, but `KeyIdentity` stays.\n";
        assert_eq!(prose.paragraph(doc), "A `key_id` for `encrypt`: Encrypt with KeyId, but `KeyIdentity` stays.");
    }

    #[test]
    fn every_line_is_indented() {
        let prose = Prose(HashMap::new());
        let lines = prose.lines(&"word ".repeat(60), "   * ");
        assert!(lines.lines().count() > 2, "{lines}");
        assert!(lines.lines().all(|line| line.starts_with("   * word") && line.len() <= WIDTH), "{lines}");
    }
}
