//! From per-column character probabilities to text (greedy CTC, Graves et al. 2006), with the
//! position of every character.

use rten_tensor::{NdTensorView, prelude::*};

/// One decoded character.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Glyph {
    /// What the dictionary has for it; usually one character.
    pub(crate) text: Box<str>,
    /// Probability, 0..=1: the highest of its columns.
    pub(crate) confidence: f32,
    /// First column.
    pub(crate) start: usize,
    /// Last column, inclusive.
    pub(crate) end: usize,
}

/// The characters a recogniser can write. Class 0 is the blank, the last class is the space.
#[derive(Debug)]
pub(crate) struct Alphabet {
    characters: Vec<Box<str>>,
}

impl Alphabet {
    /// From a dictionary of one character a line.
    pub(crate) fn from_lines(text: &str) -> Self {
        let characters = text.lines().map(Box::from).collect();
        Self { characters }
    }

    /// Number of classes of a model with this alphabet.
    pub(crate) fn classes(&self) -> usize {
        self.characters.len() + 2
    }

    fn get(&self, class: usize) -> &str {
        self.characters
            .get(class.wrapping_sub(1))
            .map_or(" ", |text| &**text)
    }
}

/// Decodes one line of `columns` by classes: best class per column, repeats and blanks removed.
pub(crate) fn decode(probabilities: NdTensorView<f32, 2>, alphabet: &Alphabet) -> Vec<Glyph> {
    let [columns, _] = probabilities.shape();
    let mut glyphs: Vec<Glyph> = Vec::new();
    let mut previous = 0;
    for column in 0..columns {
        let (class, confidence) = best(probabilities.slice(column));
        if class != 0 {
            match glyphs.last_mut() {
                Some(glyph) if class == previous => {
                    glyph.end = column;
                    glyph.confidence = glyph.confidence.max(confidence);
                }
                _ => glyphs.push(Glyph {
                    text: alphabet.get(class).into(),
                    confidence,
                    start: column,
                    end: column,
                }),
            }
        }
        previous = class;
    }
    glyphs
}

/// Class of the highest value, and that value within 0..=1.
fn best(column: NdTensorView<f32, 1>) -> (usize, f32) {
    let values: &[f32] = column.data().unwrap_or(&[]);
    // Two passes: the maximum alone vectorises, a search with an index does not.
    let max = values.iter().copied().fold(0.0_f32, f32::max);
    let class = values.iter().position(|value| *value >= max).unwrap_or(0);
    (class, max.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rten_tensor::NdTensor;

    fn columns(classes: &[usize], count: usize) -> NdTensor<f32, 2> {
        NdTensor::from_fn([classes.len(), count], |[column, class]| {
            if classes[column] == class {
                0.8 + column as f32 / 100.0
            } else {
                0.01
            }
        })
    }

    #[test]
    fn repeats_merge_and_blanks_separate() {
        let alphabet = Alphabet::from_lines("a\nb");
        assert_eq!(alphabet.classes(), 4);
        let glyphs = decode(columns(&[0, 1, 1, 0, 1, 3, 2, 0], 4).view(), &alphabet);
        let text: String = glyphs.iter().map(|glyph| &*glyph.text).collect();
        assert_eq!(text, "aa b");
        assert_eq!((glyphs[0].start, glyphs[0].end), (1, 2));
        assert!((glyphs[0].confidence - 0.82).abs() < 1e-6);
    }

    #[test]
    fn an_empty_line_has_no_text() {
        let alphabet = Alphabet::from_lines("a");
        assert!(decode(NdTensor::<f32, 2>::zeros([0, 3]).view(), &alphabet).is_empty());
        assert!(decode(columns(&[0, 0], 3).view(), &alphabet).is_empty());
    }

    proptest! {
        #[test]
        fn any_output_decodes(values in proptest::collection::vec(proptest::num::f32::ANY, 6 * 9)) {
            let alphabet = Alphabet::from_lines("a\nb\nc");
            let glyphs = decode(NdTensor::from_data([6, 9], values).view(), &alphabet);
            prop_assert!(glyphs.iter().all(|g| g.start <= g.end && (0.0..=1.0).contains(&g.confidence)));
        }
    }
}
