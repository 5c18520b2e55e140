//! The settings file: every option of the command line, in TOML.
//!
//! An option on the command line overrides the environment, which overrides the file, which overrides the default. The
//! names, the help and the defaults come from the command line's own definition, so nothing is documented twice.

use clap::{Arg, Command};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The environment variable that names the file.
pub const VARIABLE: &str = "PLEDGE_CONFIG";
/// The subcommand whose options can be in the file. Commands of staff share some of them.
const SERVE: &str = "serve";
/// Settings that contain a secret, so that only the owner may be able to read the file.
const SECRET: [&str; 1] = ["smtp_url"];
/// The longest line of a comment, in characters.
const WIDTH: usize = 96;

/// Why the settings file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// It is not TOML.
    #[error("{}: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        message: String,
    },
    /// There is no such setting.
    #[error("{}: there is no setting “{name}”{}", path.display(), suggestion.as_deref().map(|name| format!("; did you mean “{name}”?")).unwrap_or_default())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What is written.
        name: String,
        /// What may be meant.
        suggestion: Option<String>,
    },
    /// A setting has a value of a kind that no setting has.
    #[error("{}: the value of “{name}” must be a text, a number, true or false, or a list of these", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// The setting.
        name: String,
    },
    /// Others can read a secret.
    #[error("{}: it contains “{name}”, and others can read it; run chmod 600 {}", path.display(), path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// The setting.
        name: String,
    },
}

