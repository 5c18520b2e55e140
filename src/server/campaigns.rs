//! The campaigns that this server accepts signatures for: those with a file in the site's `campaigns` folder.

use crate::clock::monotonic;
use crate::files;
use pledge_domain::campaign::Availability;
use pledge_domain::moment::Moment;
use pledge_domain::{Campaign, CampaignId, Date, LanguageTag, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// The facts that the server needs about a campaign.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CampaignInfo {
    /// The title in each language.
    pub titles: BTreeMap<String, String>,
    /// The goal of the first language that sets one.
    pub goal: Option<u64>,
    /// The campaign file in each language: the questions, and when the campaign is open.
    pub files: BTreeMap<String, Arc<Campaign>>,
}

impl CampaignInfo {
    /// Returns the day on which the campaign has closed in every language. `None` if it is open or will open.
    pub fn closed_on(&self, today: Date) -> Option<Date> {
        let now = format!("{today}T00:00:00Z");
        let closed = |file: &Arc<Campaign>| {
            let is_closed = file.availability(&now) == Availability::Closed;
            let at = file.closes_at().and_then(Moment::parse_closing).filter(|_| is_closed)?;
            Date::parse(at.as_str().get(..10)?)
        };
        let days: Option<Vec<Date>> = self.files.values().map(closed).collect();
        days?.into_iter().max()
    }

    /// Returns the file in that language, or the first file if there is none.
    pub fn file(&self, locale: &str) -> Option<&Campaign> {
        self.files.get(locale).or_else(|| self.files.values().next()).map(AsRef::as_ref)
    }
}

/// The campaigns, read from their files at the start and again when a file changes.
pub struct Campaigns {
    folder: PathBuf,
    cache: Mutex<Cache>,
}

struct Cache {
    campaigns: BTreeMap<CampaignId, CampaignInfo>,
    scanned_at: Instant,
    /// Name, size and time of the last change of each file at that scan.
    stamp: Vec<(String, u64, Option<SystemTime>)>,
}

/// The shortest time between two scans of the folder.
const RESCAN: Duration = Duration::from_secs(1);

impl Campaigns {
    /// Reads the campaign files of a folder.
    pub fn open(folder: PathBuf) -> Campaigns {
        let cache = Cache { stamp: stamp(&folder), campaigns: scan(&folder), scanned_at: monotonic() };
        Campaigns { folder, cache: Mutex::new(cache) }
    }

    /// Returns the number of campaigns.
    pub fn len(&self) -> usize {
        self.lock().campaigns.len()
    }

    /// Returns whether there are no campaigns.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the campaign with that id, as of the last scan.
    pub fn get(&self, id: &CampaignId) -> Option<CampaignInfo> {
        self.lock().campaigns.get(id).cloned()
    }

    /// Returns every campaign, sorted by id, as of the last scan.
    pub fn all(&self) -> BTreeMap<CampaignId, CampaignInfo> {
        self.lock().campaigns.clone()
    }

    /// Returns whether it is time to scan the folder again.
    pub fn is_due(&self) -> bool {
        self.lock().scanned_at.elapsed() >= RESCAN
    }

    /// Reads the files again if one has been changed, added or removed.
    ///
    /// Widgets show a changed file at once, so the server must validate signatures against it too. This may block.
    /// Meanwhile other requests use the cached campaigns.
    pub fn refresh(&self) {
        {
            let mut cache = self.lock();
            if cache.scanned_at.elapsed() < RESCAN {
                return;
            }
            // Set before the scan, so that concurrent requests do not start another.
            cache.scanned_at = monotonic();
        }
        self.rescan();
    }

