//! Numbers as they are printed.

/// A number and the format of Excel in which it looks as it was printed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    pub(super) value: f64,
    pub(super) format: String,
}

/// Digits beyond these are lost in a spreadsheet.
const MAX_DIGITS: usize = 15;

/// Languages in which a comma stands before the decimals, so that a point or a comma may mean either.
const DECIMAL_COMMA: [&str; 31] = [
    "bg", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "gl", "hr", "hu", "id", "is", "it",
    "lt", "lv", "nb", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "tr", "uk",
];

/// Whether numbers of a language, a BCP 47 tag, have a decimal comma.
pub(super) fn has_decimal_comma(language: Option<&str>) -> bool {
    let primary = language.and_then(|tag| tag.split(['-', '_']).next());
    primary.is_some_and(|tag| DECIMAL_COMMA.contains(&tag.to_ascii_lowercase().as_str()))
}

/// The number that `text` plainly is: a minus or none, digits with well-formed commas or without, a decimal point or
/// none. Everything else stays text, such as `007`, `+1`, `.5`, `1,29` or `50 %`, and what has a point or a comma where
/// its language may mean the other by it.
pub(super) fn parse(text: &str, decimal_comma: bool) -> Option<Number> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if decimal_comma && unsigned.contains([',', '.']) {
        return None;
    }
    let (whole, decimals) = match unsigned.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (unsigned, None),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if decimals.is_some_and(|decimals| !all_digits(decimals)) {
        return None;
    }
    let grouped = whole.contains(',');
    let mut groups = whole.split(',');
    let first = groups.next()?;
    if !all_digits(first) || (grouped && first.len() > 3) || (first.starts_with('0') && whole.len() > 1) {
        return None;
    }
    if !groups.all(|group| group.len() == 3 && all_digits(group)) {
        return None;
    }
    let digits = text.replace(',', "");
    let significant = digits.trim_start_matches(['-', '0', '.']);
    if significant.bytes().filter(u8::is_ascii_digit).count() > MAX_DIGITS {
        return None;
    }
    let value: f64 = digits.parse().ok()?;
    // A spreadsheet has no minus before zero.
    if value == 0.0 && text.starts_with('-') {
        return None;
    }
    let places = decimals.map_or(0, str::len);
    let whole = if grouped { "#,##0" } else { "0" };
    // More places than Excel shows.
    let format = match places {
        0 => whole.to_owned(),
        1..=30 => format!("{whole}.{}", "0".repeat(places)),
        _ => return None,
    };
    Some(Number { value, format })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_keep_their_looks() {
        for (text, value, format) in [
            ("0", 0.0, "0"),
            ("42", 42.0, "0"),
            ("-5", -5.0, "0"),
            ("0.50", 0.5, "0.00"),
            ("1,299.00", 1299.0, "#,##0.00"),
            ("-12,345,678", -12_345_678.0, "#,##0"),
            ("123456789012345", 123_456_789_012_345.0, "0"),
            ("0.00123", 0.00123, "0.00000"),
        ] {
            let format = format.to_owned();
            assert_eq!(parse(text, false), Some(Number { value, format }), "{text}");
        }
    }

    #[test]
    fn all_else_stays_text() {
        for text in [
            "",
            "-",
            ".",
            "+1",
            "=1+1",
            "@x",
            "007",
            "00",
            "-0",
            "-0.00",
            ".5",
            "5.",
            "1,29",
            "1,2999",
            "1234,567",
            ",123",
            "1,299.00,00",
            "1.2.3",
            "1e5",
            "0,123",
            "1 299",
            "50%",
            "$5",
            "--5",
            "1234567890123456",
            "NaN",
            "inf",
            "٣",
        ] {
            assert_eq!(parse(text, false), None, "{text}");
        }
        let places = format!("0.{}1", "0".repeat(40));
        assert_eq!(parse(&places, false), None);
    }

    #[test]
    fn a_language_with_a_decimal_comma_leaves_whole_numbers_only() {
        assert!(has_decimal_comma(Some("de-CH")) && has_decimal_comma(Some("FR")));
        assert!(!has_decimal_comma(Some("en")) && !has_decimal_comma(None));
        assert_eq!(parse("1.299", true), None);
        assert_eq!(parse("1,299", true), None);
        assert!(parse("1299", true).is_some());
    }
}
