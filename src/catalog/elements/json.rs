//! JSON: a list of objects, or one, whose members are keywords with their values. A reader of its own, because it must say where each
//! value stands; what lies deeper is passed over.

use std::borrow::Cow;
use std::ops::Range;

use super::omm::{Field, Message, object};
use super::{DOWNLOAD, Page};
use crate::orbit::Elements;

/// How deep lists and objects may lie in one another.
const DEEPEST: usize = 32;

/// A place, and what should have been there.
type Unexpected = (usize, &'static str);

/// Reads from a text.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

pub(super) fn read(page: &mut Page<'_>) -> Vec<Elements> {
    let text = page.text;
    let mut reader = Reader { text, at: text.len() - text.trim_start_matches('\u{feff}').len() };
    let mut objects = Vec::new();
    let ended = reader.messages(&mut |message| objects.extend(object(page, &message)));
    if let Err((at, expected)) = ended {
        let width = text[at..].chars().next().map_or(0, char::len_utf8);
        page.report(at..at + width, "this is not JSON", expected, DOWNLOAD);
    }
    objects
}

impl<'a> Reader<'a> {
    /// The next character that is no blank.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over this character, if it comes next.
    fn pass(&mut self, character: u8) -> bool {
        let next = self.peek() == Some(character);
        self.at += usize::from(next);
        next
    }

    fn expect(&mut self, character: u8, expected: &'static str) -> Result<(), Unexpected> {
        if self.pass(character) { Ok(()) } else { Err((self.at, expected)) }
    }

    fn messages(&mut self, take: &mut impl FnMut(Message<'a>)) -> Result<(), Unexpected> {
        if self.pass(b'[') {
            if !self.pass(b']') {
                loop {
                    take(self.message()?);
                    if !self.pass(b',') {
                        break;
                    }
                }
                self.expect(b']', "`,` or `]`")?;
            }
        } else {
            take(self.message()?);
        }
        if self.peek().is_some() { Err((self.at, "nothing more")) } else { Ok(()) }
    }

    fn message(&mut self) -> Result<Message<'a>, Unexpected> {
        self.peek();
        let start = self.at;
        self.expect(b'{', "`{`, with which an object begins")?;
        let mut fields = Vec::new();
        if !self.pass(b'}') {
            loop {
                self.peek();
                let key = self.string()?;
                self.expect(b':', "`:` and a value")?;
                let (text, at) = self.value(0)?;
                if let Some(text) = text {
                    fields.push(Field { key, text, at });
                }
                if !self.pass(b',') {
                    break;
                }
            }
            self.expect(b'}', "`,` or `}`")?;
        }
        Ok(Message { fields, at: start..start + 1 })
    }

    /// A value, as text unless it is null or consists of others, and where it stands.
    fn value(&mut self, depth: usize) -> Result<(Option<Cow<'a, str>>, Range<usize>), Unexpected> {
        let next = self.peek();
        let start = self.at;
        let text = match next {
            Some(b'"') => Some(self.string()?),
            Some(open @ (b'[' | b'{')) if depth < DEEPEST => {
                self.at += 1;
                let close = if open == b'[' { b']' } else { b'}' };
                if !self.pass(close) {
                    loop {
                        if open == b'{' {
                            self.peek();
                            self.string()?;
                            self.expect(b':', "`:` and a value")?;
                        }
                        self.value(depth + 1)?;
                        if !self.pass(b',') {
                            break;
                        }
                    }
                    self.expect(close, "`,` or the end of the list")?;
                }
                None
            }
            Some(b'-' | b'0'..=b'9' | b'a'..=b'z') => {
                let rest = &self.text.as_bytes()[start..];
                self.at += rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
                let word = &self.text[start..self.at];
                (word != "null").then_some(Cow::Borrowed(word))
            }
            _ => return Err((start, "a value: a number, or a text in quotes")),
        };
        Ok((text, start..self.at))
    }

    /// A text in quotes.
    fn string(&mut self) -> Result<Cow<'a, str>, Unexpected> {
        let start = self.at;
        self.expect(b'"', "a text in quotes")?;
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        loop {
            match bytes.get(self.at) {
                None | Some(b'\n') => return Err((start, "a quote that ends this text")),
                Some(b'"') => break,
                Some(b'\\') => (escaped, self.at) = (true, self.at + 2),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        let whole = &self.text[start..self.at];
        if !escaped {
            return Ok(Cow::Borrowed(&whole[1..whole.len() - 1]));
        }
        serde_json::from_str(whole).map(Cow::Owned).map_err(|_| (start, "escapes that JSON knows"))
    }
}