/// Returns the arguments of the program with those of the settings file added, if one is named with `--config` or in
/// the environment. `variable` returns the value of an environment variable.
///
/// # Errors
/// Returns an error that says what to change in the file.
pub fn with_file(
    command: &Command,
    arguments: Vec<OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<OsString>, SettingsError> {
    let Some(path) =
        named(&arguments).or_else(|| variable(VARIABLE)).filter(|name| !name.is_empty()).map(PathBuf::from)
    else {
        return Ok(arguments);
    };
    // `init` writes the file.
    let (at, chosen) = subcommand(command, &arguments);
    if chosen.get_name() == "init" {
        return Ok(arguments);
    }
    let table = read(&path)?;
    let serve = command.find_subcommand(SERVE).unwrap_or(command);
    let known: Vec<String> = options(command).chain(options(serve)).map(key).collect();
    let mut added = Vec::new();
    for (name, value) in &table {
        if !known.contains(name) {
            let suggestion = nearest(name, &known);
            return Err(SettingsError::Unknown { path, name: name.clone(), suggestion });
        }
        // As in the file that `init` writes.
        if value.as_str() == Some("") {
            continue;
        }
        let kind = || SettingsError::Kind { path: path.clone(), name: name.clone() };
        let values = texts(value).ok_or_else(kind)?;
        // Commands of staff need only some of the settings.
        let Some(option) = options(chosen).chain(options(command)).find(|option| key(option) == *name) else {
            continue;
        };
        let long = format!("--{}", option.get_long().unwrap_or_default());
        let is_given = arguments
            .iter()
            .filter_map(|argument| argument.to_str())
            .any(|argument| argument == long || argument.strip_prefix(&long).is_some_and(|rest| rest.starts_with('=')));
        let is_in_environment =
            option.get_env().and_then(|name| name.to_str()).is_some_and(|name| variable(name).is_some());
        if !is_given && !is_in_environment {
            added.extend(values.iter().map(|value| OsString::from(format!("{long}={value}"))));
        }
    }
    // systemd makes the files of LoadCredential readable for the service alone, by an access list that the rights of
    // the file do not show.
    let is_credential =
        variable("CREDENTIALS_DIRECTORY").is_some_and(|folder| !folder.is_empty() && path.starts_with(folder));
    if !is_credential {
        check_rights(&path, &table)?;
    }
    let mut all = arguments;
    all.splice(at..at, added);
    Ok(all)
}

/// Returns the variables of the environment that look like settings and are none, each with what may be meant. They are
/// no error: Kubernetes sets `PLEDGE_PORT` for a service named `pledge`.
pub fn unknown_variables(command: &Command, names: impl Iterator<Item = String>) -> Vec<(String, Option<String>)> {
    let serve = command.find_subcommand(SERVE).unwrap_or(command);
    let variable = |option: &Arg| option.get_env().and_then(|name| name.to_str()).map(str::to_owned);
    let known: Vec<String> = options(command).chain(options(serve)).filter_map(variable).collect();
    names
        .filter(|name| name.starts_with("PLEDGE_") && !known.contains(name))
        .map(|name| {
            let ends: Vec<String> = known.iter().map(|known| known.replace("PLEDGE_", "")).collect();
            let suggestion = nearest(&name.replace("PLEDGE_", ""), &ends).map(|end| format!("PLEDGE_{end}"));
            (name, suggestion)
        })
        .collect()
}

fn nearest(name: &str, known: &[String]) -> Option<String> {
    let distance = |known: &&String| strsim::jaro_winkler(known, name);
    known.iter().max_by(|a, b| distance(a).total_cmp(&distance(b))).filter(|known| distance(known) > 0.8).cloned()
}

/// Writes a settings file that explains every setting. Nothing in it applies until its `#` is removed.
///
/// # Errors
/// Returns an error if the file exists or cannot be written.
pub fn init(command: &Command, path: &Path) -> Result<(), SettingsError> {
    let failed = |source| SettingsError::File { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|source| failed(advise(source)))?;
    file.write_all(template(command).as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

/// Adds what to do to the reasons that are not the system's fault.
fn advise(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => io::Error::other("its folder is not there; create it first"),
        io::ErrorKind::AlreadyExists => io::Error::other("it is there already, and was not changed"),
        _ => error,
    }
}

/// Returns the text of a settings file.
fn template(command: &Command) -> String {
    let mut text = String::new();
    comment(
        "Settings of pledge-server. Remove the # before a line to change it. An option on the command line overrides \
         the environment, which overrides this file. Use it with: pledge-server serve --config pledge.toml",
        &mut text,
    );
    let serve = command.find_subcommand(SERVE).unwrap_or(command);
    for option in options(serve).chain(options(command).filter(|option| key(option) != "config")) {
        text.push('\n');
        let help = option.get_long_help().or_else(|| option.get_help()).map(ToString::to_string).unwrap_or_default();
        comment(&help, &mut text);
        if let Some(variable) = option.get_env().and_then(|name| name.to_str()) {
            comment(&format!("Environment: {variable}"), &mut text);
        }
        let default = option.get_default_values().first().and_then(|value| value.to_str());
        let value = match default {
            Some(number) if number.parse::<i64>().is_ok() => number.to_owned(),
            Some(value) => toml_text(value),
            None if option.get_num_args().is_some_and(|number| number.max_values() > 1) || is_list(option) => {
                "[]".to_owned()
            }
            None => "\"\"".to_owned(),
        };
        text.push_str(&format!("# {} = {value}\n", key(option)));
    }
    text
}

fn is_list(option: &Arg) -> bool {
    option.get_value_delimiter().is_some()
}

fn toml_text(value: &str) -> String {
    // A text in JSON is a basic string in TOML.
    serde_json::Value::from(value).to_string()
}

/// Adds a comment, in lines of at most [`WIDTH`] characters.
fn comment(words: &str, text: &mut String) {
    let mut line = String::from("#");
    for word in words.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

/// Returns the options of a command that have a value.
fn options(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|option| option.get_long().is_some() && option.get_action().takes_values())
}

/// Returns the name of an option in the file.
fn key(option: &Arg) -> String {
    option.get_long().unwrap_or_default().replace('-', "_")
}

/// Returns the file that the arguments name.
fn named(arguments: &[OsString]) -> Option<OsString> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_str().unwrap_or_default();
        if text == "--config" {
            return rest.next().cloned();
        }
        if let Some(path) = text.strip_prefix("--config=") {
            return Some(path.into());
        }
    }
    None
}

