//! Where signatures go: the main backend and the additional backends in `also`, and the problems with their settings.

use pledge_backend::{BUILT_IN_NAMES, Backend, BackendKind, Delivery, Problem, RawSettings, Setting};
use pledge_domain::lane::PRESETS;
use pledge_domain::reader::excerpt;
use pledge_domain::text::{did_you_mean, split_at_first};
use pledge_domain::{ConsentPurpose, Value};

/// Returns a member as text, or an empty text if it has another type. The empty text counts as invalid, not as missing.
fn text<'a>(config: &'a Value, name: &str) -> Option<&'a str> {
    config.get(name).map(|value| value.as_text().unwrap_or_default())
}

/// Returns the settings of the main backend, or `None` if its options are not a text.
pub fn raw_settings<'a>(config: &'a Value, page: Option<&'a str>) -> Option<RawSettings<'a>> {
    let is_text = config.get("backend_options").is_none_or(|options| options.as_text().is_some());
    is_text.then(|| RawSettings {
        backend: text(config, "backend").unwrap_or(BackendKind::Pledge.as_str()),
        endpoint: text(config, "endpoint"),
        options: text(config, "backend_options"),
        campaign: text(config, "id").unwrap_or_default(),
        page,
    })
}

/// Returns the main backend, which may also be the Pledge signature server.
///
/// # Errors
/// Returns every problem with its settings.
pub fn backend(config: &Value, page: Option<&str>) -> Result<Backend, Vec<Problem>> {
    match raw_settings(config, page) {
        Some(settings) => Backend::read(&settings),
        None => {
            let (finding, remedy) =
                ("backend_options is not a text", "write one text, with semicolons between the options");
            Err(vec![Problem { setting: Setting::Options, finding: finding.to_owned(), remedy: remedy.to_owned() }])
        }
    }
}

/// Parses a line of `also`: a backend and an address, then a semicolon and options. Returns `None` if there is other
/// text before the semicolon.
pub fn parse_also_line<'a>(line: &'a str, config: &'a Value, page: Option<&'a str>) -> Option<RawSettings<'a>> {
    let (target, options) = split_at_first(line, |b| b == b';');
    let (backend, endpoint) = split_at_first(target.trim(), |b| b.is_ascii_whitespace());
    let endpoint = endpoint.map(str::trim);
    let campaign = text(config, "id").unwrap_or_default();
    let has_more = endpoint.is_some_and(|address| address.bytes().any(|b| b.is_ascii_whitespace()));
    (!has_more).then_some(RawSettings { backend, endpoint, options, campaign, page })
}

/// Returns whether a backend can be used in `also`. It must receive requests and have an address.
pub fn can_be_additional(backend: &Backend) -> bool {
    match backend.declaration().delivery {
        Delivery::Elsewhere | Delivery::Function => false,
        Delivery::OwnServer => !backend.settings.endpoint.is_empty(),
        Delivery::Request => true,
    }
}

/// Returns the additional backends, one per line of `also`.
///
/// # Errors
/// Returns, for each invalid line, every problem with it.
pub fn additional_backends(config: &Value, page: Option<&str>) -> Vec<Result<Backend, Vec<Problem>>> {
    let lines = config.get("also").and_then(Value::as_list).unwrap_or_default();
    lines.iter().map(|line| additional_backend(line.as_text().unwrap_or_default(), config, page)).collect()
}

fn additional_backend(line: &str, config: &Value, page: Option<&str>) -> Result<Backend, Vec<Problem>> {
    let problem = |finding: &str, remedy: &str| {
        Err(vec![Problem { setting: Setting::Backend, finding: finding.to_owned(), remedy: remedy.to_owned() }])
    };
    let Some(settings) = parse_also_line(line, config, page) else {
        return problem("there is text after the address", "put a semicolon between the address and the options");
    };
    let backend = Backend::read(&settings)?;
    match backend.declaration().delivery {
        _ if can_be_additional(&backend) => Ok(backend),
        Delivery::OwnServer => problem("pledge has no address", "write the address of the signature server after it"),
        _ => problem("handoff and custom cannot be used here", "use a backend that receives requests, such as json"),
    }
}

