#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    // Panics of foreign decoders become errors; only one that comes out of the target is a finding.
    init: std::panic::set_hook(Box::new(|_| ())),
    |bytes: &[u8]| fuzz_targets::document(bytes)
);
