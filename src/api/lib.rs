//! The HTTP contract of the signature server, spoken by server and widget alike.
//!
//! Bodies are [`Value`](pledge_domain::Value) trees here; each side prints and parses them with its own JSON engine.

pub mod answer;
pub mod path;
pub mod problem;
pub mod signature;

pub use answer::{Accepted, Count};
pub use problem::{FieldProblem, Problem, ProblemType};
