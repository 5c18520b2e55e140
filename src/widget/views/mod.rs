//! The views: functions from the state to HTML.

mod alerts;
mod consents;
mod count;
mod elements;
mod facts;
mod fields;
mod section;
mod sign;
mod thanks;
mod widget;

pub use elements::{DIALOG_ID, ERRORS_ID, NOTICE_ID, THANKS_ID, TITLE_ID, ViewState};
pub use facts::USEFUL_ID;
pub use widget::widget;
