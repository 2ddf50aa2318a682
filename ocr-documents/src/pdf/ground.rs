//! What lies beneath the glyphs of a page and what is painted over them, kept while the page is surveyed.
//!
//! The page is a grid of cells. Each knows how dark and how light what was painted there may be, and which glyphs
//! stand there. A mark that hides everything under it takes the glyphs it covers from sight. A mark of which that is
//! not certain leaves them doubtful, and so does a ground that may have the colour of the letters: those are looked
//! at in the rendered page.

use hayro::{
    hayro_interpret::FillRule,
    kurbo::{BezPath, Point, Rect, Shape},
};

use super::glyph::{Glyph, core};

/// Cells along each side of the page.
const CELLS: usize = 192;

/// Marks thinner than this, in points, are lines: they hide no letter and are no ground.
const LINE: f64 = 2.0;

/// Maximum number of corners of a shape whose inside is looked for.
const MAX_CORNERS: usize = 48;

/// Maximum number of cells and glyphs that the marks of a page may touch, one after the other. More are not followed:
/// what is seen is then looked for in the rendered page alone.
const MAX_TOUCHES: u64 = 200_000_000;

/// Minimum difference in brightness between letters and their ground that is seen without looking closer.
const PLAIN_DIFFERENCE: u8 = 48;

/// How a mark changes what is under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    /// Nothing shows through, and all of it has this brightness.
    Even(u8),
    /// Nothing shows through a picture.
    Varied,
    /// Something may show through.
    Sheer,
}

/// The area of a mark.
#[derive(Debug)]
pub(super) struct Area<'a> {
    /// What of it shows, on the page.
    pub(super) bounds: Rect,
    /// Its outline on the page, where that is not the box.
    pub(super) outline: Option<(&'a BezPath, FillRule)>,
}

impl Area<'_> {
    /// Whether all of `part` is inside, as far as its corners and its middle tell.
    fn contains(&self, part: Rect) -> bool {
        if !self.bounds.contains_rect(part) {
            return false;
        }
        let Some((path, rule)) = self.outline else {
            return true;
        };
        let corners = [
            part.center(),
            Point::new(part.x0, part.y0),
            Point::new(part.x1, part.y0),
            Point::new(part.x0, part.y1),
            Point::new(part.x1, part.y1),
        ];
        corners.iter().all(|&corner| {
            let turns = path.winding(corner);
            match rule {
                FillRule::NonZero => turns != 0,
                FillRule::EvenOdd => turns % 2 != 0,
            }
        })
    }

    /// What one look at it costs, and whether that is worth its while.
    fn corners(&self) -> usize {
        self.outline.map_or(1, |(path, _)| path.elements().len().max(1))
    }
}

#[derive(Debug, Clone, Default)]
struct Cell {
    darkest: u8,
    lightest: u8,
    /// Glyphs whose middle is here and that are still visible.
    glyphs: Vec<u32>,
}

/// The grid.
#[derive(Debug)]
pub(super) struct Ground {
    page: Rect,
    cells: Vec<Cell>,
    touches: u64,
}

impl Ground {
    /// The white sheet.
    pub(super) fn new(page: Rect) -> Self {
        let white = Cell {
            darkest: 255,
            lightest: 255,
            glyphs: Vec::new(),
        };
        Self {
            page,
            cells: vec![white; CELLS * CELLS],
            touches: 0,
        }
    }

    /// Whether more was painted over one another than can be followed.
    pub(super) fn is_lost(&self) -> bool {
        self.touches > MAX_TOUCHES
    }

    /// Notes the glyph of this index and whether its brightness stands out from what is beneath it.
    pub(super) fn place(&mut self, index: usize, glyph: &mut Glyph, brightness: Option<u8>) {
        let middle = core(glyph).center();
        let (column, row) = (self.column(middle.x), self.row(middle.y));
        let Some(cell) = self.cells.get_mut(row * CELLS + column) else {
            return;
        };
        let stands_out = brightness.is_some_and(|ink| {
            cell.darkest.saturating_sub(ink) >= PLAIN_DIFFERENCE
                || ink.saturating_sub(cell.lightest) >= PLAIN_DIFFERENCE
        });
        glyph.doubtful |= !stands_out;
        cell.glyphs.push(index as u32);
    }

