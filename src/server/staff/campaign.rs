//! `campaign`: lists campaigns, checks their files, closes them and opens them again.

use super::common::{Data, campaign, number_of};
use crate::bundle;
use crate::campaigns::{CampaignInfo, Campaigns};
use crate::clock;
use crate::error::ServerError;
use pledge_domain::campaign::Availability;
use pledge_domain::{Campaign, CampaignId, Date, Value};
use pledge_store::sqlite::Desk;
use pledge_store::staff::Grouping;
use pledge_store::{Comparison, Condition, Filter, Member};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::PathBuf;

/// The arguments of `campaign`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List every campaign: its languages, whether it is open, and how many signatures count
    List {
        #[command(flatten)]
        data: Data,
        /// Folder of the public site. Without this, the one inside the program
        #[arg(long, env = "PLEDGE_WWW")]
        www: Option<PathBuf>,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Check campaign files, and name each mistake
    Check {
        /// The files, such as www/campaigns/care-dont-share.en.json
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Close a campaign now, whatever its files say: the server accepts no more signatures
    Close {
        #[command(flatten)]
        data: Data,
        /// Folder of the public site. Without this, the one inside the program
        #[arg(long, env = "PLEDGE_WWW")]
        www: Option<PathBuf>,
        /// The campaign
        #[arg(value_parser = campaign)]
        id: CampaignId,
    },
    /// Open a campaign that was closed with this command. Its files may still say that it is closed
    Open {
        #[command(flatten)]
        data: Data,
        /// The campaign
        #[arg(value_parser = campaign)]
        id: CampaignId,
    },
}

/// Runs the command.
///
/// # Errors
/// Returns an error if a file has a mistake, there is no such campaign, or the database cannot be read or written.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), ServerError> {
    match &args.command {
        Command::List { data, www, json } => {
            let www = www.clone().unwrap_or_else(|| bundle::site_in_use(&data.data));
            let campaigns = Campaigns::open(www.join("campaigns")).all();
            let desk = Desk::open(&data.data)?;
            list(&campaigns, &desk.closed()?, &counted(&desk)?, *json, out)
        }
        Command::Check { files } => check(files, out),
        Command::Close { data, www, id } => {
            let mut desk = Desk::open(&data.data)?;
            let www = www.clone().unwrap_or_else(|| bundle::site_in_use(&data.data));
            let mut known: Vec<CampaignId> = Campaigns::open(www.join("campaigns")).all().into_keys().collect();
            known.extend(desk.campaigns()?);
            if !known.contains(id) {
                let names: Vec<&str> = known.iter().map(CampaignId::as_str).collect();
                let text = format!("there is no campaign {id}; there are: {}", names.join(", "));
                return Err(ServerError::Refused(text));
            }
            desk.close(id, clock::today())?;
            writeln!(out, "{id} is closed. To open it again: pledge-server campaign open {id}")?;
            writeln!(out, "Set closes_at in its files too, so that the form says so before people fill it in.")?;
            Ok(())
        }
        Command::Open { data, id } => {
            let was_closed = Desk::open(&data.data)?.reopen(id)?;
            let text = if was_closed { "is open again, if its files say so" } else { "was not closed" };
            writeln!(out, "{id} {text}.")?;
            Ok(())
        }
    }
}

/// Returns the number of signatures of each campaign that count.
fn counted(desk: &Desk) -> Result<HashMap<String, u64>, ServerError> {
    let is = |member, value: &str| Condition { member, comparison: Comparison::Is, value: value.to_owned() };
    let conditions = vec![is(Member::State, "confirmed"), is(Member::Testing, "false")];
    let numbers = desk.numbers(&Filter { campaign: None, conditions }, Grouping::State)?;
    Ok(numbers.into_iter().map(|(campaign, _, number)| (campaign, number)).collect())
}

fn list(
    campaigns: &BTreeMap<CampaignId, CampaignInfo>,
    closed: &HashMap<CampaignId, Date>,
    counted: &HashMap<String, u64>,
    json: bool,
    out: &mut impl Write,
) -> Result<(), ServerError> {
    let now = clock::now();
    let state = |id: &CampaignId, info: &CampaignInfo| match closed.get(id) {
        Some(day) => format!("closed by staff on {day}"),
        None if info.files.values().any(|file| file.availability(&now) == Availability::Open) => "open".to_owned(),
        None if info.files.values().any(|file| file.availability(&now) == Availability::NotYet) => {
            "not open yet".to_owned()
        }
        None => "closed".to_owned(),
    };
    let number = |id: &CampaignId| counted.get(id.as_str()).copied().unwrap_or(0);
    if json {
        let lines = campaigns.iter().map(|(id, info)| {
            json!({ "id": id.as_str(), "titles": info.titles, "goal": info.goal, "state": state(id, info),
                "signatures": number(id) })
        });
        writeln!(out, "{}", serde_json::Value::from(lines.collect::<Vec<_>>()))?;
        return Ok(());
    }
    if campaigns.is_empty() {
        writeln!(out, "There are no campaign files. Name the folder of the site with --www.")?;
    }
    for (id, info) in campaigns {
        let languages = info.files.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        writeln!(out, "{id}: {}, {} ({languages})", state(id, info), number_of(number(id)))?;
    }
    Ok(())
}

fn check(files: &[PathBuf], out: &mut impl Write) -> Result<(), ServerError> {
    let mut wrong = 0;
    for path in files {
        let failed = |source| ServerError::File { path: path.clone(), source };
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let mut lines = Vec::new();
        match serde_json::from_str::<Value>(&text) {
            Err(error) => lines.push(format!("not JSON: {error}")),
            Ok(value) => {
                let reading = Campaign::read(&value);
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                lines.extend(reading.defects.iter().map(|defect| format!("{}: {}", defect.pointer, defect.detail)));
                if let Some(campaign) = &reading.campaign {
                    let expected = format!("{}.{}.json", campaign.id, campaign.locale);
                    if name != expected {
                        lines.push(format!("rename the file to {expected}, or the server ignores it"));
                    }
                } else if lines.is_empty() {
                    lines.push("it is not a campaign file".to_owned());
                }
            }
        }
        wrong += usize::from(!lines.is_empty());
        if lines.is_empty() {
            writeln!(out, "{}: OK", path.display())?;
        }
        for line in lines {
            writeln!(out, "{}: {line}", path.display())?;
        }
    }
    if wrong > 0 { Err(ServerError::Refused(format!("files with mistakes: {wrong}"))) } else { Ok(()) }
}
