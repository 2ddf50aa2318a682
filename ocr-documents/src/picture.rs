//! PNG, JPEG, WEBP, BMP, GIF and JPEG 2000: one picture, one page.

use std::io::Cursor;

use image::{
    ColorType, ImageDecoder, ImageError,
    codecs::{bmp::BmpDecoder, gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
};
use ocr_core::model::MediaType;
use ocr_core::page::PageImage;

use crate::{
    DocumentError, Limits, StoredImage, density, jpeg_2000, orientation::Orientation, pixels::Raster, png,
    resample,
};

/// The one page of a file that holds a picture; of a moving one, the first.
#[derive(Debug)]
pub(crate) struct Picture {
    kind: MediaType,
    bytes: std::sync::Arc<[u8]>,
}

/// What metadata say about how to show the pixels.
#[derive(Debug, Default)]
struct Display {
    orientation: Orientation,
    resolution: Option<(f32, f32)>,
}

impl Display {
    /// The same for a picture that was made smaller by this factor.
    fn shrunk(mut self, factor: f32) -> Self {
        self.resolution = self
            .resolution
            .map(|(horizontal, vertical)| (horizontal / factor, vertical / factor));
        self
    }
}

impl Picture {
    /// Checks the header against the limits; nothing is decoded.
    pub(crate) fn open(
        kind: MediaType,
        bytes: std::sync::Arc<[u8]>,
        limits: &Limits,
    ) -> Result<Self, DocumentError> {
        let picture = Self { kind, bytes };
        picture.dimensions(limits)?;
        Ok(picture)
    }

    fn dimensions(&self, limits: &Limits) -> Result<(), DocumentError> {
        let check = |decoder: &dyn ImageDecoder| {
            let (width, height) = decoder.dimensions();
            if width == 0 || height == 0 {
                return Err(DocumentError::malformed(self.kind, "the image has no pixels"));
            }
            limits.check_pixels(u64::from(width), u64::from(height))?;
            // Sixteen bits a channel take twice the memory; they count double.
            if decoder.total_bytes() > limits.max_page_pixels.saturating_mul(4) {
                return Err(DocumentError::TooManyPixels {
                    width: u64::from(width),
                    height: u64::from(height),
                    limit: limits.max_page_pixels / 2,
                });
            }
            Ok(())
        };
        match self.kind {
            MediaType::Png => {
                let (width, height) = png::dimensions(&self.bytes)
                    .ok_or_else(|| DocumentError::malformed(self.kind, "it has no image header"))?;
                limits.check_pixels(u64::from(width), u64::from(height))?;
                check(&self.png(png::Chunks::of(&self.bytes).critical)?)
            }
            MediaType::Jpeg => check(&self.jpeg()?),
            MediaType::Bmp => check(&self.bmp()?),
            MediaType::Gif => check(&self.gif()?),
            MediaType::Jpeg2000 => jpeg_2000::check(&self.bytes, limits),
            _ => check(&self.webp()?),
        }
    }

    /// Decodes the picture, upright, with square pixels and reduced to what recognition needs.
    pub(crate) fn page(&self, limits: &Limits) -> Result<PageImage, DocumentError> {
        self.dimensions(limits)?;
        let (raster, display) = match self.kind {
            MediaType::Png => {
                let chunks = png::Chunks::of(&self.bytes);
                let (tag, exif_resolution) = chunks.exif.map_or((1, None), density::of_exif);
                let resolution = chunks.physical.and_then(density::of_phys).or(exif_resolution);
                let display = Display {
                    orientation: Orientation::from_tag(tag),
                    resolution,
                };
                (self.decode(self.png(chunks.critical)?)?, display)
            }
            MediaType::Jpeg => {
                let mut decoder = self.jpeg()?;
                let display = exif_display(&mut decoder, density::of_jfif(&self.bytes));
                (self.decode(decoder)?, display)
            }
            MediaType::Bmp => {
                let display = Display {
                    resolution: density::of_bmp(&self.bytes),
                    ..Display::default()
                };
                (self.decode(self.bmp()?)?, display)
            }
            MediaType::Gif => (self.decode(self.gif()?)?, Display::default()),
            MediaType::Jpeg2000 => {
                let display = Display {
                    resolution: jpeg_2000::resolution(&self.bytes),
                    ..Display::default()
                };
                let (raster, shrunk) = jpeg_2000::decode(&self.bytes, limits)?;
                (raster, display.shrunk(shrunk))
            }
            _ => {
                let mut decoder = self.webp()?;
                let display = exif_display(&mut decoder, None);
                (self.decode(decoder)?, display)
            }
        };
        let resolution = density::believable(display.resolution, raster.width, raster.height);
        finish(raster, display.orientation, resolution, limits)
            .ok_or_else(|| DocumentError::malformed(self.kind, "it has fewer pixels than it says"))
    }

    /// The picture as it is stored; `None` where a PDF cannot hold it so.
    pub(crate) fn stored(&self) -> Option<StoredImage> {
        match self.kind {
            MediaType::Png => {
                let exif = png::Chunks::of(&self.bytes).exif;
                let tag = exif.map_or(1, |exif| density::of_exif(exif).0);
                StoredImage::png(&self.bytes, Orientation::from_tag(tag))
            }
            MediaType::Jpeg => {
                let display = exif_display(&mut self.jpeg().ok()?, None);
                StoredImage::jpeg(&self.bytes, display.orientation)
            }
            _ => None,
        }
    }

    fn png(&self, critical: Vec<u8>) -> Result<PngDecoder<Cursor<Vec<u8>>>, DocumentError> {
        PngDecoder::new(Cursor::new(critical)).map_err(|error| self.error(error))
    }

    fn jpeg(&self) -> Result<JpegDecoder<Cursor<&[u8]>>, DocumentError> {
        JpegDecoder::new(Cursor::new(&*self.bytes)).map_err(|error| self.error(error))
    }

    fn webp(&self) -> Result<WebPDecoder<Cursor<&[u8]>>, DocumentError> {
        WebPDecoder::new(Cursor::new(&*self.bytes)).map_err(|error| self.error(error))
    }

    fn bmp(&self) -> Result<BmpDecoder<Cursor<&[u8]>>, DocumentError> {
        BmpDecoder::new(Cursor::new(&*self.bytes)).map_err(|error| self.error(error))
    }

    fn gif(&self) -> Result<GifDecoder<Cursor<&[u8]>>, DocumentError> {
        GifDecoder::new(Cursor::new(&*self.bytes)).map_err(|error| self.error(error))
    }

    fn decode(&self, decoder: impl ImageDecoder) -> Result<Raster, DocumentError> {
        let (width, height) = decoder.dimensions();
        let color = decoder.color_type();
        let length = usize::try_from(decoder.total_bytes()).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        decoder
            .read_image(&mut bytes)
            .map_err(|error| self.error(error))?;
        if color.bytes_per_pixel() / color.channel_count() == 2 {
            bytes = high_bytes(&bytes);
        }
        // Programs that know no transparency leave the place of it empty.
        if self.kind == MediaType::Bmp && color == ColorType::Rgba8 {
            fill_unused_alpha(&mut bytes);
        }
        Ok(match color {
            ColorType::L8 | ColorType::L16 => Raster::gray(width, height, bytes),
            ColorType::La8 | ColorType::La16 => Raster::gray_alpha(width, height, &bytes),
            ColorType::Rgb8 | ColorType::Rgb16 => Raster::rgb(width, height, bytes),
            ColorType::Rgba8 | ColorType::Rgba16 => Raster::rgba(width, height, &bytes),
            other => return Err(DocumentError::unsupported(self.kind, format!("{other:?} pixels"))),
        })
    }

    fn error(&self, error: ImageError) -> DocumentError {
        let translated = match &error {
            ImageError::Unsupported(_) => DocumentError::unsupported(self.kind, "an encoding"),
            ImageError::IoError(_) => DocumentError::malformed(self.kind, "it ends too early"),
            _ => DocumentError::malformed(self.kind, "its image data cannot be decoded"),
        };
        translated.caused_by(error)
    }
}

/// Turns decoded pixels into a page: upright, square, no larger than recognition needs.
///
/// `resolution` is that of the stored pixels in dots per inch, horizontal then vertical. Returns `None` when there are
/// not as many pixels as the dimensions say.
pub(crate) fn finish(
    raster: Raster,
    orientation: Orientation,
    resolution: Option<(f32, f32)>,
    limits: &Limits,
) -> Option<PageImage> {
    let resolution = resolution.map(|(horizontal, vertical)| {
        if orientation.swaps_sides() {
            (vertical, horizontal)
        } else {
            (horizontal, vertical)
        }
    });
    if raster.pixels.len() != raster.width as usize * raster.height as usize * raster.format.channels() {
        return None;
    }
    let page = orientation
        .apply(raster)
        .into_page(resolution.map(|(horizontal, _)| horizontal))?;
    let page = match resolution {
        Some((horizontal, vertical)) => resample::squared(page, horizontal, vertical, limits),
        None => page,
    };
    Some(resample::reduced(page, limits))
}

fn exif_display(decoder: &mut impl ImageDecoder, own: Option<(f32, f32)>) -> Display {
    let exif = decoder.exif_metadata().ok().flatten();
    let (tag, resolution) = exif.as_deref().map_or((1, None), density::of_exif);
    Display {
        orientation: Orientation::from_tag(tag),
        resolution: own.filter(|own| *own != (72.0, 72.0)).or(resolution).or(own),
    }
}

/// Makes a picture opaque of which nothing could be seen.
fn fill_unused_alpha(pixels: &mut [u8]) {
    let pixels = pixels.as_chunks_mut::<4>().0;
    if pixels.iter().all(|pixel| pixel[3] == 0) {
        for pixel in pixels {
            pixel[3] = 255;
        }
    }
}

/// The more significant byte of every 16-bit sample in native byte order.
fn high_bytes(bytes: &[u8]) -> Vec<u8> {
    let samples = bytes.as_chunks::<2>().0.iter();
    samples
        .map(|&sample| (u16::from_ne_bytes(sample) >> 8) as u8)
        .collect()
}
