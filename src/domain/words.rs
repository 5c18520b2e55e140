//! Closed vocabularies: a handful of words of which exactly one is meant.

/// Makes an enum of words with `ALL`, `as_str`, `parse` and `allowed`.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$item_doc])* $item,)* }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [$name] = &[$($name::$item,)*];
            /// Their words, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($text,)*];

            /// Its word.
            pub fn as_str(self) -> &'static str {
                Self::WORDS[self as usize]
            }

            /// The one of that word.
            pub fn parse(text: &str) -> Option<$name> {
                Self::WORDS.iter().position(|word| *word == text).map(|at| Self::ALL[at])
            }
        }
    };
}

#[cfg(test)]
mod tests {
    words! {
        /// Two words.
        Side { /// Left.
               Left = "left", /// Right.
               Right = "right", }
    }

    #[test]
    fn words_read_back_and_others_do_not() {
        for side in Side::ALL {
            assert_eq!(Side::parse(side.as_str()), Some(*side));
        }
        assert_eq!(Side::parse("Left"), None);
    }
}
