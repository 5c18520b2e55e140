//! Tables of members, and what comes of them: the table by which an object is read, an enum of its members, and typed
//! accessors, which find a member by its place.

use crate::value::Value;

/// Makes a table, an enum of its members, and accessors. A row is: `Variant method: kind = name, needed, shape`; see
/// [`accessor`] for the kinds.
macro_rules! record {
    (
        $(#[$table_doc:meta])* table $table:ident;
        $(#[$member_doc:meta])* members $member:ident;
        accessors { $target:tt $receiver:tt $life:lifetime $of:tt }
        $($(#[$doc:meta])* $variant:ident $method:ident: $kind:tt = $name:literal, $needed:literal, $shape:expr;)*
    ) => {
        $(#[$table_doc])*
        pub const $table: &$crate::schema::Table = &$crate::schema::Table {
            names: &[$($name,)*],
            members: &[$($crate::schema::Member($name, $needed, $shape),)*],
        };

        $(#[$member_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $member { $($(#[$doc])* $variant,)* }

        impl $member {
            /// Its name in the file.
            pub fn name(self) -> &'static str {
                $table.names[self as usize]
            }
        }

        $crate::record::accessors! {
            $target $receiver $life $of $($(#[$doc])* $method $kind ($member::$variant as usize);)*
        }
    };
}

/// The accessors of one type.
macro_rules! accessors {
    ([$($target:tt)*] $receiver:tt $life:lifetime $of:tt $($(#[$doc:meta])* $method:ident $kind:tt $place:tt;)*) => {
        $($target)* {
            $($crate::record::accessor! { $(#[$doc])* $method $kind $place $receiver $life $of })*
        }
    };
}

/// One accessor, by its kind: `text` and `(needed text)`, `whole`, `flag`, `list` of any values, `texts`, `(word Type)`,
/// `(record Type)`, `(records Type)`; `-` for none.
macro_rules! accessor {
    ($(#[$doc:meta])* $method:ident - $place:tt $receiver:tt $life:lifetime $of:tt) => {};
    ($(#[$doc:meta])* $method:ident text $place:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> Option<&$life str> {
            $crate::record::text($($of)*, $place)
        }
    };
    ($(#[$doc:meta])* $method:ident (needed text) $place:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> &$life str {
            $crate::record::text($($of)*, $place).unwrap_or_default()
        }
    };
    ($(#[$doc:meta])* $method:ident whole $place:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> Option<u64> {
            ($($of)*).at($place)?.as_whole()
        }
    };
    ($(#[$doc:meta])* $method:ident flag $place:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> bool {
            matches!(($($of)*).at($place), Some($crate::value::Value::Bool(true)))
        }
    };
    ($(#[$doc:meta])* $method:ident list $place:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> &$life [$crate::value::Value] {
            $crate::record::list($($of)*, $place)
        }
    };
    ($(#[$doc:meta])* $method:ident texts $place:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> impl ExactSizeIterator<Item = &$life str> {
            $crate::record::list($($of)*, $place).iter().map(|text| text.as_text().unwrap_or_default())
        }
    };
    ($(#[$doc:meta])* $method:ident (word $type:ty) $place:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> Option<$type> {
            <$type>::parse($crate::record::text($($of)*, $place)?)
        }
    };
    ($(#[$doc:meta])* $method:ident (record $type:ident) $place:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> Option<$type<$life>> {
            ($($of)*).at($place).map($type)
        }
    };
    ($(#[$doc:meta])* $method:ident (records $type:ident) $place:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> impl ExactSizeIterator<Item = $type<$life>> {
            $crate::record::list($($of)*, $place).iter().map($type)
        }
    };
}

pub(crate) use {accessor, accessors, record};

/// A text at a place of a record.
#[inline(never)]
pub(crate) fn text(record: &Value, place: usize) -> Option<&str> {
    record.at(place)?.as_text()
}

/// A list at a place of a record; an empty one where there is none.
#[inline(never)]
pub(crate) fn list(record: &Value, place: usize) -> &[Value] {
    record.at(place).and_then(Value::as_list).unwrap_or_default()
}
