//! What is darker than its surroundings on a reduced page.

use ocr_core::page::{PageImage, PixelFormat};

/// Maximum number of pixels of a side of the reduced page.
const MAX_SIDE: usize = 1800;
/// Half the side of the square around a pixel that is its surroundings.
const REACH: usize = 12;
/// How much darker than the mean of its surroundings a pixel is, of 255. A hairline in light grey is twice that, after
/// its page was reduced by half.
const MIN_CONTRAST: u32 = 14;

/// Dark pixels, rows packed from the top.
#[derive(Debug, Clone)]
pub(super) struct Mask {
    width: usize,
    dark: Vec<bool>,
}

impl Mask {
    /// The dark pixels of a page; `None` where it has no pixels.
    pub(super) fn of(image: &PageImage) -> Option<Self> {
        let (width, gray) = reduced(image);
        if width == 0 || gray.is_empty() {
            return None;
        }
        let height = gray.len() / width;
        let sums = sums(&gray, width);
        let stride = width + 1;
        let mut dark = Vec::with_capacity(gray.len());
        for (y, row) in gray.chunks_exact(width).enumerate() {
            let (top, bottom) = (y.saturating_sub(REACH), (y + REACH + 1).min(height));
            for (x, &value) in row.iter().enumerate() {
                let (left, right) = (x.saturating_sub(REACH), (x + REACH + 1).min(width));
                // Sums wrap around together, and their difference is exact all the same.
                let sum = sums[bottom * stride + right]
                    .wrapping_add(sums[top * stride + left])
                    .wrapping_sub(sums[top * stride + right])
                    .wrapping_sub(sums[bottom * stride + left]);
                let count = ((bottom - top) * (right - left)) as u32;
                dark.push((u32::from(value) + MIN_CONTRAST) * count < sum);
            }
        }
        Some(Self { width, dark })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.dark.len() / self.width
    }

    /// Its rows from the top.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.dark.chunks_exact(self.width)
    }

    /// The same with rows and columns exchanged.
    pub(super) fn turned_over(&self) -> Self {
        let (width, height) = (self.width, self.height());
        let mut dark = Vec::with_capacity(self.dark.len());
        for x in 0..width {
            dark.extend((0..height).map(|y| self.dark[y * width + x]));
        }
        Self { width: height, dark }
    }

    /// Which dark pixels are part of a column of at most `thickness` dark ones.
    pub(super) fn thin(&self, thickness: u8) -> Vec<bool> {
        let width = self.width;
        // Dark pixels that end here, counted from the top; then those of the whole column, from below.
        let mut columns: Vec<u8> = vec![0; self.dark.len()];
        for at in 0..self.dark.len() {
            if self.dark[at] {
                let above = if at >= width { columns[at - width] } else { 0 };
                columns[at] = above.saturating_add(1);
            }
        }
        for at in (0..self.dark.len().saturating_sub(width)).rev() {
            if columns[at] > 0 && columns[at + width] > 0 {
                columns[at] = columns[at].max(columns[at + width]);
            }
        }
        columns
            .iter()
            .map(|&count| count > 0 && count <= thickness)
            .collect()
    }
}

/// Width and grey values of a page of at most [`MAX_SIDE`] pixels a side; pixels that are lost at the edges are fewer
/// than the factor.
fn reduced(image: &PageImage) -> (usize, Vec<u8>) {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let factor = width.max(height).div_ceil(MAX_SIDE).max(1);
    // A side that is shorter than the factor is one pixel.
    let (across, down) = (factor.min(width.max(1)), factor.min(height.max(1)));
    let (columns, rows) = (width / across, height / down);
    let channels = image.format().channels();
    let luma = |pixel: &[u8]| match (image.format(), pixel) {
        (PixelFormat::Rgb8, &[red, green, blue]) => {
            (77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue)) >> 8
        }
        (_, pixel) => pixel.first().copied().map_or(0, u32::from),
    };
    let mut gray = Vec::with_capacity(columns * rows);
    let mut sums = vec![0_u32; columns];
    for band in image
        .pixels()
        .chunks_exact((width * channels * down).max(1))
        .take(rows)
    {
        sums.fill(0);
        for row in band.chunks_exact(width * channels) {
            let cells = row.chunks_exact(channels * across);
            for (sum, cell) in sums.iter_mut().zip(cells) {
                *sum += cell.chunks_exact(channels).map(luma).sum::<u32>();
            }
        }
        let count = (across * down) as u32;
        gray.extend(sums.iter().map(|sum| (sum / count) as u8));
    }
    (columns, gray)
}

/// For each corner between pixels the sum of all that are above and on the left of it.
fn sums(gray: &[u8], width: usize) -> Vec<u32> {
    let stride = width + 1;
    let mut sums = vec![0_u32; stride * (gray.len() / width + 1)];
    for (y, row) in gray.chunks_exact(width).enumerate() {
        let mut left = 0_u32;
        for (x, &value) in row.iter().enumerate() {
            left = left.wrapping_add(u32::from(value));
            sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1].wrapping_add(left);
        }
    }
    sums
}
