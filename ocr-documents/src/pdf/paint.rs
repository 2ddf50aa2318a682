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
    let near = |at: f64, side: f64| (at - side).abs() <= SLACK;
    // One bit for each corner: a triangle comes back to one of its three.
    let mut corners = 0_u8;
    let straight = path.elements().iter().all(|element| match element {
        PathEl::MoveTo(point) | PathEl::LineTo(point) => {
            let point = transform * *point;
            let (right, low) = (near(point.x, bounds.x1), near(point.y, bounds.y1));
            corners |= 1 << (u8::from(right) + 2 * u8::from(low));
            (right || near(point.x, bounds.x0)) && (low || near(point.y, bounds.y0))
        }
        PathEl::ClosePath => true,
        PathEl::QuadTo(..) | PathEl::CurveTo(..) => false,
    });
    straight && corners == 0b1111
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_box_when_it_has_all_four_corners() {
        let path = |points: &[(f64, f64)]| {
            let mut path = BezPath::new();
            path.move_to(points[0]);
            points[1..].iter().for_each(|&point| path.line_to(point));
            path
        };
        let bounds = Rect::new(0.0, 0.0, 100.0, 50.0);
        let whole = path(&[(0.0, 0.0), (100.0, 0.0), (100.0, 50.0), (0.0, 50.0)]);
        assert!(is_box(&whole, bounds, Affine::IDENTITY));
        let triangle = path(&[(0.0, 0.0), (100.0, 0.0), (100.0, 50.0), (0.0, 0.0)]);
        assert!(!is_box(&triangle, bounds, Affine::IDENTITY));
    }
}