/// Returns every problem with the backends of a configuration, each with whether it is about an additional backend.
/// `page` is the address of the page, if known.
pub fn problems(config: &Value, page: Option<&str>) -> Vec<(bool, Problem)> {
    let mut problems = Vec::new();
    // `resolve.rs` reports an invalid address of the Pledge signature server.
    let is_other = !matches!(text(config, "backend"), None | Some("pledge"));
    let main = is_other.then(|| (false, backend(config, page))).into_iter();
    for (is_also, read) in main.chain(additional_backends(config, page).into_iter().map(|read| (true, read))) {
        match read {
            Ok(backend) => {
                problems.extend(
                    unknown_names(&backend.settings, config)
                        .map(|(name, known)| (is_also, unknown_name_problem(name, &known))),
                );
            }
            Err(found) => problems.extend(found.into_iter().map(|problem| (is_also, problem))),
        }
    }
    problems
}

/// Returns the names in a mapping that no field has, each with all known names. Values under these names would never be
/// sent.
fn unknown_names<'a>(
    settings: &'a pledge_backend::Settings,
    config: &'a Value,
) -> impl Iterator<Item = (&'a str, Vec<String>)> + 'a {
    let list = |from: &'a Value| from.get("fields").and_then(Value::as_list).unwrap_or_default();
    let lanes = config.get("lanes").and_then(Value::as_list).unwrap_or_default();
    let fields = std::iter::once(config).chain(lanes).flat_map(list);
    let mut known: Vec<String> = fields.filter_map(|field| Some(field.get("name")?.as_text()?.to_owned())).collect();
    known.extend(mappable_names());
    settings.mapping().iter().filter_map(move |(name, _)| {
        let is_known = known.contains(name);
        (!is_known).then(|| (name.as_str(), known.clone()))
    })
}

fn unknown_name_problem(name: &str, known: &[String]) -> Problem {
    let remedy = did_you_mean(name, known.iter().map(String::as_str), || {
        "use the name of a form field, or a name from the guide to backends".to_owned()
    });
    let finding = format!("backend-options: there is no field named {}", excerpt(name));
    Problem { setting: Setting::Options, finding, remedy }
}

/// Returns the names that a mapping may use, besides the campaign's own fields.
pub fn mappable_names() -> impl Iterator<Item = String> {
    let questions = ConsentPurpose::WORDS.iter().flat_map(|purpose| {
        let name = ["consent_", purpose].concat();
        [[&name, "_wording"].concat(), name]
    });
    PRESETS.iter().chain(&BUILT_IN_NAMES).map(|name| (*name).to_owned()).chain(questions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_default_backend_has_no_problems() {
        assert_eq!(problems(&config(r#"{"id":"c"}"#), None), []);
        assert_eq!(problems(&config(r#"{"id":"c","backend":"custom"}"#), None), []);
        assert_eq!(problems(&config(r#"{"id":"c","backend":"jsno"}"#), None)[0].1.remedy, "did you mean json?");
    }

    #[test]
    fn also_has_one_backend_per_line() {
        let config = config(
            r#"{"id":"c","also":["zapier https://hooks.zapier.com/hooks/catch/1/a/; email = mail",
                "handoff https://e.example/","json","json https://e.example/ webhook-id: on","pledge"]}"#,
        );
        let backends = additional_backends(&config, None);
        assert_eq!(backends[0].as_ref().unwrap().settings.service_name("email"), Some("mail"));
        assert_eq!(backends.iter().filter(|backend| backend.is_err()).count(), 4);
        assert!(problems(&config, None).iter().all(|(is_also, _)| *is_also));
    }
}
