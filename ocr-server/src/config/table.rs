//! What a setting is, and the form in which settings are declared.

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its place in the file: `section.name`.
    pub key: &'static str,
    /// The environment variable that sets it; `OCR__SECTION__NAME` does too.
    pub variable: &'static str,
    /// What holds when nobody sets it.
    pub default: DefaultValue,
    /// What it does.
    pub about: &'static str,
}

/// What holds when nobody sets a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValue {
    /// This value, written as somebody would set it.
    Value(&'static str),
    /// A value that depends on the machine or on other settings, in words.
    Computed(&'static str),
    /// Nothing.
    Unset,
    /// Nothing, and a value is never shown.
    Secret,
}

impl Setting {
    /// Whether its value is never shown.
    pub fn is_secret(&self) -> bool {
        self.default == DefaultValue::Secret
    }

    /// Its default in words; empty where there is none.
    pub fn default_text(&self) -> &'static str {
        match self.default {
            DefaultValue::Value(text) | DefaultValue::Computed(text) => text,
            DefaultValue::Unset | DefaultValue::Secret => "",
        }
    }
}

/// Declares settings: `NAME: key, variable, default, what it does;` makes the constant `NAME`, and a member of
/// `SETTINGS`.
macro_rules! settings {
    ($($name:ident: $key:literal, $variable:literal, $default:ident $(($text:literal))?, $about:literal;)+) => {
        $(
            #[doc = $about]
            pub(super) const $name: super::Setting = super::Setting {
                key: $key,
                variable: $variable,
                default: super::DefaultValue::$default $(($text))?,
                about: $about,
            };
        )+

        /// Every setting, by section.
        pub const SETTINGS: &[super::Setting] = &[$($name),+];
    };
}
pub(super) use settings;
