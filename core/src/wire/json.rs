//! A reader of JSON that bounds its depth and leaves no copy of a secret behind: text is borrowed from the body, and what
//! has escapes, so that it must be copied, is wiped.

use alloc::{string::String, vec::Vec};
use zeroize::Zeroizing;

/// How deep lists and objects may be nested. The service model needs four levels.
const MAX_DEPTH: usize = 32;

/// A JSON value.
pub(super) enum Json<'a> {
    Null,
    Boolean(bool),
    /// As it was written.
    Number(&'a str),
    Text(Text<'a>),
    List(Vec<Self>),
    /// In the order of the body; a name may come twice.
    Object(Vec<(Text<'a>, Self)>),
}

/// A text without its quotes and escapes.
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    Unescaped(Zeroizing<String>),
}

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Unescaped(text) => text,
        }
    }
}

/// The value that a body is, if it is JSON (RFC 8259) of bounded depth.
pub(super) fn parse(body: &[u8]) -> Option<Json<'_>> {
    let mut parser = Parser { rest: str::from_utf8(body).ok()? };
    let value = parser.value(MAX_DEPTH)?;
    parser.skip_space();
    parser.rest.is_empty().then_some(value)
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Skips a token, if it is the next.
    fn take(&mut self, token: &str) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(token)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Json<'a>> {
        self.skip_space();
        match self.rest.bytes().next()? {
            b'n' => self.take("null").map(|()| Json::Null),
            b't' => self.take("true").map(|()| Json::Boolean(true)),
            b'f' => self.take("false").map(|()| Json::Boolean(false)),
            b'"' => self.text().map(Json::Text),
            b'[' => self.list(depth.checked_sub(1)?).map(Json::List),
            b'{' => self.object(depth.checked_sub(1)?).map(Json::Object),
            _ => self.number().map(Json::Number),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Json<'a>>> {
        self.take("[")?;
        let mut items = Vec::new();
        if self.take("]").is_some() {
            return Some(items);
        }
        loop {
            items.push(self.value(depth)?);
            if self.take(",").is_none() {
                return self.take("]").map(|()| items);
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Vec<(Text<'a>, Json<'a>)>> {
        self.take("{")?;
        let mut members = Vec::new();
        if self.take("}").is_some() {
            return Some(members);
        }
        loop {
            let name = self.text()?;
            self.take(":")?;
            members.push((name, self.value(depth)?));
            if self.take(",").is_none() {
                return self.take("}").map(|()| members);
            }
        }
    }

    fn number(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        let (number, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len()))?;
        let unsigned = number.strip_prefix('-').unwrap_or(number);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
            None => (unsigned, "0"),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if leading_zero || ![whole, fraction, exponent].into_iter().all(digits) {
            return None;
        }
        self.rest = rest;
        Some(number)
    }

    fn text(&mut self) -> Option<Text<'a>> {
        self.take("\"")?;
        let at = special(self.rest.as_bytes())?;
        let (plain, rest) = self.rest.split_at_checked(at)?;
        if let Some(rest) = rest.strip_prefix('"') {
            self.rest = rest;
            return Some(Text::Borrowed(plain));
        }
        // An escape is longer than what it stands for: with this room the text never moves, and leaves no copy to wipe.
        let mut escaped = false;
        let end = self.rest.bytes().position(|byte| match byte {
            b'"' => !core::mem::take(&mut escaped),
            b'\\' => {
                escaped = !escaped;
                false
            }
            _ => {
                escaped = false;
                false
            }
        })?;
        let (raw, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.strip_prefix('"')?;
        let mut text = Zeroizing::new(String::with_capacity(raw.len()));
        unescape(raw, &mut text)?;
        Some(Text::Unescaped(text))
    }
}

/// Where the first byte is that does not stand for itself in a text: a quote, a backslash or a control character.
///
/// Most texts are long base64 without any, so that whole blocks are looked at first, which compiles to a few instructions each.
pub(super) fn special(text: &[u8]) -> Option<usize> {
    const BLOCK: usize = 64;
    #[allow(clippy::needless_bitwise_bool, reason = "without branches it compiles to vector instructions")]
    let is_special = |byte: &u8| (*byte == b'"') | (*byte == b'\\') | (*byte < 0x20);
    let plain = |block: &&[u8]| !block.iter().fold(false, |found, byte| found | is_special(byte));
    let start = text.chunks_exact(BLOCK).take_while(plain).count().saturating_mul(BLOCK);
    let at = text.get(start..)?.iter().position(is_special)?;
    Some(start.saturating_add(at))
}

/// Appends a text without its escapes.
fn unescape(raw: &str, text: &mut String) -> Option<()> {
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        let plain = match character {
            '\\' => match characters.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => match unit(&mut characters)? {
                    high @ 0xd800..=0xdbff => {
                        let escape = characters.next()? == '\\' && characters.next()? == 'u';
                        let low = unit(&mut characters).filter(|low| escape && (0xdc00..=0xdfff).contains(low))?;
                        char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?
                    }
                    unit => char::from_u32(unit)?,
                },
                same @ ('"' | '\\' | '/') => same,
                _ => return None,
            },
            control if control < ' ' => return None,
            plain => plain,
        };
        text.push(plain);
    }
    Some(())
}

/// Four hexadecimal digits.
fn unit(characters: &mut core::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| Some(unit * 16 + characters.next()?.to_digit(16)?))
}
