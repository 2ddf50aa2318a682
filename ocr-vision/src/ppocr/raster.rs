//! Pixels of a page as the recogniser samples them: borrowed from the caller, never copied whole.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use ocr_core::{
    Error, ErrorKind, Result,
    page::{PageImage, PixelFormat},
};

use ocr_core::model::geometry::{Point, Polygon, QuarterTurn};

/// A page seen through a quarter turn. Coordinates are those of the turned page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raster<'a> {
    image: &'a PageImage,
    turn: QuarterTurn,
}

/// A small picture, one byte a channel, rows packed from the top.
#[derive(Debug, Clone)]
pub(crate) struct Pixels {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) channels: usize,
    pub(crate) data: Vec<u8>,
}

impl<'a> Raster<'a> {
    pub(crate) fn new(image: &'a PageImage, turn: QuarterTurn) -> Self {
        Self { image, turn }
    }

    /// Width of the turned page in pixels.
    pub(crate) fn width(&self) -> usize {
        self.turn
            .size(self.image.width() as usize, self.image.height() as usize)
            .0
    }

    /// Height of the turned page in pixels.
    pub(crate) fn height(&self) -> usize {
        self.turn
            .size(self.image.width() as usize, self.image.height() as usize)
            .1
    }

    pub(crate) fn turn(&self) -> QuarterTurn {
        self.turn
    }

    /// The whole turned page scaled to `width` by `height`.
    ///
    /// # Errors
    /// `Internal` when the resampler refuses the sizes.
    pub(crate) fn scaled(&self, width: usize, height: usize) -> Result<Pixels> {
        let channels = self.image.format().channels();
        let pixel_type = match self.image.format() {
            PixelFormat::Gray8 => PixelType::U8,
            PixelFormat::Rgb8 => PixelType::U8x3,
        };
        let (stored_width, stored_height) = self.turn.size(width, height);
        let fail = |message: String| Error::new(ErrorKind::Internal, message).at("ppocr", "resize");
        let source = ImageRef::new(
            self.image.width(),
            self.image.height(),
            self.image.pixels(),
            pixel_type,
        )
        .map_err(|error| fail(error.to_string()))?;
        let mut target = Image::new(stored_width as u32, stored_height as u32, pixel_type);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
        Resizer::new()
            .resize(&source, &mut target, &options)
            .map_err(|error| fail(error.to_string()))?;
        let stored = Pixels {
            width: stored_width,
            height: stored_height,
            channels,
            data: target.into_vec(),
        };
        Ok(stored.turned(self.turn))
    }

    /// The page inside `quad`, straightened and scaled to `width` by `height`.
    ///
    /// Bilinear; when shrinking, each pixel is the mean of a grid of samples so that no stroke is
    /// skipped. Outside the page the nearest edge pixel is repeated.
    #[expect(clippy::many_single_char_names, reason = "coordinates, as in the formula")]
    pub(crate) fn crop(&self, quad: &Polygon, width: usize, height: usize) -> Pixels {
        let channels = self.image.format().channels();
        let (w, h) = (self.image.width() as f32, self.image.height() as f32);
        let stored = quad.map(|p| self.turn.to_stored(p, w, h));
        let [a, b, _, d] = stored.0;
        let step_x = Point::new((b.x - a.x) / width as f32, (b.y - a.y) / width as f32);
        let step_y = Point::new((d.x - a.x) / height as f32, (d.y - a.y) / height as f32);
        let samples = |step: Point| (step.x.hypot(step.y).round() as usize).clamp(1, 8);
        let (nx, ny) = (samples(step_x), samples(step_y));
        let mut data = Vec::with_capacity(width * height * channels);
        for row in 0..height {
            for column in 0..width {
                let mut sum = [0.0_f32; 3];
                for sy in 0..ny {
                    let v = row as f32 + (sy as f32 + 0.5) / ny as f32;
                    for sx in 0..nx {
                        let u = column as f32 + (sx as f32 + 0.5) / nx as f32;
                        let x = a.x + step_x.x * u + step_y.x * v;
                        let y = a.y + step_x.y * u + step_y.y * v;
                        self.add_bilinear(x - 0.5, y - 0.5, &mut sum);
                    }
                }
                let scale = 1.0 / (nx * ny) as f32;
                data.extend(sum.iter().take(channels).map(|s| (s * scale + 0.5) as u8));
            }
        }
        Pixels {
            width,
            height,
            channels,
            data,
        }
    }

