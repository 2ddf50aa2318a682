//! Methods that set one field each, for types that others may not write out because they can gain fields.

/// Gives a type one `with_..` method for each field that is listed. What is given is converted by `into`.
macro_rules! builder {
    ($type:ident { $($with:ident($field:ident: $given:ty) $doc:literal)+ }) => {
        impl $type {
            $(
                #[doc = $doc]
                pub fn $with(mut self, $field: $given) -> Self {
                    self.$field = $field.into();
                    self
                }
            )+
        }
    };
}

pub(crate) use builder;
