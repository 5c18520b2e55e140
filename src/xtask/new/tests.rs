//! Tests of the scaffold.

use super::*;
use crate::setup::read;

#[test]
fn a_name_is_in_kebab_case_and_no_word_of_rust() {
    for good in ["a", "press-contact", "contact-form-7", "n8n", "loop-text"] {
        assert_eq!(check_name(good), Ok(()), "{good}");
    }
    for bad in ["", "Press", "press_contact", "-a", "a-", "a--b", "7-days", "préss", "a b", "../a", "\"", "loop"] {
        let error = check_name(bad).unwrap_err();
        assert!(error.contains("such as"), "{bad}: {error}");
    }
    assert_eq!((type_name("contact-form-7"), type_name("n8n")), ("ContactForm7".to_owned(), "N8n".to_owned()));
}

#[test]
fn a_name_or_text_that_cannot_work_is_refused() {
    for (name, reason) in [
        ("goal", "there is an attribute"),
        ("class", "means something else on an element"),
        ("aria-label", "means something else on an element"),
        ("open", "means something else on an element"),
        ("petition-text", "uses the name “petition_text”"),
        ("availability", "uses the name “availability”"),
    ] {
        let error = attribute(&mut Edits::new(&root()), name, "It is taken.").unwrap_err();
        assert!(error.contains(reason), "{name}: {error}");
    }
    for about in ["", "No full stop", "A <b>tag</b>.", "A \"quotation\".", "Two\nlines."] {
        let error = attribute(&mut Edits::new(&root()), "press-contact", about).unwrap_err();
        assert!(error.starts_with("--about: "), "{about}: {error}");
    }
    for (name, title, family, reason) in [
        ("listmonk", "listmonk", "hosted", "there is a backend"),
        ("hooks", "Hooks", "plain", "src/backend/adapters/hooks.rs exists already"),
        ("adapter", "Adapter", "plain", "is a type that adapters use"),
        ("new-service", "New Service", "newest", "use one of plain, outward, services"),
        ("new-service", "Ünlü", "services", "--title: "),
    ] {
        let error = adapter(&mut Edits::new(&root()), name, title, family).unwrap_err();
        assert!(error.contains(reason), "{name}: {error}");
    }
}

#[test]
fn nothing_is_written_if_an_anchor_is_missing() {
    let folder = std::env::temp_dir().join(format!("pledge-new-{}", std::process::id()));
    for command in recipes() {
        let mut planned = Edits::new(&root());
        plan(&mut planned, &command).unwrap();
        let more = [SIGNATURE, "www/examples/radius.html", "src/config/check.rs"];
        for path in planned.files.keys().map(String::as_str).chain(more) {
            let to = folder.join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            if root().join(path).exists() {
                fs::copy(root().join(path), to).unwrap();
            }
        }
        // The last file that is edited.
        let changelog = read(&folder.join("CHANGELOG.md")).unwrap();
        write(&folder.join("CHANGELOG.md"), changelog.replace("## Unreleased", "## Soon")).unwrap();
        let error = add(&folder, &command).err().unwrap();
        assert!(error.starts_with("CHANGELOG.md: cannot find “## Unreleased”"), "{error}");
        for path in planned.files.keys().filter(|path| *path != "CHANGELOG.md") {
            assert_eq!(read(&folder.join(path)).ok(), read(&root().join(path)).ok(), "{path}");
        }
        write(&folder.join("CHANGELOG.md"), changelog).unwrap();
        add(&folder, &command).unwrap();
        for (path, text) in &planned.files {
            assert_eq!(read(&folder.join(path)).as_ref(), Ok(text), "{path}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn new_code_has_short_lines() {
    let mut edits = Edits::new(&root());
    attribute(&mut edits, "press-contact", &format!("It is {}.", ["very"; 40].join(" "))).unwrap();
    adapter(&mut edits, "new-service", &"A".repeat(40), "services").unwrap();
    let row = &edits.files[ATTRIBUTES];
    let row = &row[row.find("    PressContact = ").unwrap()..row.find("    Goal = ").unwrap()];
    assert_eq!(row.lines().count(), 3, "{row}");
    let code = &edits.files["src/backend/adapters/new_service.rs"];
    for line in row.lines().chain(code.lines()) {
        assert!(line.chars().count() <= 120, "{line}");
    }
}

#[test]
fn an_entry_goes_into_the_list_of_its_group() {
    let changelog = "# C\n\n## Unreleased\n\n### Added\n\nA:\n\n- a\n\nB:\n\n- b\n  b\n\n### Fixed\n\nC:\n\n- c\n";
    let with = |text: &str, group| with_entry(text, group, "new").unwrap();
    assert_eq!(with(changelog, "A"), changelog.replace("- a\n", "- a\n- new\n"));
    assert_eq!(with(changelog, "B"), changelog.replace("  b\n", "  b\n- new\n"));
    assert_eq!(with(changelog, "C"), changelog.replace("- a\n", "- a\n- new\n"));
    let released = "## Unreleased\n\n## 1.0.0\n\n### Added\n\n- a\n";
    assert_eq!(with(released, "A"), "## Unreleased\n\n### Added\n\n- new\n\n## 1.0.0\n\n### Added\n\n- a\n");
    assert_eq!(with("## Unreleased\n\n### Added\n\n- a\n", "A"), "## Unreleased\n\n### Added\n\n- a\n- new\n");
}

#[test]
fn numbers_in_words_count_on() {
    let pairs = [("twenty-nine", "thirty"), ("thirty", "thirty-one"), ("thirty-one", "thirty-two")];
    for (number, next) in pairs {
        assert_eq!(next_number(number).as_deref(), Some(next));
    }
    assert_eq!((next_number("many"), next_number("ninety-nine")), (None, None));
}