    /// Does what [`Campaigns::refresh`] does, also if the last scan was less than a second ago. The next request scans
    /// again nevertheless, so that a file is used as soon as it is there. This may block.
    pub fn rescan(&self) {
        let stamp = stamp(&self.folder);
        if stamp == self.lock().stamp {
            return;
        }
        let mut campaigns = scan(&self.folder);
        let mut cache = self.lock();
        // A file that exists but cannot be read is probably being edited, so its last valid version stays in use.
        for (id, info) in &cache.campaigns {
            for (locale, file) in &info.files {
                let name = format!("{id}.{locale}.json");
                if stamp.iter().any(|(existing, ..)| *existing == name) {
                    let updated = campaigns.entry(id.clone()).or_default();
                    updated.files.entry(locale.clone()).or_insert_with(|| Arc::clone(file));
                    updated.titles.entry(locale.clone()).or_insert_with(|| info.titles[locale].clone());
                    updated.goal = updated.goal.or(info.goal);
                }
            }
        }
        (cache.campaigns, cache.stamp) = (campaigns, stamp);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cache> {
        // A poisoned lock is safe to use: the map is replaced in one step, so a panic cannot leave it half updated.
        self.cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
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
    let Ok(entries) = fs::read_dir(folder) else {
        tracing::warn!(folder = %folder.display(), "cannot read the campaigns folder");
        return campaigns;
    };
    let mut names: Vec<String> = entries.filter_map(|file| file.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    for name in names {
        let Some((id, locale)) = parse_file_name(&name) else { continue };
        if let Some(campaign) = read(folder, &name, &id, &locale) {
            let info = campaigns.entry(id).or_default();
            info.goal = info.goal.or(campaign.goal());
            info.titles.insert(locale.to_string(), campaign.title().to_owned());
            info.files.insert(locale.to_string(), Arc::new(campaign));
        }
    }
    campaigns
}

/// Returns the campaign file to serve if the requested one does not exist: the one in the nearest language.
///
/// Returns `None` if the requested file exists, the name is not that of a campaign file, or there is no such campaign.
///
/// The nearest language is the same language in another region (`pt` for `pt-BR`, and vice versa), or else the first
/// language that the campaign lists in `locales`, or else English, or else the first file by name. Reads the folder, so
/// it may block.
pub fn nearest_file(folder: &Path, name: &str) -> Option<String> {
    let (id, requested) = parse_file_name(name)?;
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
    let exact = |tag: &str| names.iter().find(|(_, locale)| locale.as_str().eq_ignore_ascii_case(tag));
    let same_language = || names.iter().find(|(_, locale)| primary(locale) == primary(&requested));
    let first_listed = || {
        let (name, _) = names.first()?;
        let file: Value = serde_json::from_str(&files::read(folder, name).ok()?).ok()?;
        exact(file.get("locales")?.as_list()?.first()?.as_text()?)
    };
    let found = exact(requested.as_str()).or_else(same_language).or_else(first_listed);
    found.or_else(|| exact("en")).or(names.first()).map(|(name, _)| name.clone())
}

/// Parses a file name: `care-dont-share.en.json` is campaign `care-dont-share` in language `en`.
fn parse_file_name(name: &str) -> Option<(CampaignId, LanguageTag)> {
    let (id, locale) = name.strip_suffix(".json")?.split_once('.')?;
    Some((CampaignId::parse(id)?, LanguageTag::parse(locale)?))
}

fn read(folder: &Path, name: &str, id: &CampaignId, locale: &LanguageTag) -> Option<Campaign> {
    let path = folder.join(name);
    let file = path.display();
    let text = files::read(folder, name).inspect_err(|error| tracing::warn!(%file, %error, "cannot be read")).ok()?;
    let value: Value =
        serde_json::from_str(&text).inspect_err(|error| tracing::warn!(%file, %error, "is not JSON")).ok()?;
    let reading = Campaign::read(&value);
    for defect in &reading.defects {
        tracing::warn!(%file, pointer = %defect.pointer, "{}", defect.detail);
    }
    let campaign = reading.campaign?;
    if campaign.id != *id || campaign.locale != *locale {
        tracing::warn!(%file, "its id and locale do not match its name; the file is ignored");
        return None;
    }
    Some(campaign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_files_with_a_matching_name_make_a_campaign() {
        let folder = tempfile::tempdir().unwrap();
        let valid = r#"{"id":"a","locale":"en","title":"A","petition_text":["x"],"goal":5}"#;
        for (name, text) in
            [("a.en.json", valid), ("b.en.json", valid), ("c.en.json", "{"), ("notes.txt", ""), ("d.en.json", "{}")]
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
    fn a_changed_file_is_read_again_and_an_invalid_one_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let write = |title: &str, end: &str| {
            let text = format!(r#"{{"id":"a","locale":"en","title":"{title}","petition_text":["x"]{end}"#);
            fs::write(folder.path().join("a.en.json"), text).unwrap();
        };
        write("First", "}");
        let campaigns = Campaigns::open(folder.path().to_owned());
        let title = || {
            // Pretend that the next scan is due.
            campaigns.lock().scanned_at = monotonic().checked_sub(RESCAN).unwrap();
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
    fn the_nearest_language_replaces_a_missing_one() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.en.json", "a.pt-BR.json", "b.cy.json", "b.ar.json", "c.fr.json", "c.de.json"] {
            let first = if name.starts_with('b') { r#"{"locales":["cy","ar"]}"# } else { "{}" };
            fs::write(folder.path().join(name), first).unwrap();
        }
        for (requested, expected) in [
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
            assert_eq!(nearest_file(folder.path(), requested).as_deref(), expected, "{requested}");
        }
    }
}
