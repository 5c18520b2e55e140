//! Macros that turn a list of members into the table against which an object is read, an enum of its members, and typed
//! accessors, which find a member by its index.

use crate::value::Value;

/// Generates a table, an enum of its members, and accessors. A row is `Variant method: kind = name, required, shape`.
/// See [`accessor`] for the kinds.
macro_rules! record {
    (
        $(#[$table_doc:meta])* table $table:ident;
        $(#[$member_doc:meta])* members $member:ident;
        accessors { $target:tt $receiver:tt $life:lifetime $of:tt }
        $($(#[$doc:meta])* $variant:ident $method:ident: $kind:tt = $name:literal, $required:literal, $shape:expr;)*
    ) => {
        $(#[$table_doc])*
        pub const $table: &$crate::schema::Table = &$crate::schema::Table {
            names: &[$($name,)*],
            members: &[$($crate::schema::Member($name, $required, $shape),)*],
        };

        $(#[$member_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $member { $($(#[$doc])* $variant,)* }

        impl $member {
            /// Returns the member's name in the file.
            pub fn name(self) -> &'static str {
                $table.names[self as usize]
            }
        }

        $crate::record::accessors! {
            $target $receiver $life $of $($(#[$doc])* $method $kind ($member::$variant as usize);)*
        }
    };
}

/// Generates the accessors of one type.
macro_rules! accessors {
    ([$($target:tt)*] $receiver:tt $life:lifetime $of:tt $($(#[$doc:meta])* $method:ident $kind:tt $index:tt;)*) => {
        $($target)* {
            $($crate::record::accessor! { $(#[$doc])* $method $kind $index $receiver $life $of })*
        }
    };
}

/// Generates one accessor for its kind: `text`, `(required text)`, `integer`, `flag`, `list` (of any values), `texts`,
/// `(word Type)`, `(record Type)` or `(records Type)`. `-` generates none.
macro_rules! accessor {
    ($(#[$doc:meta])* $method:ident - $index:tt $receiver:tt $life:lifetime $of:tt) => {};
    ($(#[$doc:meta])* $method:ident text $index:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> Option<&$life str> {
            $crate::record::text($($of)*, $index)
        }
    };
    ($(#[$doc:meta])* $method:ident (required text) $index:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> &$life str {
            $crate::record::text($($of)*, $index).unwrap_or_default()
        }
    };
    ($(#[$doc:meta])* $method:ident integer $index:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> Option<u64> {
            ($($of)*).get_index($index)?.as_integer()
        }
    };
    ($(#[$doc:meta])* $method:ident flag $index:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> bool {
            matches!(($($of)*).get_index($index), Some($crate::value::Value::Bool(true)))
        }
    };
    ($(#[$doc:meta])* $method:ident list $index:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> &$life [$crate::value::Value] {
            $crate::record::list($($of)*, $index)
        }
    };
    ($(#[$doc:meta])* $method:ident texts $index:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> impl ExactSizeIterator<Item = &$life str> {
            $crate::record::list($($of)*, $index).iter().map(|text| text.as_text().unwrap_or_default())
        }
    };
    ($(#[$doc:meta])* $method:ident (word $type:ty) $index:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> Option<$type> {
            <$type>::parse($crate::record::text($($of)*, $index)?)
        }
    };
    ($(#[$doc:meta])* $method:ident (record $type:ident) $index:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> Option<$type<$life>> {
            ($($of)*).get_index($index).map($type)
        }
    };
    ($(#[$doc:meta])* $method:ident (records $type:ident) $index:tt [$($receiver:tt)*] $life:lifetime [$($of:tt)*]) => {
        $(#[$doc])*
        pub fn $method($($receiver)*) -> impl ExactSizeIterator<Item = $type<$life>> {
            $crate::record::list($($of)*, $index).iter().map($type)
        }
    };
}

pub(crate) use {accessor, accessors, record};

/// Returns the text at an index of a record.
#[inline(never)]
pub(crate) fn text(record: &Value, index: usize) -> Option<&str> {
    record.get_index(index)?.as_text()
}

/// Returns the list at an index of a record, or an empty list if there is none.
#[inline(never)]
pub(crate) fn list(record: &Value, index: usize) -> &[Value] {
    record.get_index(index).and_then(Value::as_list).unwrap_or_default()
}
