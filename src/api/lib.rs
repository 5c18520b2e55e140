//! The HTTP contract of the signature server, used by both the server and the widget.
//!
//! Bodies are [`Value`](pledge_domain::Value) trees. Each side serialises and parses them with its own JSON library.

pub mod answer;
pub mod path;
pub mod problem;
pub mod signature;

pub use answer::{Accepted, Count};
pub use problem::{FieldProblem, Problem, ProblemType};
