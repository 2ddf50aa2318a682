//! The eight ways in which an image may be stored, and how to turn each upright.

use ocr_core::{model::QuarterTurn, page::PageImage};

use crate::pixels::Raster;

/// The page turned, as a result's `rotation` asks for.
pub fn turned(image: &PageImage, turn: QuarterTurn) -> PageImage {
    let orientation = Orientation { mirror: false, turn };
    if orientation.is_upright() {
        return image.clone();
    }
    let raster = Raster {
        width: image.width(),
        height: image.height(),
        format: image.format(),
        pixels: image.pixels().to_vec(),
    };
    // As many pixels as before, so the sizes fit.
    orientation
        .apply(raster)
        .into_page(image.dpi())
        .unwrap_or_else(|| image.clone())
}

/// How the stored image must be changed to stand upright: first mirrored left to right, then turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Orientation {
    /// Whether to mirror left to right first.
    pub(crate) mirror: bool,
    /// How to turn it then.
    pub(crate) turn: QuarterTurn,
}

impl Orientation {
    /// The value of the orientation tag of EXIF and TIFF (TIFF 6.0, page 36); anything but 1..=8 is
    /// taken as upright.
    pub(crate) fn from_tag(tag: u16) -> Self {
        let (mirror, turn) = match tag {
            2 => (true, QuarterTurn::None),
            3 => (false, QuarterTurn::Half),
            4 => (true, QuarterTurn::Half),
            5 => (true, QuarterTurn::Clockwise270),
            6 => (false, QuarterTurn::Clockwise90),
            7 => (true, QuarterTurn::Clockwise90),
            8 => (false, QuarterTurn::Clockwise270),
            _ => (false, QuarterTurn::None),
        };
        Self { mirror, turn }
    }

    /// Whether nothing is to be done.
    pub(crate) fn is_upright(self) -> bool {
        self == Self::default()
    }

    /// Whether width and height change places.
    pub(crate) fn swaps_sides(self) -> bool {
        self.turn.swaps_sides()
    }

    /// Turns the image upright.
    pub(crate) fn apply(self, raster: Raster) -> Raster {
        if self.is_upright() {
            return raster;
        }
        match raster.format.channels() {
            1 => self.rearrange::<1>(&raster),
            _ => self.rearrange::<3>(&raster),
        }
    }

    fn rearrange<const N: usize>(self, raster: &Raster) -> Raster {
        let (width, height) = (raster.width as usize, raster.height as usize);
        let (out_width, out_height) = self.turn.size(width, height);
        let source = raster.pixels.as_chunks::<N>().0;
        let mut pixels = Vec::with_capacity(raster.pixels.len());
        for y in 0..out_height {
            for x in 0..out_width {
                let (source_x, source_y) = self.turn.stored_pixel(x, y, width, height);
                let source_x = if self.mirror {
                    width - 1 - source_x
                } else {
                    source_x
                };
                pixels.extend_from_slice(&source[source_y * width + source_x]);
            }
        }
        Raster {
            width: out_width as u32,
            height: out_height as u32,
            format: raster.format,
            pixels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored forms of the upright image `1 2 3 / 4 5 6`, by orientation tag (TIFF 6.0, page 36).
    #[test]
    fn every_tag_gives_the_same_upright_image() {
        let stored: [(u16, u32, u32, [u8; 6]); 9] = [
            (1, 3, 2, [1, 2, 3, 4, 5, 6]),
            (2, 3, 2, [3, 2, 1, 6, 5, 4]),
            (3, 3, 2, [6, 5, 4, 3, 2, 1]),
            (4, 3, 2, [4, 5, 6, 1, 2, 3]),
            (5, 2, 3, [1, 4, 2, 5, 3, 6]),
            (6, 2, 3, [3, 6, 2, 5, 1, 4]),
            (7, 2, 3, [6, 3, 5, 2, 4, 1]),
            (8, 2, 3, [4, 1, 5, 2, 6, 3]),
            (99, 3, 2, [1, 2, 3, 4, 5, 6]),
        ];
        for (tag, width, height, pixels) in stored {
            let upright = Orientation::from_tag(tag).apply(Raster::gray(width, height, pixels.to_vec()));
            assert_eq!((upright.width, upright.height), (3, 2), "tag {tag}");
            assert_eq!(upright.pixels, [1, 2, 3, 4, 5, 6], "tag {tag}");
        }
    }

    #[test]
    fn a_page_is_turned_clockwise() {
        let page = Raster::gray(3, 2, vec![1, 2, 3, 4, 5, 6])
            .into_page(Some(200.0))
            .unwrap();
        let side = turned(&page, QuarterTurn::Clockwise90);
        assert_eq!((side.width(), side.height(), side.dpi()), (2, 3, Some(200.0)));
        assert_eq!(side.pixels(), [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned(&side, QuarterTurn::Clockwise270).pixels(), page.pixels());
        assert_eq!(turned(&page, QuarterTurn::None).pixels(), page.pixels());
    }

    #[test]
    fn colours_move_together() {
        let raster = Raster::rgb(2, 1, vec![1, 2, 3, 4, 5, 6]);
        assert_eq!(Orientation::from_tag(3).apply(raster).pixels, [4, 5, 6, 1, 2, 3]);
    }
}
