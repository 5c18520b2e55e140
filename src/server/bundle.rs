//! The site and the widget inside the program, if it was built with the feature `bundle`.
//!
//! They are written to the data folder at each start, so that they are served as any other folder is, and so that the
//! program alone is enough to run everything.

use crate::Config;
use crate::error::ServerError;
use std::path::{Path, PathBuf};

/// The name of the folder in the data folder.
const SITE: &str = "site";

/// Where the files that the server serves are.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The public site; its `campaigns` folder contains the campaign files.
    pub www: PathBuf,
    /// Files that the pages of the build need, if `www` does not have them.
    pub common: Option<PathBuf>,
    /// The built widget.
    pub dist: PathBuf,
}

/// Returns the folders that the settings name, and for those that they do not name the ones inside the program. A
/// program without them uses `www` and `target/dist` in the current folder.
///
/// # Errors
/// Returns an error if the folders cannot be written to the data folder.
pub fn folders(config: &Config) -> Result<Folders, ServerError> {
    let (www, dist) = (config.www.clone(), config.dist.clone());
    if let (Some(www), Some(dist)) = (&www, &dist) {
        return Ok(Folders { www: www.clone(), common: None, dist: dist.clone() });
    }
    let inside = inside::write(&config.data)?;
    Ok(match inside {
        Some(site) => Folders {
            common: www.is_some().then(|| site.join("common")),
            www: www.unwrap_or_else(|| site.join("www")),
            dist: dist.unwrap_or_else(|| site.join("dist")),
        },
        None => Folders {
            www: www.unwrap_or_else(|| "www".into()),
            common: None,
            dist: dist.unwrap_or_else(|| "target/dist".into()),
        },
    })
}

/// Returns the site of a server that was started without naming one.
pub fn site_in_use(data: &Path) -> PathBuf {
    let inside = data.join(SITE).join("www");
    if inside.is_dir() { inside } else { "www".into() }
}

#[cfg(not(feature = "bundle"))]
mod inside {
    use crate::error::ServerError;
    use std::path::{Path, PathBuf};

    /// There is nothing inside this program.
    #[expect(clippy::unnecessary_wraps, reason = "the same signature as with the feature")]
    pub fn write(_: &Path) -> Result<Option<PathBuf>, ServerError> {
        Ok(None)
    }
}

#[cfg(feature = "bundle")]
mod inside {
    use crate::error::ServerError;
    use rust_embed::{EmbeddedFile, RustEmbed};
    use std::fs;
    use std::io::{self, Write};
    use std::path::{Path, PathBuf};
    use std::time::{Duration, SystemTime};

    #[derive(RustEmbed)]
    #[folder = "../../www"]
    struct Www;

    #[derive(RustEmbed)]
    #[folder = "../../target/dist"]
    struct Dist;

    /// What belongs to the example campaign. The rest, such as the Studio, is served beside a site of your own too.
    const EXAMPLE: [&str; 4] = ["campaigns/", "examples/", "index.html", "privacy.html"];

    /// Writes the files below the data folder, and returns their folder.
    pub fn write(data: &Path) -> Result<Option<PathBuf>, ServerError> {
        // A folder that is only half written, or was changed, is written again.
        let (draft, site) = (data.join("site.part"), data.join(super::SITE));
        for folder in [&draft, &site] {
            if let Err(error) = fs::remove_dir_all(folder)
                && error.kind() != io::ErrorKind::NotFound
            {
                return Err(ServerError::File { path: folder.clone(), source: error });
            }
        }
        all::<Www>(&draft.join("www"), |_| true)?;
        all::<Www>(&draft.join("common"), |name| !EXAMPLE.iter().any(|start| name.starts_with(start)))?;
        all::<Dist>(&draft.join("dist"), |_| true)?;
        let note = draft.join("README.txt");
        let text = "The server writes this folder anew at each start. Keep your own files elsewhere, and name their \
                    folder with --www.\n";
        fs::write(&note, text).map_err(|source| ServerError::File { path: note, source })?;
        fs::rename(&draft, &site).map_err(|source| ServerError::File { path: site.clone(), source })?;
        Ok(Some(site))
    }

    fn all<Folder: RustEmbed>(folder: &Path, is_needed: impl Fn(&str) -> bool) -> Result<(), ServerError> {
        for name in Folder::iter().filter(|name| is_needed(name)) {
            let Some(file) = Folder::get(&name) else { continue };
            let path = folder.join(&*name);
            one(&path, &file).map_err(|source| ServerError::File { path, source })?;
        }
        Ok(())
    }

    fn one(path: &Path, file: &EmbeddedFile) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut written = fs::File::create(path)?;
        written.write_all(&file.data)?;
        // Browsers ask whether a file has changed since then, so a restart must not change it.
        match file.metadata.last_modified() {
            Some(seconds) => written.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)),
            None => Ok(()),
        }
    }
}
