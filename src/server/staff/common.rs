//! What several commands share: their arguments, progress, and files that only their owner can read.

use crate::error::ServerError;
use crate::receipt::Receipt;
use pledge_domain::{CampaignId, Date};
use pledge_store::Filter;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// The folder that a command works on.
#[derive(clap::Args, Clone, Debug)]
pub struct Data {
    /// Folder of the signatures
    #[arg(long, default_value = "data", env = "PLEDGE_DATA")]
    pub data: PathBuf,
}

/// Which signatures a command is about.
#[derive(clap::Args, Clone, Debug)]
pub struct Which {
    /// Only this campaign
    #[arg(long, value_name = "ID", value_parser = campaign)]
    pub campaign: Option<CampaignId>,
    /// Only signatures that meet these conditions, such as: source = example-doctors and received_on >= 2026-11-28.
    /// Compare source, location, locale, lane, state, received_on, name, email, postcode, burst or testing with =, !=,
    /// >=, <= or ~ (contains)
    #[arg(long = "where", value_name = "CONDITIONS")]
    pub conditions: Option<String>,
}

impl Which {
    /// Returns the conditions.
    ///
    /// # Errors
    /// Returns an error that says what is wrong with them.
    pub fn filter(&self) -> Result<Filter, ServerError> {
        let campaign = self.campaign.clone();
        match &self.conditions {
            Some(text) => Filter::parse(text, campaign).map_err(|error| ServerError::Refused(error.to_string())),
            None => Ok(Filter { campaign, conditions: Vec::new() }),
        }
    }
}

/// Parses the id of a campaign.
pub fn campaign(text: &str) -> Result<CampaignId, String> {
    let message = "write the id of a campaign, such as care-dont-share";
    CampaignId::parse(text).ok_or_else(|| message.to_owned())
}

/// Parses a day.
pub fn day(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "write a day, such as 2026-11-28".to_owned())
}

/// Says on the terminal how far a long command is. Nothing is shown in a file or a pipe.
pub struct Progress {
    what: &'static str,
    number: u64,
    is_shown: bool,
}

/// After how many signatures the number on the terminal changes.
const STEP: u64 = 10_000;

impl Progress {
    /// Starts to count.
    pub fn new(what: &'static str) -> Progress {
        Progress { what, number: 0, is_shown: io::stderr().is_terminal() }
    }

    /// Adds to the number.
    pub fn add(&mut self, number: u64) {
        let before = self.number / STEP;
        self.number += number;
        if self.is_shown && self.number / STEP > before {
            eprint!("\r{}: {} ", self.what, thousands(self.number));
        }
    }

    /// Removes the line from the terminal.
    pub fn end(self) {
        if self.is_shown && self.number >= STEP {
            eprint!("\r{:width$}\r", "", width = self.what.len() + 20);
        }
    }
}

/// Returns a number with its thousands apart: `12,345`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a number of signatures in words.
pub fn number_of(signatures: u64) -> String {
    if signatures == 1 { "1 signature".to_owned() } else { format!("{} signatures", thousands(signatures)) }
}

/// A file that appears under its name only when it is complete, and that only its owner can read.
pub struct PrivateFile {
    file: BufWriter<File>,
    draft: PathBuf,
    path: PathBuf,
    is_finished: bool,
}

impl PrivateFile {
    /// Begins the file.
    ///
    /// # Errors
    /// Returns an error if there is such a file, or it cannot be created.
    pub fn create(path: &Path) -> Result<PrivateFile, ServerError> {
        let failed = |source| ServerError::File { path: path.to_owned(), source };
        if path.exists() {
            return Err(failed(io::Error::other("the file exists; choose another name, or remove it")));
        }
        let mut draft = path.as_os_str().to_owned();
        // Nobody else can have made a file of this name.
        draft.push(format!(".{}.part", Receipt::random()?));
        let draft = PathBuf::from(draft);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = BufWriter::new(options.open(&draft).map_err(failed)?);
        Ok(PrivateFile { file, draft, path: path.to_owned(), is_finished: false })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub fn finish(mut self) -> Result<(), ServerError> {
        let done = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        let done = done.and_then(|()| std::fs::rename(&self.draft, &self.path));
        self.is_finished = done.is_ok();
        done.map_err(|source| ServerError::File { path: self.path.clone(), source })
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        // What is not complete must not stay: it contains personal data. If it cannot be removed, nothing else helps.
        if !self.is_finished {
            let _ = std::fs::remove_file(&self.draft);
        }
    }
}

impl Write for PrivateFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        let shown = [0, 999, 1_000, 12_345, 1_234_567].map(thousands);
        assert_eq!(shown, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }
}
