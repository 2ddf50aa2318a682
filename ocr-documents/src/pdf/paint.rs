//! What the interpreter says of a mark: its colour, and whether its outline is a box.

use hayro::{
    hayro_interpret::Paint,
    kurbo::{Affine, BezPath, PathEl, Rect},
};

/// Minimum opacity, of 255, of what lets nothing through.
const DENSE: u8 = 250;

/// Minimum opacity, of 255, of what anybody can see.
const FAINTEST: u8 = 6;

/// Whether painting with it is visible.
pub(super) fn shows(paint: &Paint<'_>) -> bool {
    match paint {
        Paint::Color(color) => color.to_rgba().to_rgba8()[3] >= FAINTEST,
        Paint::Pattern(_) => true,
    }
}

/// Red, green and blue of a paint that is one colour and lets nothing through.
pub(super) fn ink(paint: &Paint<'_>) -> Option<[u8; 3]> {
    match paint {
        Paint::Color(color) => match color.to_rgba().to_rgba8() {
            [red, green, blue, alpha] if alpha >= DENSE => Some([red, green, blue]),
            _ => None,
        },
        Paint::Pattern(_) => None,
    }
}

/// Luma of a colour as of ITU-R BT.601.
pub(super) fn brightness([red, green, blue]: [u8; 3]) -> u8 {
    let luma = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    (luma / 1000) as u8
}

/// Whether it neither slants nor turns other than by quarters.
pub(super) fn is_upright(transform: Affine) -> bool {
    let [a, b, c, d, _, _] = transform.as_coeffs();
    let small = 1e-3 * (a.abs() + b.abs() + c.abs() + d.abs());
    (b.abs() <= small && c.abs() <= small) || (a.abs() <= small && d.abs() <= small)
}

/// Whether a path is the whole of its bounds on the page.
pub(super) fn is_box(path: &BezPath, bounds: Rect, transform: Affine) -> bool {
    const SLACK: f64 = 0.05;
    if !is_upright(transform) || path.elements().len() > 6 {
        return false;
    }
    let near = |at: f64, sides: [f64; 2]| sides.iter().any(|side| (at - side).abs() <= SLACK);
    let mut corners = 0;
    let straight = path.elements().iter().all(|element| match element {
        PathEl::MoveTo(point) | PathEl::LineTo(point) => {
            let point = transform * *point;
            corners += 1;
            near(point.x, [bounds.x0, bounds.x1]) && near(point.y, [bounds.y0, bounds.y1])
        }
        PathEl::ClosePath => true,
        PathEl::QuadTo(..) | PathEl::CurveTo(..) => false,
    });
    straight && corners >= 4
}