    /// Paints a mark over what is there.
    pub(super) fn paint(&mut self, area: &Area<'_>, cover: Cover, glyphs: &mut [Glyph]) {
        let bounds = area.bounds;
        if bounds.width() < LINE || bounds.height() < LINE || self.is_lost() {
            return;
        }
        let corners = area.corners();
        let hides = cover != Cover::Sheer && corners <= MAX_CORNERS;
        let weight = if hides { corners as u64 } else { 1 };
        let columns = self.column(bounds.x0)..=self.column(bounds.x1);
        for row in self.row(bounds.y0)..=self.row(bounds.y1) {
            for column in columns.clone() {
                let place = self.cell_rect(column, row);
                let Some(cell) = self.cells.get_mut(row * CELLS + column) else {
                    continue;
                };
                self.touches += weight * (1 + cell.glyphs.len() as u64);
                cell.shade(cover, hides && area.contains(place));
                cell.glyphs.retain(|&index| {
                    let Some(glyph) = glyphs.get_mut(index as usize) else {
                        return false;
                    };
                    let core = core(glyph);
                    if hides && area.contains(core) {
                        glyph.visible = false;
                        return false;
                    }
                    glyph.doubtful |= overlap(core, bounds);
                    true
                });
            }
        }
    }

    fn column(&self, x: f64) -> usize {
        step((x - self.page.x0) / self.page.width())
    }

    fn row(&self, y: f64) -> usize {
        step((y - self.page.y0) / self.page.height())
    }

    fn cell_rect(&self, column: usize, row: usize) -> Rect {
        let (width, height) = (
            self.page.width() / CELLS as f64,
            self.page.height() / CELLS as f64,
        );
        let (left, top) = (
            self.page.x0 + column as f64 * width,
            self.page.y0 + row as f64 * height,
        );
        Rect::new(left, top, left + width, top + height)
    }
}

impl Cell {
    fn shade(&mut self, cover: Cover, wholly: bool) {
        let (darkest, lightest) = match cover {
            Cover::Even(brightness) => (brightness, brightness),
            Cover::Varied | Cover::Sheer => (0, 255),
        };
        if wholly {
            (self.darkest, self.lightest) = (darkest, lightest);
        } else {
            self.darkest = self.darkest.min(darkest);
            self.lightest = self.lightest.max(lightest);
        }
    }
}

/// Whether two rectangles share more than an edge.
pub(super) fn overlap(a: Rect, b: Rect) -> bool {
    a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1
}

/// The cell at this share of a side.
fn step(share: f64) -> usize {
    ((share * CELLS as f64).max(0.0) as usize).min(CELLS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hayro::kurbo::Vec2;

    const PAGE: Rect = Rect::new(0.0, 0.0, 600.0, 800.0);

    fn glyph() -> Glyph {
        let advance = Vec2::new(6.0, 0.0);
        Glyph::new("a".into(), Point::new(100.0, 100.0), advance, 12.0)
    }

    fn area(bounds: Rect) -> Area<'static> {
        Area {
            bounds,
            outline: None,
        }
    }

    fn after(cover: Cover, bounds: Rect) -> Glyph {
        let mut glyphs = [glyph()];
        let mut ground = Ground::new(PAGE);
        ground.place(0, &mut glyphs[0], Some(0));
        assert!(!glyphs[0].doubtful);
        ground.paint(&area(bounds), cover, &mut glyphs);
        let [glyph] = glyphs;
        glyph
    }

    #[test]
    fn what_covers_a_glyph_hides_it() {
        let over = Rect::new(95.0, 85.0, 200.0, 105.0);
        assert!(!after(Cover::Even(0), over).visible);
        assert!(!after(Cover::Varied, over).visible);
        let sheer = after(Cover::Sheer, over);
        assert!(sheer.visible && sheer.doubtful);
        let beside = after(Cover::Even(0), Rect::new(110.0, 85.0, 200.0, 105.0));
        assert!(beside.visible && !beside.doubtful);
        let rule = after(Cover::Even(0), Rect::new(95.0, 97.0, 200.0, 98.0));
        assert!(rule.visible && !rule.doubtful);
        let half = after(Cover::Even(0), Rect::new(95.0, 85.0, 103.0, 105.0));
        assert!(half.visible && half.doubtful);
    }

    #[test]
    fn letters_are_held_against_their_ground() {
        let on = |ground: &[(Rect, Cover)], ink: u8| {
            let mut grid = Ground::new(PAGE);
            for (bounds, cover) in ground {
                grid.paint(&area(*bounds), *cover, &mut []);
            }
            let mut glyph = glyph();
            grid.place(0, &mut glyph, Some(ink));
            glyph.doubtful
        };
        let banner = Rect::new(0.0, 50.0, 600.0, 150.0);
        assert!(on(&[], 255) && !on(&[], 0));
        assert!(!on(&[(banner, Cover::Even(30))], 255));
        assert!(on(&[(banner, Cover::Even(30))], 20));
        assert!(on(&[(banner, Cover::Varied)], 0));
        assert!(!on(&[(banner, Cover::Varied), (banner, Cover::Even(200))], 0));
    }
}