/// Returns the innermost subcommand that the arguments name, and the place after its name.
fn subcommand<'a>(command: &'a Command, arguments: &[OsString]) -> (usize, &'a Command) {
    let (mut at, mut chosen) = (1, command);
    for (place, argument) in arguments.iter().enumerate().skip(1) {
        if let Some(next) = argument.to_str().and_then(|name| chosen.find_subcommand(name)) {
            (at, chosen) = (place + 1, next);
        }
    }
    (at.min(arguments.len()), chosen)
}

fn read(path: &Path) -> Result<toml::Table, SettingsError> {
    let failed = |source| SettingsError::File { path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let syntax = |error: toml::de::Error| SettingsError::Syntax {
        path: path.to_owned(),
        message: without_values(&error, &text),
    };
    text.parse::<toml::Table>().map_err(syntax)
}

/// Returns what is wrong with a TOML file and in which line, without the line itself, which may contain a secret.
pub fn without_values(error: &toml::de::Error, text: &str) -> String {
    let line = error.span().map(|span| text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1);
    // A value of the wrong kind is named with the value.
    let message = match error.message().split_once("invalid type: string") {
        Some((_, rest)) => format!(
            "invalid type: a text{}",
            rest.rsplit_once(", expected").map_or_else(String::new, |(_, expected)| format!(", expected{expected}"))
        ),
        None => error.message().to_owned(),
    };
    match line {
        Some(line) => format!("line {line}: {message}"),
        None => message,
    }
}

/// Returns the values of a setting as they would be on the command line.
fn texts(value: &toml::Value) -> Option<Vec<String>> {
    match value {
        toml::Value::Array(items) => items.iter().map(text).collect(),
        value => text(value).map(|text| vec![text]),
    }
}

fn text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(is_true) => Some(is_true.to_string()),
        _ => None,
    }
}

