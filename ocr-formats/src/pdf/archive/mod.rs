//! PDF/A-2b (ISO 19005-2): what a file says of itself to be one, and what keeps a file from being one.
//!
//! A file that becomes PDF/A is written anew: how its objects are separated and named is part of the norm, and nothing
//! that is appended can mend what stands before it.

mod breach;
mod check;
mod content;
mod icc;
mod walk;
mod xmp;

use lopdf::{Dictionary, Document, Object, Stream, dictionary};

use super::font::compressed;

pub use breach::PdfABreach;

/// Marks files as binary (ISO 19005-2, 6.1.2: four bytes above 127).
const BINARY_MARK: [u8; 4] = [0xBB, 0xAD, 0xC0, 0xDE];

/// Makes `file` PDF/A-2b, without what nothing in it refers to. It must be written anew afterwards.
///
/// # Errors
/// What keeps it from being one.
pub(super) fn archive(file: &mut Document) -> Result<(), PdfABreach> {
    walk::give_pages_their_resources(file);
    let reachable = walk::reachable(file)?;
    file.objects.retain(|id, _| reachable.contains(id));
    let has_intent = check::check(file)?;
    declare(file, has_intent);
    Ok(())
}

/// Says in `file` that it is PDF/A-2b, and what its colours mean, unless it `has_intent`, which says that.
fn declare(file: &mut Document, has_intent: bool) {
    let information = file
        .trailer
        .get_deref(b"Info", file)
        .and_then(Object::as_dict)
        .ok();
    let packet = xmp::packet(information);
    // Not compressed, so that programs which know nothing of PDF find it.
    let metadata = dictionary! { "Type" => "Metadata", "Subtype" => "XML" };
    let metadata = file.add_object(Stream::new(metadata, packet).with_compression(false));
    let intents = (!has_intent).then(|| vec![Object::from(output_intent(file))]);
    let root = file.trailer.get(b"Root").and_then(Object::as_reference);
    if let Ok(catalog) = root.and_then(|root| file.get_dictionary_mut(root)) {
        catalog.set("Metadata", metadata);
        if let Some(intents) = intents {
            catalog.set("OutputIntents", intents);
        }
        // The header says it.
        catalog.remove(b"Version");
    }
    "1.7".clone_into(&mut file.version);
    file.binary_mark = BINARY_MARK.to_vec();
}

/// Colours of the device are those of sRGB.
fn output_intent(file: &mut Document) -> Dictionary {
    let profile = file.add_object(compressed(dictionary! { "N" => 3 }, icc::srgb()));
    dictionary! {
        "Type" => "OutputIntent",
        "S" => "GTS_PDFA1",
        "OutputConditionIdentifier" => Object::string_literal(icc::NAME),
        "Info" => Object::string_literal(icc::NAME),
        "DestOutputProfile" => profile,
    }
}
