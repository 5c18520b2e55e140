//! Every backend but our own server: a Wasm module of its own, loaded beside the widget where a page names one. What it
//! sends and what the answers mean stands in the `backend` room; here is what a browser does about it.

mod drive;
mod prepare;

pub use drive::{count, send, tell_others};
pub use prepare::prepare;

use pledge_backend::{About, BackendKind, Given, Problem, Settings};
use pledge_domain::Value;

fn text<'a>(config: &'a Value, name: &str) -> Option<&'a str> {
    config.get(name).and_then(Value::as_text).filter(|text| !text.trim().is_empty())
}

/// The settings of the backend that takes the signatures; our own server's too.
///
/// # Errors
/// Everything that is wrong with them.
pub fn settings(config: &Value, page: Option<&str>) -> Result<Settings, Vec<Problem>> {
    Settings::read(&Given {
        // One that is empty is a wrong one, not a missing one.
        backend: config.get("backend").map_or(BackendKind::Pledge.as_str(), |name| name.as_text().unwrap_or_default()),
        endpoint: text(config, "endpoint"),
        options: text(config, "backend_options").unwrap_or_default(),
        campaign: text(config, "id").unwrap_or_default(),
        page,
    })
}

/// The settings of those who are told as well, each a line: backend, address, then a semicolon and options.
///
/// # Errors
/// For each line, everything that is wrong with it.
pub fn others(config: &Value, page: Option<&str>) -> Vec<Result<Settings, Vec<Problem>>> {
    let lines = config.get("also").and_then(Value::as_list).unwrap_or_default();
    let lines = lines.iter().filter_map(Value::as_text).filter(|line| !line.trim().is_empty());
    lines.map(|line| other(line, text(config, "id").unwrap_or_default(), page)).collect()
}

fn other(line: &str, campaign: &str, page: Option<&str>) -> Result<Settings, Vec<Problem>> {
    let (who, options) = line.split_once(';').unwrap_or((line, ""));
    let mut words = who.split_whitespace();
    let backend = words.next().unwrap_or_default();
    let read = Settings::read(&Given { backend, endpoint: words.next(), options, campaign, page })?;
    let wrong = |finding: &str, remedy: &str| {
        Err(vec![Problem { about: About::Backend, finding: finding.to_owned(), remedy: remedy.to_owned() }])
    };
    if words.next().is_some() {
        return wrong("more than a backend and an address", "put a semicolon before the options");
    }
    match read.kind {
        BackendKind::Handoff | BackendKind::Custom => {
            wrong("nobody can be told by handoff or custom", "name a backend that takes a request, such as json")
        }
        BackendKind::Pledge if read.endpoint.is_empty() => {
            wrong("pledge needs an address here", "write the signature server's address behind it")
        }
        _ => Ok(read),
    }
}

/// Everything that is wrong with a configuration's backends; first whether it is about those who are told as well.
pub fn problems(config: &Value) -> Vec<(bool, Problem)> {
    let mut problems = Vec::new();
    // What is wrong with our own server's endpoint, the widget itself says.
    if !matches!(config.get("backend").map(Value::as_text), None | Some(Some("pledge"))) {
        problems.extend(settings(config, None).err().into_iter().flatten().map(|problem| (false, problem)));
    }
    for other in others(config, None) {
        problems.extend(other.err().into_iter().flatten().map(|problem| (true, problem)));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn without_a_backend_it_is_our_own_and_nothing_is_wrong() {
        assert_eq!(problems(&config(r#"{"id":"c"}"#)), []);
        assert_eq!(problems(&config(r#"{"id":"c","backend":"custom"}"#)), []);
        assert_eq!(problems(&config(r#"{"id":"c","backend":"jsno"}"#))[0].1.remedy, "did you mean json?");
    }

    #[test]
    fn those_who_are_told_as_well_stand_one_a_line() {
        let told = config(
            r#"{"id":"c","also":["zapier https://hooks.zapier.com/hooks/catch/1/a/; email = mail","handoff https://e.example/",
                "json","json https://e.example/ webhook-id: on","pledge"]}"#,
        );
        let others = others(&told, None);
        assert_eq!(others[0].as_ref().unwrap().theirs("email"), Some("mail"));
        assert_eq!(others.iter().filter(|other| other.is_err()).count(), 4);
        assert!(problems(&told).iter().all(|(is_also, _)| *is_also));
    }
}
