//! Filters: what a document or page must be.

use std::ops::Bound;

use chrono::{Days, Months, NaiveDate};

use super::{QueryError, scan::Item};
use crate::{
    clock::Timestamp,
    model::{MediaType, TaskStatus},
    search::{fold::fold, typing::within_one_edit},
};

/// A condition, or its opposite.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Filter {
    /// Whether what meets the condition is left out.
    pub negated: bool,
    /// What is asked.
    pub condition: Condition,
}

impl Filter {
    /// What meets `condition`, or with `negated` everything else.
    pub fn new(negated: bool, condition: Condition) -> Self {
        Self { negated, condition }
    }
}

/// What a document or page must be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Condition {
    /// The folded name of the file has this folded text in it.
    Name(String),
    /// The task stands in one of these.
    Status(Vec<TaskStatus>),
    /// The task was accepted at `from` or later, and earlier than `before`.
    Date {
        /// First moment.
        from: Option<Timestamp>,
        /// First moment that is too late.
        before: Option<Timestamp>,
    },
    /// The mean confidence of the page, in 0..=1, lies between these. A page without words meets none.
    Confidence(Bound<f32>, Bound<f32>),
    /// The file is of one of these types.
    MediaType(Vec<MediaType>),
    /// The document has one of these labels; folded.
    Label(Vec<String>),
    /// The document is in one of these collections; folded.
    Collection(Vec<String>),
    /// The folded note about the document has this folded text in it.
    Note(String),
    /// One of these engines read the page; small letters.
    Engine(Vec<String>),
    /// The page is in one of these languages: BCP 47 tags in small letters; `de` stands for `de-CH` too.
    Language(Vec<String>),
}

/// Names of filters.
const FIELDS: [&str; 10] = [
    "name",
    "label",
    "collection",
    "note",
    "status",
    "date",
    "confidence",
    "type",
    "engine",
    "language",
];

/// The filter that `item` is; `None` for text with a colon in it.
pub(super) fn filter(item: &Item) -> Result<Option<Filter>, QueryError> {
    let Some(field) = &item.field else { return Ok(None) };
    let wrong = |message: String| QueryError::new(item.text_at, message);
    let condition = match field.to_ascii_lowercase().as_str() {
        "name" => Condition::Name(fold(&item.text)),
        "status" => Condition::Status(each(&item.text, |text| text.parse::<TaskStatus>().ok()).ok_or_else(|| {
            wrong("status: takes pending, processing, completed, failed or cancelled".into())
        })?),
        "date" => date(&item.text).ok_or_else(|| {
            wrong("date: takes 2026, 2026-03 or 2026-03-31, with >=, >, <= or < before it or .. between two".into())
        })?,
        "confidence" => confidence(&item.text).ok_or_else(|| {
            wrong("confidence: takes a number from 0 to 1 with >=, >, <= or < before it, or two with .. between".into())
        })?,
        "type" => Condition::MediaType(
            each(&item.text, media_type).ok_or_else(|| wrong(format!("type: takes {}", type_names())))?,
        ),
        "label" => {
            Condition::Label(names(item).ok_or_else(|| wrong("label: takes names of labels, with commas between".into()))?)
        }
        "collection" => Condition::Collection(
            names(item).ok_or_else(|| wrong("collection: takes names of collections, with commas between".into()))?,
        ),
        "note" => Condition::Note(fold(&item.text)),
        "engine" => Condition::Engine(lower_case(&item.text)),
        "language" => Condition::Language(lower_case(&item.text)),
        other => match FIELDS.iter().find(|known| within_one_edit(known, other)) {
            Some(known) => {
                let message = format!("there is no filter {other}: do you mean {known}:? Quotation marks make it text");
                return Err(QueryError::new(item.at + usize::from(item.negated), message));
            }
            None => return Ok(None),
        },
    };
    if item.prefix && !matches!(condition, Condition::Name(_) | Condition::Note(_)) {
        return Err(wrong(format!("{field}: takes no *")));
    }
    Ok(Some(Filter::new(item.negated, condition)))
}

/// What stands between commas, each read by `read`.
fn each<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',')
        .map(|part| read(&part.trim().to_lowercase()))
        .collect()
}

/// Folded names that stand between commas, or one name in quotation marks, which may have a comma in it; `None` where
/// one of them is empty.
fn names(item: &Item) -> Option<Vec<String>> {
    let name = |text: &str| fold(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let names: Vec<String> = if item.quoted {
        vec![name(&item.text)]
    } else {
        item.text.split(',').map(name).collect()
    };
    names.iter().all(|name| !name.is_empty()).then_some(names)
}

fn lower_case(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_lowercase()).collect()
}

/// A type by its name, its MIME type, or the ending of a file of it.
fn media_type(text: &str) -> Option<MediaType> {
    let mut all = MediaType::ALL.into_iter();
    all.find(|known| {
        known.extensions().contains(&text)
            || known.label().eq_ignore_ascii_case(text)
            || known.as_str() == text
    })
}

/// The shortest names of all types, for people.
fn type_names() -> String {
    let names = MediaType::ALL.map(|known| known.extensions()[0]);
    let [first @ .., last] = &names;
    format!("{} or {last}", first.join(", "))
}

/// How a value is compared, and the value.
fn comparison(text: &str) -> (&str, &str) {
    let mut signs = [">=", "<=", ">", "<", "="].into_iter();
    let found = signs.find_map(|sign| Some((sign, text.strip_prefix(sign)?)));
    found.unwrap_or(("=", text))
}

