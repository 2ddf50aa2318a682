//! Rules of a straightened page, those along one axis apart from those along the other.

use ocr_core::model::geometry::Rect;

use super::{frame::Frame, rule::Rule};

/// Steepest rise of a level rule, and what an upright one may lean: a little more than three degrees.
const MAX_RISE: f32 = 0.06;
/// Maximum number of strokes of a page; more are a drawing.
const MAX_STROKES: usize = 3000;

/// A rule along one axis: level ones run along x and stand at a y, upright ones run along y and stand at an x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    /// Where it begins along its axis.
    pub(super) start: f32,
    /// Where it ends, not before it begins.
    pub(super) end: f32,
    /// Where it stands at its start.
    from: f32,
    /// Where it stands at its end.
    to: f32,
}

impl Stroke {
    /// A straight one.
    pub(super) fn new(start: f32, end: f32, at: f32) -> Self {
        Self {
            start: start.min(end),
            end: start.max(end),
            from: at,
            to: at,
        }
    }

    /// Where it stands at a place along its axis, also beyond its ends.
    pub(super) fn at(&self, along: f32) -> f32 {
        let length = self.length();
        if length <= f32::EPSILON {
            return self.from;
        }
        self.from + (self.to - self.from) * (along - self.start) / length
    }

    /// Where it stands halfway.
    pub(super) fn middle(&self) -> f32 {
        f32::midpoint(self.from, self.to)
    }

    pub(super) fn length(&self) -> f32 {
        self.end - self.start
    }

    /// From the first end of both to the last.
    pub(super) fn joined(self, other: Self) -> Self {
        let (first, last) = (self.start <= other.start, self.end >= other.end);
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
            from: if first { self.from } else { other.from },
            to: if last { self.to } else { other.to },
        }
    }

    /// Whether an upright one meets this level one, or the other way round.
    fn meets(&self, other: &Self, tolerance: f32) -> bool {
        let within = |stroke: &Self, at: f32| stroke.start - tolerance <= at && at <= stroke.end + tolerance;
        within(self, other.at(self.middle())) && within(other, self.at(other.middle()))
    }
}

/// Rules that belong together.
#[derive(Debug, Clone, Default)]
pub(super) struct Strokes {
    pub(super) level: Vec<Stroke>,
    pub(super) upright: Vec<Stroke>,
}

impl Strokes {
    /// The strokes of a page, those that continue one another as one; none where there are too many for tables.
    pub(super) fn of(rules: &[Rule], frame: &Frame, tolerance: f32) -> Self {
        let mut strokes = Self::default();
        for rule in rules {
            let (a, b) = (frame.straight(rule.from), frame.straight(rule.to));
            let (across, down) = ((a.x - b.x).abs(), (a.y - b.y).abs());
            if down <= MAX_RISE * across {
                let (a, b) = if a.x <= b.x { (a, b) } else { (b, a) };
                strokes.level.push(Stroke {
                    start: a.x,
                    end: b.x,
                    from: a.y,
                    to: b.y,
                });
            } else if across <= MAX_RISE * down {
                let (a, b) = if a.y <= b.y { (a, b) } else { (b, a) };
                strokes.upright.push(Stroke {
                    start: a.y,
                    end: b.y,
                    from: a.x,
                    to: b.x,
                });
            }
        }
        strokes.level = continued(strokes.level, tolerance);
        strokes.upright = continued(strokes.upright, tolerance);
        if strokes.level.len() + strokes.upright.len() > MAX_STROKES {
            return Self::default();
        }
        strokes
    }

    /// The same without those that are a part of a word: the stem of a letter, a bar of one, a line through the word.
    pub(super) fn outside_words(mut self, words: &[Rect]) -> Self {
        /// Part of the height of a word, from its top and its bottom, in which a line is no part of its letters.
        const RIM: f32 = 0.15;
        /// Minimum part of a stroke that is inside a word it is a part of.
        const INSIDE: f32 = 0.8;
        let shared = |stroke: &Stroke, from: f32, to: f32| stroke.end.min(to) - stroke.start.max(from);
        self.level.retain(|stroke| {
            let (at, wanted) = (stroke.middle(), INSIDE * stroke.length());
            !words.iter().any(|word| {
                let rim = RIM * word.height();
                let inside = word.top + rim < at && at < word.bottom - rim;
                inside && shared(stroke, word.left, word.right) >= wanted
            })
        });
        self.upright.retain(|stroke| {
            let (at, wanted) = (stroke.middle(), INSIDE * stroke.length());
            !words.iter().any(|word| {
                // An upright line may have been read as a letter; then the word is nothing but the line.
                let inside = word.left < at && at < word.right && word.width() > stroke.length() / 2.0;
                inside && shared(stroke, word.top, word.bottom) >= wanted
            })
        });
        self
    }

