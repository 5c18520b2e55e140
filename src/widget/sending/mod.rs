//! Every backend but our own server: a Wasm module of its own, loaded beside the widget where a page names one. What it
//! sends and what the answers mean stands in the `backend` room; here is what a browser does about it.

mod drive;
mod prepare;

pub use drive::{count, send, tell_others};
pub use prepare::prepare;

use pledge_backend::{About, BackendKind, Given, Problem, Settings};
use pledge_domain::Value;
use pledge_domain::lane::PRESETS;
use pledge_domain::reader::excerpt;
use pledge_domain::text::nearest;

/// A member as a text; what is there and is none stands as an empty one, which is wrong and not missing.
fn text<'a>(config: &'a Value, name: &str) -> Option<&'a str> {
    config.get(name).map(|value| value.as_text().unwrap_or_default())
}

/// The settings of the backend that takes the signatures; our own server's too.
///
/// # Errors
/// Everything that is wrong with them.
pub fn settings(config: &Value, page: Option<&str>) -> Result<Settings, Vec<Problem>> {
    if config.get("backend_options").is_some_and(|options| options.as_text().is_none()) {
        let (finding, remedy) = ("backend_options is no text", "write one, with semicolons between its parts");
        return Err(vec![Problem { about: About::Options, finding: finding.to_owned(), remedy: remedy.to_owned() }]);
    }
    Settings::read(&Given {
        backend: text(config, "backend").unwrap_or(BackendKind::Pledge.as_str()),
        endpoint: text(config, "endpoint"),
        options: text(config, "backend_options"),
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
    let campaign = text(config, "id").unwrap_or_default();
    lines.iter().map(|line| other(line.as_text().unwrap_or_default(), campaign, page)).collect()
}

fn other(line: &str, campaign: &str, page: Option<&str>) -> Result<Settings, Vec<Problem>> {
    let (who, options) = line.split_once(';').map_or((line, None), |(who, options)| (who, Some(options)));
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

/// Everything that is wrong with a configuration's backends; first whether it is about those who are told as well. `page` is
/// the address of the page, where it is known.
pub fn problems(config: &Value, page: Option<&str>) -> Vec<(bool, Problem)> {
    let mut problems = Vec::new();
    // What is wrong with our own server's endpoint, the widget itself says.
    let own = !matches!(text(config, "backend"), None | Some("pledge"));
    let all = own.then(|| (false, settings(config, page))).into_iter();
    for (is_also, read) in all.chain(others(config, page).into_iter().map(|other| (true, other))) {
        match read {
            Ok(settings) => problems.extend(strangers(&settings, config).map(|problem| (is_also, problem))),
            Err(found) => problems.extend(found.into_iter().map(|problem| (is_also, problem))),
        }
    }
    problems
}

/// Names on our side of a mapping that nothing has: what stands under them would never arrive.
fn strangers<'a>(settings: &'a Settings, config: &'a Value) -> impl Iterator<Item = Problem> + 'a {
    let list = |from: &'a Value| from.get("fields").and_then(Value::as_list).unwrap_or_default();
    let lanes = config.get("lanes").and_then(Value::as_list).unwrap_or_default();
    let fields = std::iter::once(config).chain(lanes).flat_map(list);
    let mut known: Vec<&str> = fields.filter_map(|field| field.get("name")?.as_text()).collect();
    known.extend(PRESETS.iter().copied().chain(OURS));
    settings.mapping().iter().filter_map(move |(ours, _)| {
        let is_consent = ours.starts_with("consent_");
        if is_consent || known.contains(&ours.as_str()) {
            return None;
        }
        let remedy = match nearest(ours, known.iter().copied()) {
            Some(meant) => format!("did you mean {meant}?"),
            None => "name a field of the form, or one of the names in the guide to backends".to_owned(),
        };
        let finding = format!("backend-options: nothing here is called {}", excerpt(ours));
        Some(Problem { about: About::Options, finding, remedy })
    })
}

/// Our names beside those of fields.
const OURS: [&str; 11] = [
    "first_name",
    "last_name",
    "campaign",
    "lane",
    "source",
    "locale",
    "location",
    "id",
    "testing",
    "fields",
    "consents",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn config(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn without_a_backend_it_is_our_own_and_nothing_is_wrong() {
        assert_eq!(problems(&config(r#"{"id":"c"}"#), None), []);
        assert_eq!(problems(&config(r#"{"id":"c","backend":"custom"}"#), None), []);
        assert_eq!(problems(&config(r#"{"id":"c","backend":"jsno"}"#), None)[0].1.remedy, "did you mean json?");
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
        assert!(problems(&told, None).iter().all(|(is_also, _)| *is_also));
    }
}
