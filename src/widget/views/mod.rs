//! What is on screen, as functions of the state.

mod alerts;
mod consents;
mod count;
mod facts;
mod fields;
mod section;
mod shown;
mod sign;
mod thanks;
mod widget;

pub use facts::USEFUL_ID;
pub use shown::{DIALOG_ID, ERRORS_ID, NOTICE_ID, Shown, THANKS_ID, TITLE_ID};
pub use widget::widget;
