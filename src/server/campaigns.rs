//! The campaigns this server takes signatures for: those whose files stand in the site's `campaigns` folder.

use pledge_domain::{Campaign, CampaignId, LanguageTag, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// What the server knows of a campaign.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CampaignInfo {
    /// Each language's title.
    pub titles: BTreeMap<String, String>,
    /// The goal of the first language that sets one.
    pub goal: Option<u64>,
    /// Each language's file: what is asked, and when it can be signed.
    pub files: BTreeMap<String, Arc<Campaign>>,
}

impl CampaignInfo {
    /// The file in that language, or the first there is.
    pub fn file(&self, locale: &str) -> Option<&Campaign> {
        self.files.get(locale).or_else(|| self.files.values().next()).map(AsRef::as_ref)
    }
}

/// The campaigns, read from their files at the start and again when a file has changed.
pub struct Campaigns {
    folder: PathBuf,
    known: Mutex<Known>,
}

struct Known {
    campaigns: BTreeMap<CampaignId, CampaignInfo>,
    scanned_at: Instant,
    /// The files as they were then: name, size, time of the last change.
    stamp: Vec<(String, u64, Option<SystemTime>)>,
}

/// The folder is looked at again at most this often.
const RESCAN: Duration = Duration::from_secs(1);

impl Campaigns {
    /// Reads the campaign files of a folder.
    pub fn open(folder: PathBuf) -> Campaigns {
        let known = Known { stamp: stamp(&folder), campaigns: scan(&folder), scanned_at: Instant::now() };
        Campaigns { folder, known: Mutex::new(known) }
    }

