//! Items of lists.

/// An item of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// Its number, where all items of the list have one.
    pub(crate) number: Option<u32>,
    /// Its text, without what marks it as an item.
    pub(crate) text: String,
}

/// What marks an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Bullet,
    Number(u32),
}

/// The items that `lines` are. A line without a mark goes on with the item before it; where no line has one, each is
/// an item.
pub(crate) fn items(lines: &[&str]) -> Vec<Item> {
    let lines: Vec<&str> = lines
        .iter()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty())
        .collect();
    let markers: Vec<Marker> = lines
        .iter()
        .filter_map(|line| marker(line))
        .map(|(marker, _)| marker)
        .collect();
    // Only then does the list count as the page does. Elsewhere a number stays in the text.
    let numbered = !markers.is_empty() && !markers.contains(&Marker::Bullet) && marker(lines[0]).is_some();
    let mut items: Vec<Item> = Vec::new();
    for line in lines {
        let (number, text) = match marker(line) {
            Some((Marker::Number(number), rest)) if numbered => (Some(number), rest),
            Some((Marker::Bullet, rest)) => (None, rest),
            Some(_) => (None, line),
            None => match items.last_mut() {
                Some(item) if !markers.is_empty() => {
                    item.text.push(' ');
                    item.text.push_str(line);
                    continue;
                }
                _ => (None, line),
            },
        };
        let text = text.to_owned();
        items.push(Item { number, text });
    }
    items
}

/// The mark at the beginning of a line, and what follows it.
fn marker(line: &str) -> Option<(Marker, &str)> {
    const GLYPHS: [char; 10] = ['•', '◦', '▪', '▫', '‣', '⁃', '●', '○', '■', '□'];
    if let Some(rest) = line.strip_prefix(GLYPHS) {
        return Some((Marker::Bullet, rest.trim_start()));
    }
    // These begin words and numbers too.
    let (mark, rest) = line.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    if matches!(mark, "-" | "–" | "—" | "*" | "·") {
        return Some((Marker::Bullet, rest));
    }
    let digits = mark.strip_suffix(['.', ')'])?;
    // A longer one is a year, or something else.
    let is_number = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| digits.parse().ok()).flatten()?;
    Some((Marker::Number(number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[&str]) -> Vec<(Option<u32>, String)> {
        items(lines)
            .into_iter()
            .map(|item| (item.number, item.text))
            .collect()
    }

    fn plain(texts: &[&str]) -> Vec<(Option<u32>, String)> {
        texts.iter().map(|text| (None, (*text).to_owned())).collect()
    }

    #[test]
    fn bullets_begin_items_and_other_lines_go_on_with_them() {
        let lines = ["• one", "more", "- two-", "fold", "* -5 degrees", "•three", ""];
        assert_eq!(
            texts(&lines),
            plain(&["one more", "two- fold", "-5 degrees", "three"])
        );
    }

    #[test]
    fn numbers_are_kept_as_numbers_where_all_items_have_them() {
        let lines = ["2. two", "1984. a year", "3) three", "1.5 kg"];
        let expected = [(Some(2), "two 1984. a year"), (Some(3), "three 1.5 kg")];
        assert_eq!(
            texts(&lines),
            expected.map(|(number, text)| (number, text.to_owned()))
        );
        assert_eq!(texts(&["1. a", "- b"]), plain(&["1. a", "b"]));
        assert_eq!(texts(&["Things:", "1. a"]), plain(&["Things:", "1. a"]));
    }

    #[test]
    fn without_marks_each_line_is_an_item() {
        assert_eq!(texts(&["one", "two"]), plain(&["one", "two"]));
    }
}
