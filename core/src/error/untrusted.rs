//! Text that somebody else chose, made fit to stand in an error.

use core::fmt::{self, Write};

/// The most characters of such a text that an error shows.
const MAX_CHARACTERS: usize = 200;

/// Shows text that came from a message, a store, a file name or a request: escaped, so that it can neither break a line of
/// a log nor turn the direction of writing, and cut after 200 characters, with `…` in place of the rest.
///
/// ```
/// use pocketkms::Untrusted;
///
/// assert_eq!(format!("provider '{}'", Untrusted("hsm\n")), "provider 'hsm\\n'");
/// assert_eq!(Untrusted(&"x".repeat(1000)).to_string().chars().count(), 201);
/// ```
#[derive(Clone, Copy)]
pub struct Untrusted<'a>(pub &'a str);

impl fmt::Display for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_cut(self.0, MAX_CHARACTERS, f)
    }
}

/// The most characters that a message repeats. No valid ARN, name or alias is longer.
const MAX_ECHO: usize = 2048;

/// Shows what a caller named in its own request, in a message that repeats it as AWS does: escaped, and cut only where it is so
/// long that the answer would be many times the request.
#[derive(Clone, Copy)]
pub(crate) struct Echo<'a>(pub(crate) &'a str);

impl fmt::Display for Echo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_cut(self.0, MAX_ECHO, f)
    }
}

/// Writes a text, escaped, with `…` in place of what does not fit.
fn write_cut(text: &str, mut room: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for character in text.chars() {
        let shown = escaped(character);
        // An escape stands whole or not at all.
        let Some(left) = room.checked_sub(shown.clone().count()) else { return f.write_char('…') };
        room = left;
        shown.into_iter().try_for_each(|character| f.write_char(character))?;
    }
    Ok(())
}

/// Control characters, marks of direction and all else that is not seen become escapes.
fn escaped(character: char) -> impl Iterator<Item = char> + Clone {
    // A double quote ends nothing here: names stand in single ones.
    let plain = (character == '"').then_some(character);
    plain.into_iter().chain(plain.is_none().then(|| character.escape_debug()).into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString};

    #[test]
    fn what_is_not_seen_is_escaped() {
        for (text, shown) in [
            ("", ""),
            ("arn:aws:kms:us-east-1:111122223333:key/1", "arn:aws:kms:us-east-1:111122223333:key/1"),
            ("Schlüssel \"7\"", "Schlüssel \"7\""),
            ("it's", "it\\'s"),
            ("a\r\nb\t\0\u{7f}\u{1b}[2J", "a\\r\\nb\\t\\0\\u{7f}\\u{1b}[2J"),
            ("\u{202e}gpj.\u{2066}\u{2028}\u{feff}", "\\u{202e}gpj.\\u{2066}\\u{2028}\\u{feff}"),
        ] {
            assert_eq!(Untrusted(text).to_string(), shown);
            assert_eq!(Echo(text).to_string(), shown);
        }
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        let exact = "ü".repeat(MAX_CHARACTERS);
        assert_eq!(Untrusted(&exact).to_string(), exact);
        assert_eq!(Untrusted(&format!("{exact}ü")).to_string(), format!("{exact}…"));
        let escapes = Untrusted(&"\u{202e}".repeat(1000)).to_string();
        assert_eq!(escapes, format!("{}…", "\\u{202e}".repeat(25)));
        assert_eq!(Echo(&"ü".repeat(MAX_ECHO)).to_string(), "ü".repeat(MAX_ECHO));
        assert_eq!(Echo(&"ü".repeat(MAX_ECHO + 1)).to_string(), format!("{}…", "ü".repeat(MAX_ECHO)));
    }
}