/// Checks that only the owner can read a file with a secret.
fn check_rights(path: &Path, table: &toml::Table) -> Result<(), SettingsError> {
    let Some(name) = SECRET.into_iter().find(|name| table.contains_key(*name)) else { return Ok(()) };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let failed = |source| SettingsError::File { path: path.to_owned(), source };
        let rights = std::fs::metadata(path).map_err(failed)?.permissions().mode();
        if rights & 0o077 != 0 {
            return Err(SettingsError::Exposed { path: path.to_owned(), name: name.to_owned() });
        }
    }
    let _ = name;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Parser, Subcommand};

    #[derive(Parser)]
    struct Cli {
        /// The log
        #[arg(long, global = true, default_value = "info", env = "T_LOG")]
        log: String,
        /// The file
        #[arg(long, global = true)]
        config: Option<PathBuf>,
        #[command(subcommand)]
        command: Sub,
    }

    #[derive(Subcommand)]
    enum Sub {
        Serve {
            /// Where the signatures are
            #[arg(long, default_value = "data", env = "T_DATA")]
            data: String,
            /// How many, in seconds
            #[arg(long, default_value_t = 7)]
            number_of_s: u32,
            /// Which networks
            #[arg(long, value_delimiter = ',')]
            network: Vec<String>,
            /// The mail server
            #[arg(long)]
            smtp_url: Option<String>,
        },
        Staff {
            #[command(subcommand)]
            inner: Inner,
        },
        Init,
    }

    #[derive(Subcommand)]
    enum Inner {
        List {
            #[arg(long, default_value = "data")]
            data: String,
        },
    }

    fn parse(file: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result<Cli, String> {
        let command = <Cli as clap::CommandFactory>::command();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        std::fs::write(&path, file).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        let mut all = vec![OsString::from("program")];
        all.extend(arguments.iter().map(OsString::from));
        all.extend([OsString::from("--config"), path.into_os_string()]);
        let variable = |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        let all = with_file(&command, all, variable).map_err(|error| error.to_string())?;
        Cli::try_parse_from(all).map_err(|error| error.to_string())
    }

    #[test]
    fn the_file_is_overridden_by_the_environment_and_the_command_line() {
        let file = "data = \"from-file\"\nnumber_of_s = 9\nlog = \"warn\"\nnetwork = [\"a\", \"b\"]";
        let served = |arguments: &[&str], environment: &[(&str, &str)]| {
            let cli = parse(file, &[&["serve"], arguments].concat(), environment).unwrap();
            match cli.command {
                Sub::Serve { data, number_of_s, network, .. } => (data, number_of_s, network.len(), cli.log),
                _ => panic!("serve"),
            }
        };
        assert_eq!(served(&[], &[]), ("from-file".to_owned(), 9, 2, "warn".to_owned()));
        assert_eq!(served(&["--data", "x"], &[]).0, "x");
        assert_eq!(served(&["--data=x", "--network", "c"], &[]).2, 1);
        // Set in the environment: clap reads it, so the file must not.
        assert_eq!(served(&[], &[("T_DATA", "y")]).0, "data");
        // Commands of staff take what they know.
        let cli = parse(file, &["staff", "list"], &[]).unwrap();
        assert!(matches!(cli.command, Sub::Staff { inner: Inner::List { data } } if data == "from-file"));
        assert!(matches!(parse("nonsense =", &["init"], &[]).unwrap().command, Sub::Init));
    }

    #[test]
    fn mistakes_are_named_with_what_to_do() {
        for (file, words) in [
            ("dada = 1", "there is no setting “dada”; did you mean “data”?"),
            ("number_of = 1", "did you mean “number_of_s”?"),
            ("zzz = 1", "there is no setting “zzz”"),
            ("data = ", "line 1"),
            ("data = { a = 1 }", "must be a text, a number"),
            ("network = [[\"a\"]]", "must be a text, a number"),
            ("number_of_s = \"many\"", "invalid value 'many'"),
            ("smtp_url = \"smtps://u:p@mail.example.org\"", "run chmod 600"),
        ] {
            let error = parse(file, &["serve"], &[]).err().unwrap_or_default();
            assert!(error.contains(words), "{file}: {error}");
        }
        let command = <Cli as clap::CommandFactory>::command();
        let missing = ["program", "serve", "--config", "/nowhere/a.toml"].map(OsString::from).to_vec();
        assert!(with_file(&command, missing, |_| None).unwrap_err().to_string().contains("/nowhere/a.toml"));
    }

    #[test]
    fn variables_that_are_no_settings_are_found() {
        let command = <Cli as clap::CommandFactory>::command();
        let command = command.mut_subcommand("serve", |serve| serve.mut_arg("data", |data| data.env("PLEDGE_DATA")));
        let names = ["PLEDGE_DATA", "PLEDGE_DATTA", "PLEDGE_9", "PATH"].map(str::to_owned).into_iter();
        let expected = vec![("PLEDGE_DATTA".to_owned(), Some("PLEDGE_DATA".to_owned())), ("PLEDGE_9".to_owned(), None)];
        assert_eq!(unknown_variables(&command, names), expected);
    }

    #[test]
    fn a_new_file_explains_every_setting_and_changes_nothing() {
        let command = <Cli as clap::CommandFactory>::command();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.toml");
        init(&command, &path).unwrap();
        assert!(init(&command, &path).unwrap_err().to_string().contains("new.toml"), "it replaces no file");
        let text = std::fs::read_to_string(&path).unwrap();
        for line in [
            "# Where the signatures are\n# Environment: T_DATA\n# data = \"data\"\n",
            "# How many, in seconds\n# number_of_s = 7\n",
            "# network = []\n",
            "# log = \"info\"\n",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(!text.contains("config ="), "{text}");
        assert!(text.parse::<toml::Table>().unwrap().is_empty());
        let all: String = text
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.contains(" = ") && !line.contains(": "))
            .map(|line| format!("{line}\n"))
            .collect();
        let cli = parse(&all.replace("smtp_url = \"\"\n", ""), &["serve"], &[]).unwrap();
        assert!(matches!(cli.command, Sub::Serve { number_of_s: 7, .. }));
    }
}