    /// The box around all; `None` for none.
    pub(super) fn bounds(&self) -> Option<Rect> {
        let level = self.level.iter().map(|stroke| {
            let (top, bottom) = (stroke.from.min(stroke.to), stroke.from.max(stroke.to));
            Rect::new(stroke.start, top, stroke.end, bottom)
        });
        let upright = self.upright.iter().map(|stroke| {
            let (left, right) = (stroke.from.min(stroke.to), stroke.from.max(stroke.to));
            Rect::new(left, stroke.start, right, stroke.end)
        });
        level.chain(upright).reduce(Rect::union)
    }

    /// Those that meet each other, directly or by way of others, and those that lie one below the other.
    pub(super) fn groups(self, tolerance: f32) -> Vec<Self> {
        let levels = self.level.len();
        let mut home: Vec<usize> = (0..levels + self.upright.len()).collect();
        for (index, level) in self.level.iter().enumerate() {
            for (other, upright) in self.upright.iter().enumerate() {
                if level.meets(upright, tolerance) {
                    let (a, b) = (root(&mut home, index), root(&mut home, levels + other));
                    home[a.max(b)] = a.min(b);
                }
            }
        }
        let mut groups: Vec<Self> = Vec::new();
        groups.resize_with(home.len(), Self::default);
        for (index, level) in self.level.into_iter().enumerate() {
            groups[root(&mut home, index)].level.push(level);
        }
        for (index, upright) in self.upright.into_iter().enumerate() {
            groups[root(&mut home, levels + index)].upright.push(upright);
        }
        let (lone, mut met): (Vec<Self>, Vec<Self>) = groups
            .into_iter()
            .filter(|group| !group.level.is_empty())
            .partition(|group| group.upright.is_empty());
        met.extend(stacks(
            lone.into_iter().flat_map(|group| group.level).collect(),
            tolerance,
        ));
        met
    }
}

/// The first of those that belong together with this one.
fn root(home: &mut [usize], mut index: usize) -> usize {
    while home[index] != index {
        home[index] = home[home[index]];
        index = home[index];
    }
    index
}

/// Strokes along one axis, of which those that lie on each other or continue each other become one.
fn continued(mut strokes: Vec<Stroke>, tolerance: f32) -> Vec<Stroke> {
    /// Part of the tolerance that two strokes on one line may be apart.
    const APART: f32 = 0.5;
    let bucket = |stroke: &Stroke| (stroke.middle() / (APART * tolerance)).round() as i64;
    strokes.sort_by(|a, b| bucket(a).cmp(&bucket(b)).then(a.start.total_cmp(&b.start)));
    let mut joined: Vec<Stroke> = Vec::with_capacity(strokes.len());
    for stroke in strokes {
        match joined.last_mut() {
            Some(last)
                if (last.at(stroke.start) - stroke.from).abs() <= APART * tolerance
                    && stroke.start <= last.end + tolerance =>
            {
                *last = last.joined(stroke);
            }
            _ => joined.push(stroke),
        }
    }
    joined
}

/// Level strokes that meet no upright one, by those that are as wide as each other and not far apart.
fn stacks(mut strokes: Vec<Stroke>, tolerance: f32) -> Vec<Strokes> {
    /// Part of their length by which the ends of two may differ.
    const SLACK: f32 = 0.03;
    /// Maximum distance of two, in heights of the page.
    const MAX_DISTANCE: f32 = 0.5;
    strokes.sort_by(|a, b| a.middle().total_cmp(&b.middle()));
    let mut stacks: Vec<Strokes> = Vec::new();
    for stroke in strokes {
        let alike = |stack: &&mut Strokes| {
            stack.level.last().is_some_and(|above| {
                let slack = tolerance + SLACK * above.length();
                (above.start - stroke.start).abs() <= slack
                    && (above.end - stroke.end).abs() <= slack
                    && stroke.middle() - above.middle() <= MAX_DISTANCE
            })
        };
        match stacks.iter_mut().rev().find(alike) {
            Some(stack) => stack.level.push(stroke),
            None => stacks.push(Strokes {
                level: vec![stroke],
                upright: Vec::new(),
            }),
        }
    }
    stacks
}