fn confidence(text: &str) -> Option<Condition> {
    if let Some((low, high)) = text.split_once("..") {
        return Some(Condition::Confidence(
            Bound::Included(share(low)?),
            Bound::Included(share(high)?),
        ));
    }
    let (sign, value) = comparison(text);
    let value = share(value)?;
    Some(match sign {
        ">=" => Condition::Confidence(Bound::Included(value), Bound::Unbounded),
        ">" => Condition::Confidence(Bound::Excluded(value), Bound::Unbounded),
        "<=" => Condition::Confidence(Bound::Unbounded, Bound::Included(value)),
        "<" => Condition::Confidence(Bound::Unbounded, Bound::Excluded(value)),
        _ => Condition::Confidence(Bound::Included(value), Bound::Included(value)),
    })
}

/// A number in 0..=1, also written in percent.
fn share(text: &str) -> Option<f32> {
    let (number, scale) = match text.strip_suffix('%') {
        Some(number) => (number, 100.0),
        None => (text, 1.0),
    };
    let value = number.parse::<f32>().ok()? / scale;
    (0.0..=1.0).contains(&value).then_some(value)
}

fn date(text: &str) -> Option<Condition> {
    if let Some((first, last)) = text.split_once("..") {
        let open = |text: &str| text.is_empty();
        let from = if open(first) { None } else { Some(period(first)?.0) };
        let before = if open(last) { None } else { Some(period(last)?.1) };
        return (from.is_some() || before.is_some()).then_some(Condition::Date { from, before });
    }
    let (sign, value) = comparison(text);
    let (start, end) = period(value)?;
    let (from, before) = match sign {
        ">=" => (Some(start), None),
        ">" => (Some(end), None),
        "<=" => (None, Some(end)),
        "<" => (None, Some(start)),
        _ => (Some(start), Some(end)),
    };
    Some(Condition::Date { from, before })
}

/// The first moment of a year, month or day in UTC, and the first one after it.
fn period(text: &str) -> Option<(Timestamp, Timestamp)> {
    let numbers: Vec<&str> = text.split('-').collect();
    let digits = |text: &str, count: usize| {
        (text.len() == count && text.bytes().all(|c| c.is_ascii_digit())).then(|| text.parse::<u32>().ok())?
    };
    let year = i32::try_from(digits(numbers.first()?, 4)?).ok()?;
    let number = |index: usize| numbers.get(index).map_or(Some(1), |text| digits(text, 2));
    let start = NaiveDate::from_ymd_opt(year, number(1)?, number(2)?)?;
    let end = match numbers.len() {
        1 => start.checked_add_months(Months::new(12)),
        2 => start.checked_add_months(Months::new(1)),
        3 => start.checked_add_days(Days::new(1)),
        _ => None,
    }?;
    let moment = |day: NaiveDate| day.and_hms_opt(0, 0, 0).map(|at| at.and_utc());
    // Times are also compared as text, where a year has four digits.
    let last = NaiveDate::from_ymd_opt(9999, 12, 31)?;
    Some((moment(start)?, moment(end.min(last))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Timestamp {
        period(text).unwrap().0
    }

    #[test]
    fn dates_are_periods() {
        for (text, from, before) in [
            ("2026-01-31", Some("2026-01-31"), Some("2026-02-01")),
            ("2026-12", Some("2026-12-01"), Some("2027-01-01")),
            ("2026", Some("2026-01-01"), Some("2027-01-01")),
            (">=2026-01-01", Some("2026-01-01"), None),
            (">2026-01", Some("2026-02-01"), None),
            ("<=2026-01", None, Some("2026-02-01")),
            ("<2026-01", None, Some("2026-01-01")),
            ("2026-01..2026-03", Some("2026-01-01"), Some("2026-04-01")),
            ("..2026-03", None, Some("2026-04-01")),
            ("2026..9999", Some("2026-01-01"), Some("9999-12-31")),
        ] {
            let (from, before) = (from.map(day), before.map(day));
            assert_eq!(date(text), Some(Condition::Date { from, before }), "{text}");
        }
        for wrong in [
            "yesterday",
            "2026-13",
            "2026-02-30",
            "26-01",
            "2026-1",
            "..",
            "",
            "2026-01-01-01",
            "9999999-01",
        ] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn types_have_the_names_that_people_use() {
        for known in MediaType::ALL {
            let mut names = known.extensions().iter();
            assert!(names.all(|name| media_type(name) == Some(known)), "{known}");
            assert!(type_names().contains(known.extensions()[0]), "{known}");
        }
        assert_eq!(media_type("jpeg 2000"), Some(MediaType::Jpeg2000));
        assert_eq!(media_type("image/gif"), Some(MediaType::Gif));
        assert_eq!(media_type("doc"), None);
    }

    #[test]
    fn confidence_is_a_share_or_percent() {
        use Bound::{Excluded, Included, Unbounded};
        for (text, low, high) in [
            ("<0.8", Unbounded, Excluded(0.8)),
            (">=80%", Included(0.8), Unbounded),
            ("0.5..0.75", Included(0.5), Included(0.75)),
        ] {
            assert_eq!(confidence(text), Some(Condition::Confidence(low, high)), "{text}");
        }
        for wrong in ["<80", "much", "<", "NaN", "-0.5"] {
            assert_eq!(confidence(wrong), None, "{wrong}");
        }
    }
}