    /// Adds the stored page's value at (`x`, `y`), in units of pixel centres.
    fn add_bilinear(&self, x: f32, y: f32, sum: &mut [f32; 3]) {
        let channels = self.image.format().channels();
        let (last_x, last_y) = (self.image.width() as usize - 1, self.image.height() as usize - 1);
        let (x, y) = (x.clamp(0.0, last_x as f32), y.clamp(0.0, last_y as f32));
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(last_x), (y0 + 1).min(last_y));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let stride = (last_x + 1) * channels;
        let corners = [
            (y0 * stride + x0 * channels, (1.0 - fx) * (1.0 - fy)),
            (y0 * stride + x1 * channels, fx * (1.0 - fy)),
            (y1 * stride + x0 * channels, (1.0 - fx) * fy),
            (y1 * stride + x1 * channels, fx * fy),
        ];
        let pixels = self.image.pixels();
        for (at, weight) in corners {
            for (total, value) in sum.iter_mut().zip(pixels.iter().skip(at).take(channels)) {
                *total += f32::from(*value) * weight;
            }
        }
    }
}

impl Pixels {
    fn turned(self, turn: QuarterTurn) -> Self {
        if turn == QuarterTurn::None {
            return self;
        }
        let (width, height) = turn.size(self.width, self.height);
        let mut data = Vec::with_capacity(self.data.len());
        for y in 0..height {
            for x in 0..width {
                let (sx, sy) = turn.stored_pixel(x, y, self.width, self.height);
                let at = (sy * self.width + sx) * self.channels;
                data.extend_from_slice(&self.data[at..at + self.channels]);
            }
        }
        Self {
            width,
            height,
            channels: self.channels,
            data,
        }
    }

    /// The part of `width` by `height` pixels at `left` and `top`, which must lie within the picture.
    pub(crate) fn cut(&self, left: usize, top: usize, width: usize, height: usize) -> Self {
        let row = |y: usize| {
            let start = ((top + y) * self.width + left) * self.channels;
            &self.data[start..start + width * self.channels]
        };
        Self {
            width,
            height,
            channels: self.channels,
            data: (0..height).flat_map(row).copied().collect(),
        }
    }

    /// Writes the picture into a planar blue, green, red tensor slice whose rows are `row_stride`
    /// long and whose planes are `plane_stride` long, mapping each byte with `normalise`.
    pub(crate) fn write_bgr(
        &self,
        target: &mut [f32],
        row_stride: usize,
        plane_stride: usize,
        normalise: &[[f32; 256]; 3],
    ) {
        for (plane, table) in normalise.iter().enumerate() {
            // Planes are blue, green, red; pixels are red, green, blue.
            let channel = if self.channels == 1 { 0 } else { 2 - plane };
            for y in 0..self.height {
                let source = self.data[y * self.width * self.channels..][..self.width * self.channels].iter();
                let row = &mut target[plane * plane_stride + y * row_stride..][..self.width];
                for (out, value) in row.iter_mut().zip(source.skip(channel).step_by(self.channels)) {
                    *out = table[usize::from(*value)];
                }
            }
        }
    }
}

/// A table from a byte to `(byte / 255 - mean) / deviation`, per plane.
pub(crate) fn normalisation(mean: [f32; 3], deviation: [f32; 3]) -> Box<[[f32; 256]; 3]> {
    let mut tables = Box::new([[0.0; 256]; 3]);
    for ((table, mean), deviation) in tables.iter_mut().zip(mean).zip(deviation) {
        for (byte, out) in table.iter_mut().enumerate() {
            *out = (byte as f32 / 255.0 - mean) / deviation;
        }
    }
    tables
}
