//! From items to clauses and filters.

use super::{
    Clause, MAX_NEAR, MAX_NEAR_TOKENS, MAX_QUERY_CHARS, MAX_QUERY_PARTS, NEAR, Pattern, Phrase, QueryError,
    QueryToken, SearchQuery,
    conditions::filter,
    scan::{Item, items},
};
use crate::search::{
    fold::is_unspaced,
    tokens::{Token, text_tokens},
    typing::forgives_typing,
};

pub(super) fn parse(text: &str) -> Result<SearchQuery, QueryError> {
    if text.chars().count() > MAX_QUERY_CHARS {
        let message = format!("a query has at most {MAX_QUERY_CHARS} characters");
        return Err(QueryError::new(MAX_QUERY_CHARS, message));
    }
    let items = items(text)?;
    if let Some(item) = items.get(MAX_QUERY_PARTS) {
        let message = format!("a query has at most {MAX_QUERY_PARTS} words and filters");
        return Err(QueryError::new(item.at, message));
    }
    let mut query = SearchQuery {
        text: text.to_owned(),
        clauses: Vec::new(),
        filters: Vec::new(),
    };
    let mut rest = &items[..];
    while let Some(item) = rest.first() {
        if is_or(item) {
            return Err(QueryError::new(item.at, "OR stands between two words"));
        }
        match filter(item)? {
            Some(filter) => {
                rest = &rest[1..];
                if let Some(or) = rest.first().filter(|next| is_or(next)) {
                    return Err(QueryError::new(
                        or.at,
                        "OR stands between words; name more values with commas, as in type:pdf,png",
                    ));
                }
                query.filters.push(filter);
            }
            None => rest = clause(rest, &mut query.clauses)?,
        }
        let patterns = query.clauses.iter().flat_map(|clause| &clause.alternatives);
        if patterns.map(Pattern::near_tokens).sum::<usize>() > MAX_NEAR_TOKENS {
            let message = format!("at most {MAX_NEAR_TOKENS} words of a query may stand beside near");
            return Err(QueryError::new(item.at, message));
        }
    }
    if query.clauses.is_empty() && query.filters.is_empty() {
        return Err(QueryError::new(0, "there is no word to search for"));
    }
    Ok(query)
}

fn is_or(item: &Item) -> bool {
    item.is_bare() && item.text == "OR"
}

/// How far apart two words may be, where `item` is such an operator.
fn nearness(item: &Item) -> Result<Option<u32>, QueryError> {
    let lower = item.text.to_ascii_lowercase();
    if !item.is_bare() || !lower.starts_with("near") {
        return Ok(None);
    }
    match lower["near".len()..].strip_prefix('/') {
        None => Ok((lower == "near").then_some(NEAR)),
        Some(number) => match number.parse() {
            Ok(distance) if (1..=MAX_NEAR).contains(&distance) => Ok(Some(distance)),
            _ => {
                let message = format!("near/ takes a number of words from 1 to {MAX_NEAR}");
                Err(QueryError::new(item.at, message))
            }
        },
    }
}

/// Reads one clause off `rest`: patterns with OR between them. Returns what is behind it.
fn clause<'a>(mut rest: &'a [Item], clauses: &mut Vec<Clause>) -> Result<&'a [Item], QueryError> {
    let mut alternatives = Vec::new();
    let mut negated = false;
    let mut first = true;
    while let Some(item) = rest.first() {
        let is_alternative = !first || rest.get(1).is_some_and(is_or);
        if item.negated && is_alternative {
            return Err(QueryError::new(
                item.at,
                "what a page must not hold cannot be one of several with OR",
            ));
        }
        if !first && filter(item)?.is_some() {
            return Err(QueryError::new(
                item.at,
                "a filter cannot be one of several with OR",
            ));
        }
        negated = item.negated;
        let (pattern, behind) = pattern(rest)?;
        alternatives.extend(pattern);
        rest = behind;
        let Some(or) = rest.first().filter(|next| is_or(next)) else {
            break;
        };
        rest = &rest[1..];
        if rest.first().is_none_or(is_or) {
            return Err(QueryError::new(or.at, "OR stands between two words"));
        }
        first = false;
    }
    if !alternatives.is_empty() {
        clauses.push(Clause {
            negated,
            alternatives,
        });
    }
    Ok(rest)
}

/// Reads a phrase, or two that are near; nothing where there are only signs.
fn pattern(rest: &[Item]) -> Result<(Option<Pattern>, &[Item]), QueryError> {
    let [item, behind @ ..] = rest else {
        return Ok((None, rest));
    };
    let one = phrase(item);
    let [operator, other, after @ ..] = behind else {
        return Ok((one.map(Pattern::Phrase), behind));
    };
    let Some(distance) = nearness(operator)? else {
        return Ok((one.map(Pattern::Phrase), behind));
    };
    if is_or(other) || filter(other)?.is_some() {
        return Ok((one.map(Pattern::Phrase), behind));
    }
    if item.negated || other.negated {
        return Err(QueryError::new(
            operator.at,
            "near stands between two words that a page must hold",
        ));
    }
    if let [further, _, ..] = after
        && nearness(further)?.is_some()
    {
        return Err(QueryError::new(
            further.at,
            "near stands between two words, not three",
        ));
    }
    let pattern = match (one, phrase(other)) {
        (Some(one), Some(other)) => Some(Pattern::Near(one, other, distance)),
        (one, other) => one.or(other).map(Pattern::Phrase),
    };
    Ok((pattern, after))
}

