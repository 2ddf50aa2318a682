//! Whether the words of a text layer can be words at all.
//!
//! A file can map its glyphs to other letters than those that are seen: each letter to another, or all of them moved
//! by some places. Such a text has the letters of a language in pairs that hardly a language has. It is told from
//! sound text by the part of its pairs that are usual; sound pages of unusual words are doubted too, so what is in
//! doubt has to be held against what is painted.

use std::collections::VecDeque;

use ocr_core::model::PageText;

/// For each letter the ones that usually follow it. Taken from the translated messages of free programs in 38
/// languages in Latin letters, accents left off: a pair is usual where it makes more than 0.08 % of the pairs of at
/// least three languages.
const USUAL: [&str; 26] = [
    "abcdefghijklmnopqrstuvwyz",
    "aeilnorsuy",
    "acehiklnorstu",
    "adeilnoprstuvyz",
    "abcdefghijklmnopqrstuvwxyz",
    "aefilortu",
    "aeghijklnorstuy",
    "aeilortuvy",
    "abcdefghijklmnopqrstuvwxyz",
    "aeinosu",
    "aceiklnorstuy",
    "adeghijklmnostuy",
    "abeimnopsuy",
    "abcdefghijklmnostuvy",
    "abcdefghijklmnoprstuvyz",
    "acehikloprstu",
    "u",
    "abcdefghijklmnorstuvwyz",
    "acefhiklmnopstuvwy",
    "aehiklnorstuvwyz",
    "abcdefghijklmnoprstvyz",
    "aeilnorsuy",
    "aeioy",
    "aeit",
    "abcdefiklmnoprstu",
    "abdeiklmnotuvy",
];

/// Part of usual pairs below which a whole page is doubted, and from how many pairs on. Of texts in the same languages,
/// all have 0.92 and more; half of those with exchanged letters have less than 0.57, and one in a hundred 0.83.
const PAGE: (f64, u32) = (0.82, 60);

/// The same for any stretch of a page, where one font of several is wrong. The worst stretch of a sound document among
/// scanned forms, receipts and licences has 0.81.
const STRETCH: (f64, u32) = (0.75, 90);

/// Part of the words with letters of several scripts above which a page is doubted, and from how many words on.
const MIXED_SCRIPTS: (f64, u32) = (0.25, 12);

/// Whether the words of a page, or of a stretch of it, are hardly those of a language.
pub(super) fn is_doubtful(page: &PageText) -> bool {
    let mut all = Pairs::default();
    let mut stretch = Stretch::default();
    let (mut words, mut mixed) = (0_u32, 0_u32);
    let mut strange = false;
    for word in page.words() {
        if word.text.chars().filter(|char| char.is_alphabetic()).count() >= 3 {
            words += 1;
            mixed += u32::from(has_several_scripts(&word.text));
        }
        let Some(pairs) = Pairs::of(&word.text) else {
            continue;
        };
        all.add(pairs);
        stretch.add(pairs);
        strange |= stretch.sum.all >= STRETCH.1 && stretch.sum.usual_part() < STRETCH.0;
    }
    let strange_page = all.all >= PAGE.1 && all.usual_part() < PAGE.0;
    let too_mixed = words >= MIXED_SCRIPTS.1 && f64::from(mixed) > MIXED_SCRIPTS.0 * f64::from(words);
    strange || strange_page || too_mixed
}

/// The last words that together have enough pairs to be judged.
#[derive(Debug, Default)]
struct Stretch {
    words: VecDeque<Pairs>,
    sum: Pairs,
}

impl Stretch {
    fn add(&mut self, pairs: Pairs) {
        self.words.push_back(pairs);
        self.sum.add(pairs);
        while let Some(&first) = self.words.front()
            && self.sum.all - first.all >= STRETCH.1
        {
            self.sum.all -= first.all;
            self.sum.usual -= first.usual;
            self.words.pop_front();
        }
    }
}

/// Pairs of neighbouring letters.
#[derive(Debug, Clone, Copy, Default)]
struct Pairs {
    all: u32,
    usual: u32,
}

impl Pairs {
    /// Those of a word; none of codes, abbreviations and other scripts.
    fn of(word: &str) -> Option<Self> {
        let word = word.trim_matches(|char: char| !char.is_alphabetic());
        let letters: Option<Vec<u8>> = word.chars().map(base_letter).collect();
        let letters = letters?;
        let capitals = word.chars().filter(|char| char.is_uppercase()).count();
        let shortest = if capitals > 1 { 4 } else { 3 };
        // Names such as `iPhone` or `fromBase` follow no language.
        let cased = capitals == letters.len() || word.chars().skip(1).all(|char| !char.is_uppercase());
        if letters.len() < shortest || !cased {
            return None;
        }
        let mut pairs = Self::default();
        for (&first, &second) in letters.iter().zip(letters.iter().skip(1)) {
            pairs.all += 1;
            let usual = USUAL.get(usize::from(first.saturating_sub(b'a')));
            pairs.usual += u32::from(usual.is_some_and(|usual| usual.as_bytes().contains(&second)));
        }
        Some(pairs)
    }

    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.usual += other.usual;
    }

    fn usual_part(self) -> f64 {
        f64::from(self.usual) / f64::from(self.all.max(1))
    }
}

