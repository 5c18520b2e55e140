//! The names of schemas.

use pledge_api::ProblemType;
use serde_json::{Value, json};

/// Returns a reference to a schema, inside another.
pub fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Returns the name of the schema of a problem.
pub fn problem_name(kind: ProblemType) -> String {
    format!("Problem{kind:?}")
}
