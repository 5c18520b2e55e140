//! Where signatures go: the settings of the backend that takes them, and of those that `also` names, as a configuration
//! gives them; and what is wrong with them.

use pledge_backend::{About, Backend, BackendKind, Delivery, Given, OUR_NAMES, Problem};
use pledge_domain::lane::PRESETS;
use pledge_domain::reader::excerpt;
use pledge_domain::text::{cut, nearest};
use pledge_domain::{ConsentPurpose, Value};

/// A member as a text; what is there and is none stands as an empty one, which is wrong and not missing.
fn text<'a>(config: &'a Value, name: &str) -> Option<&'a str> {
    config.get(name).map(|value| value.as_text().unwrap_or_default())
}

/// What a configuration gives for the backend that takes the signatures; `None` where its options are no text.
pub fn given<'a>(config: &'a Value, page: Option<&'a str>) -> Option<Given<'a>> {
    let is_text = config.get("backend_options").is_none_or(|options| options.as_text().is_some());
    is_text.then(|| Given {
        backend: text(config, "backend").unwrap_or(BackendKind::Pledge.as_str()),
        endpoint: text(config, "endpoint"),
        options: text(config, "backend_options"),
        campaign: text(config, "id").unwrap_or_default(),
        page,
    })
}

/// The backend that takes the signatures; our own server, too.
///
/// # Errors
/// Everything that is wrong with them.
pub fn backend(config: &Value, page: Option<&str>) -> Result<Backend, Vec<Problem>> {
    match given(config, page) {
        Some(given) => Backend::read(&given),
        None => {
            let (finding, remedy) = ("backend_options is no text", "write one, with semicolons between its parts");
            Err(vec![Problem { about: About::Options, finding: finding.to_owned(), remedy: remedy.to_owned() }])
        }
    }
}

/// What a line gives for one who is told as well: backend, address, then a semicolon and options. `None` where there is
/// more than that.
pub fn given_of_line<'a>(line: &'a str, config: &'a Value, page: Option<&'a str>) -> Option<Given<'a>> {
    let (who, options) = cut(line, |b| b == b';');
    let (backend, endpoint) = cut(who.trim(), |b| b.is_ascii_whitespace());
    let endpoint = endpoint.map(str::trim);
    let campaign = text(config, "id").unwrap_or_default();
    let has_more = endpoint.is_some_and(|address| address.bytes().any(|b| b.is_ascii_whitespace()));
    (!has_more).then_some(Given { backend, endpoint, options, campaign, page })
}

/// Whether one can be told as well: by a request, to an address.
pub fn is_tellable(backend: &Backend) -> bool {
    match backend.declaration().delivery {
        Delivery::Elsewhere | Delivery::Function => false,
        Delivery::OwnServer => !backend.settings.endpoint.is_empty(),
        Delivery::Request => true,
    }
}

/// The backends that are told as well.
///
/// # Errors
/// For each line, everything that is wrong with it.
pub fn others(config: &Value, page: Option<&str>) -> Vec<Result<Backend, Vec<Problem>>> {
    let lines = config.get("also").and_then(Value::as_list).unwrap_or_default();
    lines.iter().map(|line| other(line.as_text().unwrap_or_default(), config, page)).collect()
}

fn other(line: &str, config: &Value, page: Option<&str>) -> Result<Backend, Vec<Problem>> {
    let wrong = |finding: &str, remedy: &str| {
        Err(vec![Problem { about: About::Backend, finding: finding.to_owned(), remedy: remedy.to_owned() }])
    };
    let Some(given) = given_of_line(line, config, page) else {
        return wrong("more than a backend and an address", "put a semicolon before the options");
    };
    let read = Backend::read(&given)?;
    match read.declaration().delivery {
        _ if is_tellable(&read) => Ok(read),
        Delivery::OwnServer => wrong("pledge needs an address here", "write the signature server's address behind it"),
        _ => wrong("nobody can be told by handoff or custom", "name a backend that takes a request, such as json"),
    }
}

/// Everything that is wrong with a configuration's backends; first whether it is about those who are told as well. `page` is
/// the address of the page, where it is known.
pub fn problems(config: &Value, page: Option<&str>) -> Vec<(bool, Problem)> {
    let mut problems = Vec::new();
    // What is wrong with our own server's endpoint, the widget itself says.
    let own = !matches!(text(config, "backend"), None | Some("pledge"));
    let all = own.then(|| (false, backend(config, page))).into_iter();
    for (is_also, read) in all.chain(others(config, page).into_iter().map(|other| (true, other))) {
        match read {
            Ok(backend) => {
                problems.extend(
                    strangers(&backend.settings, config).map(|(ours, known)| (is_also, stranger(ours, &known))),
                );
            }
            Err(found) => problems.extend(found.into_iter().map(|problem| (is_also, problem))),
        }
    }
    problems
}

/// Names on our side of a mapping that nothing has: what stands under them would never arrive. Each comes with the names
/// that there are.
fn strangers<'a>(
    settings: &'a pledge_backend::Settings,
    config: &'a Value,
) -> impl Iterator<Item = (&'a str, Vec<String>)> + 'a {
    let list = |from: &'a Value| from.get("fields").and_then(Value::as_list).unwrap_or_default();
    let lanes = config.get("lanes").and_then(Value::as_list).unwrap_or_default();
    let fields = std::iter::once(config).chain(lanes).flat_map(list);
    let mut known: Vec<String> = fields.filter_map(|field| Some(field.get("name")?.as_text()?.to_owned())).collect();
    known.extend(our_names());
    settings.mapping().iter().filter_map(move |(ours, _)| {
        let is_known = known.contains(ours);
        (!is_known).then(|| (ours.as_str(), known.clone()))
    })
}

fn stranger(ours: &str, known: &[String]) -> Problem {
    let remedy = match nearest(ours, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean {meant}?"),
        None => "name a field of the form, or one of the names in the guide to backends".to_owned(),
    };
    let finding = format!("backend-options: nothing here is called {}", excerpt(ours));
    Problem { about: About::Options, finding, remedy }
}

/// Our names beside those of fields that the campaign has.
pub fn our_names() -> impl Iterator<Item = String> {
    let questions = ConsentPurpose::WORDS.iter().flat_map(|purpose| {
        let name = ["consent_", purpose].concat();
        [[&name, "_wording"].concat(), name]
    });
    PRESETS.iter().chain(&OUR_NAMES).map(|name| (*name).to_owned()).chain(questions)
}

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
        assert_eq!(others[0].as_ref().unwrap().settings.theirs("email"), Some("mail"));
        assert_eq!(others.iter().filter(|other| other.is_err()).count(), 4);
        assert!(problems(&told, None).iter().all(|(is_also, _)| *is_also));
    }
}
