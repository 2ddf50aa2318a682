//! Writes the pages of a document as files to look at: PNG for pixels, text for a text layer.
//!
//! `cargo run --release --example pages -- FILE OUTPUT_DIRECTORY [--pixels]`

use std::{env, error::Error, fs, path::PathBuf, time::Instant};

use ocr_documents::{Document, Limits, PageContent, encode_png};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [file, output, options @ ..] = arguments.as_slice() else {
        return Err("usage: pages FILE OUTPUT_DIRECTORY [--pixels]".into());
    };
    let pixels_only = options.iter().any(|option| option == "--pixels");
    let output = PathBuf::from(output);
    fs::create_dir_all(&output)?;
    let start = Instant::now();
    let document = Document::open_path(file, Limits::default())?;
    println!(
        "{}: {} pages, opened in {:?}",
        document.document_type(),
        document.page_count(),
        start.elapsed()
    );
    for index in 0..document.page_count() {
        let start = Instant::now();
        let page = if pixels_only {
            document.image(index).map(PageContent::Image)
        } else {
            document.page(index)
        };
        let elapsed = start.elapsed();
        let name = format!("page-{:03}", index + 1);
        match page {
            Ok(PageContent::Image(image)) => {
                println!("{name}: {image:?} in {elapsed:?}");
                fs::write(output.join(name + ".png"), encode_png(&image))?;
            }
            Ok(PageContent::Text(text)) => {
                let words = text.words().count();
                println!(
                    "{name}: {words} words of the text layer, rotation {}, {elapsed:?}",
                    text.rotation
                );
                fs::write(output.join(name + ".txt"), text.plain_text())?;
            }
            Ok(PageContent::Mixed(page)) => {
                let words = page.text.words().count();
                let (unread, doubtful) = (page.unread.len(), page.doubtful);
                println!("{name}: {words} words, {unread} regions unread, doubtful: {doubtful}, {elapsed:?}");
                fs::write(output.join(format!("{name}.txt")), page.text.plain_text())?;
                fs::write(output.join(name + ".png"), encode_png(&page.image))?;
            }
            Ok(other) => println!("{name}: neither pixels nor text: {other:?}"),
            Err(error) => println!("{name}: {error} ({elapsed:?})"),
        }
    }
    Ok(())
}
