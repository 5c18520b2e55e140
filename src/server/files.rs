//! Which files of a folder may be served or read: ordinary files inside it, that are not hidden.

use percent_encoding::percent_decode_str;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The longest name of a file, in bytes. File systems fail with an error for longer names.
const NAME_MAX_BYTES: usize = 255;
/// The largest campaign file, in bytes. It is far more than the limits of its members allow.
const CAMPAIGN_FILE_MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What a path of a request leads to in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file, or a folder with an index page.
    Page,
    /// Something that must not be served: a hidden file, a link that leads out of the folder, or a device or pipe,
    /// which would block the thread that opens it.
    Forbidden,
    /// Nothing.
    Nothing,
}

/// Looks up the path of a request, which is percent-encoded and begins with a slash. This may block.
pub fn find(folder: &Path, path: &str) -> Found {
    let Ok(decoded) = percent_decode_str(path).decode_utf8() else { return Found::Nothing };
    let mut file = folder.to_owned();
    for name in decoded.split('/').filter(|name| !name.is_empty()) {
        if name.len() > NAME_MAX_BYTES || name.contains(['\0', '\\']) {
            return Found::Nothing;
        }
        // `.well-known` is for the proofs that other services ask for (RFC 8615).
        if name.starts_with('.') && name != ".well-known" {
            return Found::Forbidden;
        }
        file.push(name);
    }
    if fs::symlink_metadata(&file).is_err() {
        return Found::Nothing;
    }
    if file.is_dir() {
        file.push("index.html");
        if fs::symlink_metadata(&file).is_err() {
            return Found::Nothing;
        }
    }
    if is_inside(folder, &file) { Found::Page } else { Found::Forbidden }
}

/// Returns whether a path leads to an ordinary file inside a folder.
fn is_inside(folder: &Path, file: &Path) -> bool {
    let (Ok(folder), Ok(file)) = (folder.canonicalize(), file.canonicalize()) else { return false };
    file.starts_with(folder) && file.is_file()
}

/// Reads a text file of a folder, if it is an ordinary file inside it and not absurdly large. This may block.
///
/// # Errors
/// Returns an error if it is not such a file, or cannot be read.
pub fn read(folder: &Path, name: &str) -> std::io::Result<String> {
    let path: PathBuf = folder.join(name);
    if !is_inside(folder, &path) {
        return Err(std::io::Error::other("not an ordinary file inside its folder"));
    }
    let mut text = String::new();
    fs::File::open(path)?.take(CAMPAIGN_FILE_MAX_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > CAMPAIGN_FILE_MAX_BYTES {
        return Err(std::io::Error::other("too large for a campaign file"));
    }
    Ok(text)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    #[test]
    fn only_ordinary_files_inside_the_folder_are_found() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.txt"), "secret").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let www = folder.path();
        for name in ["page.html", ".hidden", "ünïcode.txt"] {
            fs::write(www.join(name), "x").unwrap();
        }
        for name in ["sub", "empty", ".git", ".well-known", "pipes"] {
            fs::create_dir(www.join(name)).unwrap();
        }
        for name in ["sub/index.html", ".git/config", ".well-known/security.txt"] {
            fs::write(www.join(name), "x").unwrap();
        }
        symlink(outside.path().join("secret.txt"), www.join("leak.txt")).unwrap();
        symlink(outside.path(), www.join("leaks")).unwrap();
        symlink(www.join("page.html"), www.join("alias.html")).unwrap();
        symlink(www.join("nowhere"), www.join("dangling")).unwrap();
        for pipe in ["pipe", "pipes/index.html"] {
            assert!(Command::new("mkfifo").arg(www.join(pipe)).status().unwrap().success());
        }
        for (path, expected) in [
            ("/page.html", Found::Page),
            ("/p%61ge.html", Found::Page),
            ("/%C3%BCn%C3%AFcode.txt", Found::Page),
            ("/alias.html", Found::Page),
            ("/sub", Found::Page),
            ("/sub/", Found::Page),
            ("/.well-known/security.txt", Found::Page),
            ("/empty/", Found::Nothing),
            ("/nothing", Found::Nothing),
            ("/page.html/x", Found::Nothing),
            ("/%00", Found::Nothing),
            ("/%ff", Found::Nothing),
            ("/sub%5cindex.html", Found::Nothing),
            ("/.hidden", Found::Forbidden),
            ("/%2ehidden", Found::Forbidden),
            ("/.git/config", Found::Forbidden),
            ("/sub/../.hidden", Found::Forbidden),
            ("/..%2fsecret.txt", Found::Forbidden),
            ("/leak.txt", Found::Forbidden),
            ("/leaks/secret.txt", Found::Forbidden),
            ("/dangling", Found::Forbidden),
            ("/pipe", Found::Forbidden),
            ("/pipes/", Found::Forbidden),
        ] {
            assert_eq!(find(www, path), expected, "{path}");
        }
        for length in [255, 256, 1_000] {
            assert_eq!(find(www, &format!("/{}", "a".repeat(length))), Found::Nothing, "{length} bytes");
        }
    }

    #[test]
    fn a_folder_that_is_itself_a_link_is_served() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("release-7")).unwrap();
        fs::write(folder.path().join("release-7/page.html"), "x").unwrap();
        symlink(folder.path().join("release-7"), folder.path().join("current")).unwrap();
        assert_eq!(find(&folder.path().join("current"), "/page.html"), Found::Page);
    }

    #[test]
    fn only_ordinary_files_of_a_sensible_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("good"), "text").unwrap();
        assert!(Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
        let large = fs::File::create(folder.path().join("large")).unwrap();
        large.set_len(CAMPAIGN_FILE_MAX_BYTES + 1).unwrap();
        symlink("/etc/hostname", folder.path().join("leak")).unwrap();
        assert_eq!(read(folder.path(), "good").unwrap(), "text");
        for name in ["pipe", "large", "leak", "missing"] {
            assert!(read(folder.path(), name).is_err(), "{name}");
        }
    }
}
