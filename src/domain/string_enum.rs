//! Enums whose variants each have one string, as in a file or an attribute.

/// Generates an enum with one string per variant, and its `ALL`, `WORDS`, `as_str` and `parse`.
#[macro_export]
macro_rules! string_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$item_doc])* $item,)* }

        impl $name {
            /// All variants.
            pub const ALL: &'static [$name] = &[$($name::$item,)*];
            /// The strings of all variants, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($text,)*];

            /// Returns the string of this variant.
            pub fn as_str(self) -> &'static str {
                Self::WORDS[self as usize]
            }

            /// Returns the variant with that string. `None` if there is none.
            pub fn parse(text: &str) -> Option<$name> {
                Self::WORDS.iter().position(|word| *word == text).map(|index| Self::ALL[index])
            }
        }
    };
}

#[cfg(test)]
mod tests {
    string_enum! {
        /// A side.
        Side { /// Left.
               Left = "left", /// Right.
               Right = "right", }
    }

    #[test]
    fn only_its_own_strings_are_parsed() {
        for side in Side::ALL {
            assert_eq!(Side::parse(side.as_str()), Some(*side));
        }
        assert_eq!(Side::parse("Left"), None);
    }
}