/// The small letter without its accent; `None` for anything else.
fn base_letter(char: char) -> Option<u8> {
    const ACCENTED: [(&str, u8); 20] = [
        ("àáâãäåæāăąǎ", b'a'),
        ("çćĉċč", b'c'),
        ("ďđð", b'd'),
        ("èéêëēĕėęěə", b'e'),
        ("ĝğġģ", b'g'),
        ("ĥħ", b'h'),
        ("ìíîïĩīĭįı", b'i'),
        ("ĵ", b'j'),
        ("ķ", b'k'),
        ("ĺļľŀł", b'l'),
        ("ñńņňŋ", b'n'),
        ("òóôõöøōŏőœơ", b'o'),
        ("ŕŗř", b'r'),
        ("śŝşšșß", b's'),
        ("ţťŧțþ", b't'),
        ("ùúûüũūŭůűųư", b'u'),
        ("ŵ", b'w'),
        ("ýÿŷ", b'y'),
        ("źżž", b'z'),
        ("ƒ", b'f'),
    ];
    let small = char.to_lowercase().next()?;
    if small.is_ascii_lowercase() {
        return Some(small as u8);
    }
    let base = |(letters, base): &(&str, u8)| letters.contains(small).then_some(*base);
    ACCENTED.iter().find_map(base)
}

/// Whether a word mixes letters as no writing does.
fn has_several_scripts(word: &str) -> bool {
    let mut scripts = word
        .chars()
        .filter(|char| char.is_alphabetic())
        .filter_map(script);
    let first = scripts.next();
    scripts.any(|script| Some(script) != first)
}

/// A number for scripts whose letters never stand in one word; `None` for all others.
fn script(char: char) -> Option<u8> {
    Some(match char {
        'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' => 0,
        // Single Greek letters stand for quantities and units beside Latin ones.
        '\u{391}'..='\u{3ff}' => 1,
        '\u{400}'..='\u{52f}' => 2,
        '\u{530}'..='\u{58f}' => 3,
        '\u{5d0}'..='\u{5ea}' => 4,
        '\u{620}'..='\u{6d3}' => 5,
        '\u{900}'..='\u{dff}' => 6,
        '\u{e00}'..='\u{eff}' => 7,
        '\u{10a0}'..='\u{10ff}' => 8,
        '\u{1200}'..='\u{139f}' => 9,
        '\u{13a0}'..='\u{16ff}' => 10,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::{Block, BlockKind, Line, Polygon, Word};

    fn page(text: &str) -> PageText {
        let place = Polygon::from_box(0.1, 0.1, 0.9, 0.2);
        let words = text.split_whitespace().map(|word| Word::new(word, place, 1.0));
        let line = Line::new(text, place, 1.0, words.collect());
        PageText::empty(1, 100, 100).with_blocks(vec![Block::new(BlockKind::Paragraph, place, vec![line])])
    }

    fn moved(text: &str, by: u8) -> String {
        let letter = |char: char| match char {
            'a'..='z' => char::from((char as u8 - b'a' + by) % 26 + b'a'),
            'A'..='Z' => char::from((char as u8 - b'A' + by) % 26 + b'A'),
            other => other,
        };
        text.chars().map(letter).collect()
    }

    const ENGLISH: &str = "Whoever leaves the allotment at dusk closes the lower gate, because the goats of the \
        neighbour have learned to open it with their horns and like young cabbage more than grass.";

    #[test]
    fn sound_texts_are_believed() {
        let texts = [
            ENGLISH,
            "Wer den Garten abends verlässt, schließt das untere Tor, denn die Ziegen des Nachbarn haben gelernt, \
             es mit den Hörnern zu öffnen, und mögen jungen Kohl lieber als Gras.",
            "Kdo večer odchází ze zahrádky, zavře dolní branku, protože sousedovy kozy se naučily otevírat ji rohy \
             a mladé zelí jim chutná víc než tráva; čtvrtek a středa jsou zvlášť nebezpečné.",
            "Kto wieczorem opuszcza działkę, zamyka dolną furtkę, ponieważ kozy sąsiada nauczyły się otwierać ją \
             rogami i wolą młodą kapustę niż trawę, szczególnie gdy wcześniej padał deszcz.",
            "Joka lähtee puutarhasta illalla, sulkee alemman portin, koska naapurin vuohet ovat oppineet avaamaan \
             sen sarvillaan ja pitävät nuoresta kaalista enemmän kuin ruohosta.",
            "NOTICE OF GENERAL MEETING. ALL TENANTS ARE ASKED TO ATTEND. PART KX-90417 BRK-22 DIN 6885 MWST GMBH \
             SHALL BE RETURNED TO THE STORES BEFORE THE END OF THE MONTH.",
            "12.50 8,400 17 BX-4711 KTM-889 XQZ-12 0.25 99 1002 AB12CD QRT-55 7788 JKL/9 332 4410 ZZT-8",
        ];
        for text in texts {
            assert!(!is_doubtful(&page(text)), "{text}");
        }
    }

    #[test]
    fn moved_and_exchanged_letters_are_doubted() {
        let doubted = (1..26)
            .filter(|&by| is_doubtful(&page(&moved(ENGLISH, by))))
            .count();
        assert!(doubted >= 24, "{doubted} of 25");
        let key = b"qwertyuiopasdfghjklzxcvbnm";
        let exchanged: String = ENGLISH
            .to_lowercase()
            .chars()
            .map(|char| match char {
                'a'..='z' => char::from(key[usize::from(char as u8 - b'a')]),
                other => other,
            })
            .collect();
        assert!(is_doubtful(&page(&exchanged)));
        assert!(is_doubtful(&page(&moved(&ENGLISH.to_uppercase(), 3))));
    }

    #[test]
    fn one_font_of_several_is_enough() {
        let text = [ENGLISH, ENGLISH, ENGLISH, &moved(ENGLISH, 7)].join(" ");
        assert!(is_doubtful(&page(&text)));
    }

    #[test]
    fn words_of_several_scripts_are_doubted() {
        let word = "gоαrden ";
        assert!(is_doubtful(&page(&word.repeat(20))));
        assert!(!is_doubtful(&page(
            &"Ωmega-3 fatty acids of 5 µg each ".repeat(5)
        )));
    }
}
