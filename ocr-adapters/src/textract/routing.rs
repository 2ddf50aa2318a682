//! Chooses how a document is sent to the service. Pure.

use ocr_core::{Error, ErrorKind, Result, model::MediaType};

use super::config::TextractLimits;

/// What is known of a document when its route is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Circumstances {
    /// What it is.
    pub(super) media_type: MediaType,
    /// Its size in bytes.
    pub(super) size: u64,
    /// Its pages.
    pub(super) pages: u32,
    /// Pages that the service must read: those wanted that are not stored and have no text layer.
    pub(super) unread: u32,
    /// Whether the service can read it where it is stored.
    pub(super) reachable: bool,
    /// Longest side of any page in inches, where known.
    pub(super) longest_inches: Option<f32>,
    /// Longest side of any page in pixels, where pages are pictures.
    pub(super) longest_pixels: Option<u32>,
    /// Number of questions.
    pub(super) queries: usize,
}

/// How a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// At once, where it is stored.
    Object,
    /// At once, where it is stored; as a job if it turns out to be too large for that.
    ObjectElseJob,
    /// As a job, where it is stored.
    Job,
    /// At once, each page as a picture we draw.
    Pages,
}

/// Chooses the way of a document.
///
/// Pictures are always drawn by us: a photo may be stored lying on its side, and the boxes must fit the
/// page people see. A document of which some pages need not be read goes page by page too, since a job
/// bills them all.
///
/// # Errors
/// `InvalidInput` for more questions than that way answers.
pub(super) fn route(known: &Circumstances, limits: &TextractLimits) -> Result<Route> {
    let by_object = route_of_object(known, limits);
    let most = if by_object.is_some() {
        limits.job_queries
    } else {
        limits.sync_queries
    };
    if known.queries > most {
        let message = format!("Textract answers at most {most} questions about this document");
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    Ok(match by_object {
        Some(_) if known.queries > limits.sync_queries => Route::Job,
        Some(route) => route,
        None => Route::Pages,
    })
}

/// The way of a document that can be read where it is stored; `None` when it cannot or should not.
fn route_of_object(known: &Circumstances, limits: &TextractLimits) -> Option<Route> {
    let file = matches!(known.media_type, MediaType::Pdf | MediaType::Tiff);
    let fits = known.size <= limits.job_bytes
        && known.pages <= limits.job_pages
        && known
            .longest_inches
            .is_none_or(|inches| inches <= limits.page_inches)
        && known
            .longest_pixels
            .is_none_or(|pixels| pixels <= limits.picture_side);
    if !known.reachable || !file || !fits || known.unread < known.pages {
        return None;
    }
    if known.pages == 1 {
        return Some(if known.size <= limits.sync_bytes {
            Route::Object
        } else if known.size <= limits.sync_bytes_at_most {
            Route::ObjectElseJob
        } else {
            Route::Job
        });
    }
    (known.pages >= limits.job_from_pages).then_some(Route::Job)
}

#[cfg(test)]
mod tests {
    use super::*;
    use MediaType::{Jpeg, Pdf, Png, Tiff, Webp};

    const MIB: u64 = 1024 * 1024;
    const SCAN: Circumstances = Circumstances {
        media_type: Pdf,
        size: MIB,
        pages: 10,
        unread: 10,
        reachable: true,
        longest_inches: Some(11.7),
        longest_pixels: None,
        queries: 0,
    };

    fn way(known: Circumstances) -> Route {
        route(&known, &TextractLimits::default()).unwrap()
    }

    #[test]
    fn files_of_many_pages_are_jobs_and_single_pages_are_read_at_once() {
        assert_eq!(way(SCAN), Route::Job);
        assert_eq!(
            way(Circumstances {
                media_type: Tiff,
                ..SCAN
            }),
            Route::Job
        );
        let single = Circumstances {
            pages: 1,
            unread: 1,
            ..SCAN
        };
        assert_eq!(way(single), Route::Object);
        assert_eq!(
            way(Circumstances {
                size: 5 * MIB,
                ..single
            }),
            Route::Object
        );
        assert_eq!(
            way(Circumstances {
                size: 5 * MIB + 1,
                ..single
            }),
            Route::ObjectElseJob
        );
        assert_eq!(
            way(Circumstances {
                size: 10 * MIB + 1,
                ..single
            }),
            Route::Job
        );
    }

    #[test]
    fn what_the_service_cannot_take_as_it_is_goes_page_by_page() {
        for media_type in [Png, Jpeg, Webp] {
            assert_eq!(
                way(Circumstances {
                    media_type,
                    pages: 1,
                    unread: 1,
                    ..SCAN
                }),
                Route::Pages
            );
        }
        for other in [
            Circumstances {
                reachable: false,
                ..SCAN
            },
            Circumstances { unread: 9, ..SCAN },
            Circumstances {
                size: 500 * MIB + 1,
                ..SCAN
            },
            Circumstances {
                pages: 3001,
                unread: 3001,
                ..SCAN
            },
            Circumstances {
                longest_inches: Some(40.5),
                ..SCAN
            },
            Circumstances {
                media_type: Tiff,
                longest_pixels: Some(10_001),
                ..SCAN
            },
        ] {
            assert_eq!(way(other), Route::Pages, "{other:?}");
        }
    }

    #[test]
    fn small_documents_may_be_kept_out_of_jobs() {
        let limits = TextractLimits {
            job_from_pages: 20,
            ..TextractLimits::default()
        };
        assert_eq!(route(&SCAN, &limits).unwrap(), Route::Pages);
    }

    #[test]
    fn many_questions_are_answered_by_jobs_only() {
        let single = Circumstances {
            pages: 1,
            unread: 1,
            queries: 16,
            ..SCAN
        };
        assert_eq!(way(single), Route::Job);
        assert_eq!(
            way(Circumstances {
                queries: 15,
                ..single
            }),
            Route::Object
        );
        let limits = TextractLimits::default();
        for refused in [
            Circumstances { queries: 31, ..SCAN },
            Circumstances {
                reachable: false,
                ..single
            },
            Circumstances {
                queries: 31,
                ..single
            },
        ] {
            let error = route(&refused, &limits).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    }
}
