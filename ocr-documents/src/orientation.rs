//! The eight ways in which an image may be stored, and how to turn each upright.

use ocr_core::page::PageImage;

use crate::pixels::Raster;

/// The page turned clockwise by quarter turns, as a result's `rotation` asks for; whole turns do nothing.
pub fn turned(image: &PageImage, quarter_turns: u8) -> PageImage {
    let orientation = Orientation {
        mirror: false,
        quarter_turns: quarter_turns % 4,
    };
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

/// How the stored image must be changed to stand upright: first mirrored left to right, then turned
/// clockwise by quarter turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Orientation {
    /// Whether to mirror left to right first.
    pub(crate) mirror: bool,
    /// Clockwise quarter turns, 0..=3.
    pub(crate) quarter_turns: u8,
}

impl Orientation {
    /// The value of the orientation tag of EXIF and TIFF (TIFF 6.0, page 36); anything but 1..=8 is
    /// taken as upright.
    pub(crate) fn from_tag(tag: u16) -> Self {
        let (mirror, quarter_turns) = match tag {
            2 => (true, 0),
            3 => (false, 2),
            4 => (true, 2),
            5 => (true, 3),
            6 => (false, 1),
            7 => (true, 1),
            8 => (false, 3),
            _ => (false, 0),
        };
        Self {
            mirror,
            quarter_turns,
        }
    }

    /// Whether nothing is to be done.
    pub(crate) fn is_upright(self) -> bool {
        self == Self::default()
    }

    /// Whether width and height change places.
    pub(crate) fn swaps_sides(self) -> bool {
        self.quarter_turns % 2 == 1
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
        let (out_width, out_height) = if self.swaps_sides() {
            (height, width)
        } else {
            (width, height)
        };
        let source = raster.pixels.as_chunks::<N>().0;
        let mut pixels = Vec::with_capacity(raster.pixels.len());
        for y in 0..out_height {
            for x in 0..out_width {
                let (source_x, source_y) = match self.quarter_turns {
                    0 => (x, y),
                    1 => (y, height - 1 - x),
                    2 => (width - 1 - x, height - 1 - y),
                    _ => (width - 1 - y, x),
                };
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
        let side = turned(&page, 1);
        assert_eq!((side.width(), side.height(), side.dpi()), (2, 3, Some(200.0)));
        assert_eq!(side.pixels(), [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned(&side, 3).pixels(), page.pixels());
        assert_eq!(turned(&page, 4).pixels(), page.pixels());
    }

    #[test]
    fn colours_move_together() {
        let raster = Raster::rgb(2, 1, vec![1, 2, 3, 4, 5, 6]);
        assert_eq!(Orientation::from_tag(3).apply(raster).pixels, [4, 5, 6, 1, 2, 3]);
    }
}