    /// How many campaigns there are.
    pub fn len(&self) -> usize {
        self.lock().campaigns.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The campaign of that id, as far as known from the last reading.
    pub fn get(&self, id: &CampaignId) -> Option<CampaignInfo> {
        self.lock().campaigns.get(id).cloned()
    }

    /// Whether it is time to look at the folder again.
    pub fn is_due(&self) -> bool {
        self.lock().scanned_at.elapsed() >= RESCAN
    }

    /// Reads the files again where one has changed, come or gone: widgets show a new text at once, so signatures must be judged by
    /// it too. It may block, and others go on with what was known until it has done.
    pub fn refresh(&self) {
        {
            let mut known = self.lock();
            if known.scanned_at.elapsed() < RESCAN {
                return;
            }
            // Whoever comes meanwhile need not do the same.
            known.scanned_at = Instant::now();
        }
        let stamp = stamp(&self.folder);
        if stamp == self.lock().stamp {
            return;
        }
        let mut campaigns = scan(&self.folder);
        let mut known = self.lock();
        // A file that is there and cannot be used now is being edited: what it said last goes on holding.
        for (id, info) in &known.campaigns {
            for (locale, file) in &info.files {
                let name = format!("{id}.{locale}.json");
                if stamp.iter().any(|(there, ..)| *there == name) {
                    let fresh = campaigns.entry(id.clone()).or_default();
                    fresh.files.entry(locale.clone()).or_insert_with(|| Arc::clone(file));
                    fresh.titles.entry(locale.clone()).or_insert_with(|| info.titles[locale].clone());
                    fresh.goal = fresh.goal.or(info.goal);
                }
            }
        }
        (known.campaigns, known.stamp) = (campaigns, stamp);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        // A panic while it was held cannot leave half a map behind: the map is replaced in one step.
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn stamp(folder: &Path) -> Vec<(String, u64, Option<SystemTime>)> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut stamp: Vec<_> = entries
        .filter_map(|entry| {
            let (name, metadata) = (entry.file_name().into_string().ok()?, entry.metadata().ok()?);
            parse_file_name(&name)?;
            Some((name, metadata.len(), metadata.modified().ok()))
        })
        .collect();
    stamp.sort();
    stamp
}

fn scan(folder: &Path) -> BTreeMap<CampaignId, CampaignInfo> {
    let mut campaigns = BTreeMap::<CampaignId, CampaignInfo>::new();
    let Ok(files) = fs::read_dir(folder) else {
        tracing::warn!(folder = %folder.display(), "the campaigns folder cannot be read");
        return campaigns;
    };
    let mut paths: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let Some((id, locale)) = path.file_name().and_then(|name| name.to_str()).and_then(parse_file_name) else {
            continue;
        };
        if let Some(campaign) = read(&path, &id, &locale) {
            let info = campaigns.entry(id).or_default();
            info.goal = info.goal.or(campaign.goal());
            info.titles.insert(locale.to_string(), campaign.title().to_owned());
            info.files.insert(locale.to_string(), Arc::new(campaign));
        }
    }
    campaigns
}

/// The file to give where one is asked for in a language that the campaign does not exist in: the nearest that there is. `None`
/// where the file itself is there, where the name is no campaign file's, or where there is no such campaign.
///
/// Nearest are the same language in another region (`pt` for `pt-BR`, and the other way round), else the campaign's own first
/// language, as it says in `locales`, else English, else the first by name. Reads the folder, so it may block.
pub fn nearest_file(folder: &Path, name: &str) -> Option<String> {
    let (id, asked) = parse_file_name(name)?;
    if folder.join(name).is_file() {
        return None;
    }
    let mut names: Vec<(String, LanguageTag)> = fs::read_dir(folder)
        .ok()?
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter_map(|name| {
            let (other, locale) = parse_file_name(&name)?;
            (other == id).then_some((name, locale))
        })
        .collect();
    names.sort_by(|a, b| a.0.cmp(&b.0));
    let primary = |tag: &LanguageTag| tag.as_str().split('-').next().unwrap_or_default().to_ascii_lowercase();
    let same = |wanted: &str| names.iter().find(|(_, locale)| locale.as_str().eq_ignore_ascii_case(wanted));
    let near = || names.iter().find(|(_, locale)| primary(locale) == primary(&asked));
    let own = || {
        let (name, _) = names.first()?;
        let file: Value = serde_json::from_str(&fs::read_to_string(folder.join(name)).ok()?).ok()?;
        same(file.get("locales")?.as_list()?.first()?.as_text()?)
    };
    let found = same(asked.as_str()).or_else(near).or_else(own).or_else(|| same("en")).or(names.first());
    found.map(|(name, _)| name.clone())
}

/// `care-dont-share.en.json` is campaign `care-dont-share` in language `en`.
fn parse_file_name(name: &str) -> Option<(CampaignId, LanguageTag)> {
    let (id, locale) = name.strip_suffix(".json")?.split_once('.')?;
    Some((CampaignId::parse(id)?, LanguageTag::parse(locale)?))
}

fn read(path: &Path, id: &CampaignId, locale: &LanguageTag) -> Option<Campaign> {
    let file = path.display();
    let text = fs::read_to_string(path).inspect_err(|error| tracing::warn!(%file, %error, "cannot be read")).ok()?;
    let value: Value =
        serde_json::from_str(&text).inspect_err(|error| tracing::warn!(%file, %error, "is not JSON")).ok()?;
    let reading = Campaign::read(&value);
    for defect in &reading.defects {
        tracing::warn!(%file, pointer = %defect.pointer, "{}", defect.detail);
    }
    let campaign = reading.campaign?;
    if campaign.id != *id || campaign.locale != *locale {
        tracing::warn!(%file, "its id and locale are not those of its name; the campaign is left out");
        return None;
    }
    Some(campaign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sound_files_with_the_right_name_make_a_campaign() {
        let folder = tempfile::tempdir().unwrap();
        let sound = r#"{"id":"a","locale":"en","title":"A","petition_text":["x"],"goal":5}"#;
        for (name, text) in
            [("a.en.json", sound), ("b.en.json", sound), ("c.en.json", "{"), ("notes.txt", ""), ("d.en.json", "{}")]
        {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let campaigns = Campaigns::open(folder.path().to_owned());
        assert_eq!(campaigns.len(), 1);
        let info = campaigns.get(&CampaignId::parse("a").unwrap()).unwrap();
        assert_eq!((info.goal, info.titles["en"].as_str()), (Some(5), "A"));
        assert_eq!(campaigns.get(&CampaignId::parse("b").unwrap()), None);
    }

    #[test]
    fn a_changed_file_is_read_again_and_a_broken_one_leaves_what_held() {
        let folder = tempfile::tempdir().unwrap();
        let write = |title: &str, end: &str| {
            let text = format!(r#"{{"id":"a","locale":"en","title":"{title}","petition_text":["x"]{end}"#);
            fs::write(folder.path().join("a.en.json"), text).unwrap();
        };
        write("First", "}");
        let campaigns = Campaigns::open(folder.path().to_owned());
        let title = || {
            // As if the time had come.
            campaigns.lock().scanned_at = Instant::now().checked_sub(RESCAN).unwrap();
            campaigns.refresh();
            campaigns.get(&CampaignId::parse("a").unwrap()).map(|info| info.titles["en"].clone())
        };
        assert_eq!(title().as_deref(), Some("First"));
        write("The second", "}");
        assert_eq!(title().as_deref(), Some("The second"));
        write("The third one", "");
        assert_eq!(title().as_deref(), Some("The second"), "a file that is being edited");
        fs::remove_file(folder.path().join("a.en.json")).unwrap();
        assert_eq!(title(), None);
    }

    #[test]
    fn the_nearest_language_stands_in_for_one_that_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.en.json", "a.pt-BR.json", "b.cy.json", "b.ar.json", "c.fr.json", "c.de.json"] {
            let first = if name.starts_with('b') { r#"{"locales":["cy","ar"]}"# } else { "{}" };
            fs::write(folder.path().join(name), first).unwrap();
        }
        for (asked, given) in [
            ("a.en.json", None),
            ("a.en-GB.json", Some("a.en.json")),
            ("a.pt.json", Some("a.pt-BR.json")),
            ("a.PT-br.json", Some("a.pt-BR.json")),
            ("a.uk.json", Some("a.en.json")),
            ("b.en.json", Some("b.cy.json")),
            ("c.en.json", Some("c.de.json")),
            ("d.en.json", None),
            ("a.json", None),
            ("../a.en.json", None),
        ] {
            assert_eq!(nearest_file(folder.path(), asked).as_deref(), given, "{asked}");
        }
    }
}