/// What `item` searches for; `None` where it has only signs.
fn phrase(item: &Item) -> Option<Phrase> {
    let text = match &item.field {
        Some(field) => format!("{field}:{}", item.text),
        None => item.text.clone(),
    };
    let (tokens, besides) = text_tokens(&text);
    let [first, ..] = &tokens[..] else { return None };
    let mut characters = first.key.chars();
    let lone_ideograph =
        tokens.len() == 1 && characters.next().is_some_and(is_unspaced) && characters.next().is_none();
    let forgiving = tokens.len() == 1 && !item.quoted && !item.prefix && forgives_typing(&first.key);
    let prefix = item.prefix || lone_ideograph;
    let plain = |token: Token| QueryToken {
        key: token.key,
        skeleton: token.skeleton,
    };
    Some(Phrase {
        // The beginning of a number is not the number without its separators.
        besides: if item.prefix {
            Vec::new()
        } else {
            besides.into_iter().map(plain).collect()
        },
        tokens: tokens.into_iter().map(plain).collect(),
        prefix,
        forgiving,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::tokens::NUMBER_MARK;

    /// A query as it was understood.
    fn understood(text: &str) -> String {
        let phrase = |phrase: &Phrase| {
            let keys: Vec<&str> = phrase.tokens.iter().map(|token| token.key.as_str()).collect();
            let mut shown = format!("{}{}", keys.join("+"), if phrase.prefix { "*" } else { "" });
            for besides in &phrase.besides {
                shown.push('=');
                shown += &besides.key.replace(NUMBER_MARK, "#");
            }
            if phrase.forgiving { shown + "~" } else { shown }
        };
        let query = SearchQuery::parse(text).unwrap();
        let clauses = query.clauses.iter().map(|clause| {
            let alternatives: Vec<String> = clause
                .alternatives
                .iter()
                .map(|pattern| match pattern {
                    Pattern::Phrase(one) => phrase(one),
                    Pattern::Near(one, other, distance) => {
                        format!("{}<{distance}>{}", phrase(one), phrase(other))
                    }
                })
                .collect();
            format!(
                "{}{}",
                if clause.negated { "-" } else { "" },
                alternatives.join("|")
            )
        });
        let filters = query.filters.iter().map(|filter| {
            format!(
                "{}{{{:?}}}",
                if filter.negated { "-" } else { "" },
                filter.condition
            )
        });
        clauses.chain(filters).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_language_is_understood() {
        for (text, meaning) in [
            ("Invoice paid", "invoice~ paid~"),
            ("\"Total amount\" -draft", "total+amount -draft~"),
            ("„größe“", "grosse"),
            ("a OR bb OR \"c d\" e", "a|bb|c+d e"),
            ("inv*", "inv*"),
            ("total near 1299", "total~<10>1299=#1299"),
            ("total NEAR/3 \"a b\"", "total~<3>a+b"),
            ("near station", "near~ station~"),
            ("INV-2024-0042", "inv+2024+0042=inv20240042"),
            ("1,299.00", "1+299+00=#129900=129900"),
            ("x", "x"),
            ("東", "東*"),
            ("東京都", "東京+京都"),
            ("12:30 http://a.b", "12+30=#1230=1230 http+a+b=httpab"),
            ("- & word", "word~"),
            ("note: this", "note~ this~"),
            (
                "name:\"My Scan\" type:pdf,jpg",
                "{Name(\"my scan\")} {MediaType([Pdf, Jpeg])}",
            ),
            (
                "TYPE:jp2,bmp,gif NAME:a*",
                "{MediaType([Jpeg2000, Bmp, Gif])} {Name(\"a\")}",
            ),
            ("-status:failed word", "word~ -{Status([Failed])}"),
            (
                "label:Tax,büro -collection:\"A, b\" note:Call*",
                "{Label([\"tax\", \"buro\"])} -{Collection([\"a, b\"])} {Note(\"call\")}",
            ),
            (
                "language:de-CH engine:PPOCR",
                "{Language([\"de-ch\"])} {Engine([\"ppocr\"])}",
            ),
        ] {
            assert_eq!(understood(text), meaning, "{text}");
        }
    }

    #[test]
    fn errors_point_at_the_character() {
        for (text, position) in [
            ("", 0),
            (" & ", 0),
            ("größe \"a b", 6),
            ("a OR", 2),
            ("OR a", 0),
            ("a OR OR b", 2),
            ("a OR -b", 5),
            ("-a OR b", 0),
            ("type:pdf OR a", 9),
            ("a OR type:pdf", 5),
            ("date:soon", 5),
            ("x confidence:<80", 13),
            ("staus:failed", 0),
            ("-staus:failed", 1),
            ("status:done", 7),
            ("a near/900 b", 2),
            ("a near b near c", 9),
            ("-a near b", 3),
            ("type:pd*", 5),
            ("lable:tax", 0),
            ("label:ta*", 6),
            ("label:tax,,bank", 6),
            ("collection:\" \"", 11),
        ] {
            let error = SearchQuery::parse(text).unwrap_err();
            assert_eq!(error.position, position, "{text}: {error}");
        }
        assert!(SearchQuery::parse(&"a".repeat(MAX_QUERY_CHARS + 1)).is_err());
        assert!(SearchQuery::parse(&"a ".repeat(MAX_QUERY_PARTS + 1)).is_err());
        let long = format!("a \"{}\" near b", "a ".repeat(MAX_NEAR_TOKENS));
        assert_eq!(SearchQuery::parse(&long).unwrap_err().position, 2);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_query_or_an_error_within_it(text in "[-a\"*: OR東/.0-9n\u{201e}]{0,40}|.*") {
            if let Err(error) = SearchQuery::parse(&text) {
                proptest::prop_assert!(error.position <= text.chars().count());
            }
        }
    }
}
