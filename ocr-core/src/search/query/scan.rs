//! The characters of a query as items between spaces.

use super::QueryError;

/// Something between spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// Characters before it.
    pub(super) at: usize,
    /// Whether `-` stands before it.
    pub(super) negated: bool,
    /// The name before a colon, where there is one: letters only.
    pub(super) field: Option<String>,
    /// Characters before its text.
    pub(super) text_at: usize,
    /// What it says, without quotation marks and the `*` behind.
    pub(super) text: String,
    pub(super) quoted: bool,
    pub(super) prefix: bool,
}

impl Item {
    /// Whether it is the bare word `word` and nothing more.
    pub(super) fn is_bare(&self) -> bool {
        !self.negated && !self.quoted && !self.prefix && self.field.is_none()
    }
}

/// The items of `text`.
pub(super) fn items(text: &str) -> Result<Vec<Item>, QueryError> {
    let chars: Vec<char> = text.chars().collect();
    let mut items = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if chars[at].is_whitespace() {
            at += 1;
            continue;
        }
        let (item, next) = item(&chars, at)?;
        items.push(item);
        at = next;
    }
    Ok(items)
}

/// The item that begins at `start`, and what is behind it.
fn item(chars: &[char], start: usize) -> Result<(Item, usize), QueryError> {
    let negated = chars[start] == '-' && chars.get(start + 1).is_some_and(|next| !next.is_whitespace());
    let mut at = start + usize::from(negated);
    let field = field(&chars[at..]);
    at += field.as_ref().map_or(0, |name| name.chars().count() + 1);
    let text_at = at;
    let quoted = chars.get(at).is_some_and(|c| is_quotation_mark(*c));
    let text: String = if quoted {
        let inside = &chars[at + 1..];
        let Some(length) = inside.iter().position(|c| is_quotation_mark(*c)) else {
            return Err(QueryError::new(at, "this quotation mark has no partner"));
        };
        at += length + 2;
        inside[..length].iter().collect()
    } else {
        let rest = &chars[at..];
        let length = rest
            .iter()
            .position(|c| c.is_whitespace() || is_quotation_mark(*c));
        let length = length.unwrap_or(rest.len());
        at += length;
        rest[..length].iter().collect()
    };
    let mut prefix = false;
    if quoted && chars.get(at) == Some(&'*') {
        (prefix, at) = (true, at + 1);
    }
    let bare = text.trim_end_matches('*');
    prefix |= !quoted && bare.len() < text.len();
    let text = if quoted { text } else { bare.to_owned() };
    let item = Item {
        at: start,
        negated,
        field,
        text_at,
        text,
        quoted,
        prefix,
    };
    Ok((item, at))
}

/// The letters before a colon that something follows.
fn field(chars: &[char]) -> Option<String> {
    let length = chars.iter().position(|c| !c.is_ascii_alphabetic())?;
    let followed = chars.get(length + 1).is_some_and(|c| !c.is_whitespace());
    (length > 0 && chars[length] == ':' && followed).then(|| chars[..length].iter().collect())
}

/// Straight, or as word processors and keyboards make them.
fn is_quotation_mark(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '«' | '»')
}
