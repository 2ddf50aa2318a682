//! Stretches of lines to blocks of whole lines in reading order.

use ocr_core::model::BlockKind;
use ocr_layout::{Boxes, Piece};

use super::lines::{TextLine, joined};

/// The stretches of a page as blocks of whole lines in reading order.
pub(super) fn blocks(chunks: Vec<TextLine>) -> Vec<(BlockKind, Vec<TextLine>)> {
    let pieces: Vec<Piece> = chunks.iter().map(TextLine::piece).collect();
    let mut chunks: Vec<Option<TextLine>> = chunks.into_iter().map(Some).collect();
    let mut line = |row: Vec<usize>| {
        let stretches = row.into_iter().filter_map(|index| chunks.get_mut(index)?.take());
        joined(stretches.flat_map(|stretch| stretch.words).collect())
    };
    ocr_layout::blocks(&pieces, Boxes::Exact)
        .into_iter()
        .map(|group| (group.kind, group.rows.into_iter().map(&mut line).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            lines::{chunks, tests::word},
            words::Word,
        },
        *,
    };

    fn read(words: Vec<Word>) -> Vec<String> {
        blocks(chunks(words))
            .into_iter()
            .flat_map(|(_, lines)| lines)
            .map(|line| line.text())
            .collect()
    }

    /// Two columns of `rows` lines of 20 characters, the second beginning at 130 points.
    fn two_columns(rows: i32, from: f64) -> Vec<Word> {
        (0..rows)
            .flat_map(|row| {
                let baseline = from + f64::from(row) * 12.0;
                [
                    word(&format!("left-line-number--{row:02}"), 0.0, baseline),
                    word(&format!("right-line-number-{row:02}"), 130.0, baseline),
                ]
            })
            .collect()
    }

    #[test]
    fn columns_are_read_one_after_the_other() {
        let read = read(two_columns(4, 50.0));
        assert!(read[..4].iter().all(|line| line.starts_with("left")), "{read:?}");
        assert!(read[4..].iter().all(|line| line.starts_with("right")), "{read:?}");
    }

    #[test]
    fn a_title_over_columns_comes_first_and_a_footer_last() {
        let mut words = two_columns(6, 50.0);
        words.push(word("a title over both of the columns", 40.0, 20.0));
        words.push(word("a footer under both of the columns", 40.0, 200.0));
        let read = read(words);
        assert!(read[0].starts_with("a title"), "{read:?}");
        assert!(
            read[1].starts_with("left") && read[7].starts_with("right"),
            "{read:?}"
        );
        assert!(read[13].starts_with("a footer"), "{read:?}");
    }

    #[test]
    fn a_heading_between_columns_parts_them() {
        let mut words = two_columns(5, 50.0);
        words.push(word("a heading over both of the columns", 40.0, 130.0));
        words.extend(two_columns(5, 150.0));
        let read = read(words);
        assert!(
            read[5].starts_with("right") && read[10].starts_with("a heading"),
            "{read:?}"
        );
        assert!(read[11].starts_with("left"), "{read:?}");
    }

    #[test]
    fn a_table_is_read_by_rows() {
        let rows = (0..5).flat_map(|row| {
            let baseline = 50.0 + f64::from(row) * 12.0;
            [
                word(&format!("item-{row}"), 0.0, baseline),
                word(&format!("{row}.50"), 130.0, baseline),
                word("EUR", 200.0, baseline),
            ]
        });
        let read = read(rows.collect());
        assert_eq!(read[0], "item-0 0.50 EUR");
        assert_eq!(read.len(), 5);
    }

    #[test]
    fn notes_strewn_beside_a_text_are_no_column() {
        let mut words: Vec<Word> = (0..30)
            .map(|row| word(&format!("line-{row:02}"), 0.0, 50.0 + f64::from(row) * 12.0))
            .collect();
        words.extend([116.0, 236.0, 310.0].map(|baseline| word("note", 130.0, baseline)));
        let read = read(words);
        assert_ne!(read.last().map(String::as_str), Some("note"), "{read:?}");
    }

    #[test]
    fn a_wider_distance_parts_paragraphs() {
        let words =
            [50.0, 62.0, 74.0, 98.0, 110.0].map(|baseline| word("some-words-of-a-line", 0.0, baseline));
        let blocks = blocks(chunks(words.to_vec()));
        assert_eq!(
            blocks.iter().map(|(_, lines)| lines.len()).collect::<Vec<_>>(),
            [3, 2]
        );
    }

    #[test]
    fn stretches_of_a_line_are_joined() {
        let words = vec![
            word("far", 90.0, 50.0),
            word("near", 0.0, 50.0),
            word("by", 24.0, 50.5),
        ];
        assert_eq!(read(words), ["near by far"]);
    }

    #[test]
    fn an_exponent_belongs_to_its_base() {
        let mut exponent = word("2", 5.3, 46.5);
        (exponent.size, exponent.spaced) = (7.0, false);
        let words = vec![word("x", 0.0, 50.0), exponent, word("y", 14.0, 50.0)];
        assert_eq!(read(words), ["x2 y"]);
    }

    #[test]
    fn lines_below_each_other_stay_apart() {
        let words = vec![word("second", 0.0, 61.0), word("first", 0.0, 50.0)];
        assert_eq!(read(words), ["first", "second"]);
    }
}
