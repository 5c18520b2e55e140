//! The campaign file: the words, facts and rules of one campaign in one language, loaded at run time.

use crate::consent::ConsentMode;
use crate::date::Date;
use crate::lane::{FIELD, LANE, Lane, read_lanes};
use crate::limits::{
    GOAL_MAX, LINE_MAX_CHARS, PARAGRAPH_MAX_CHARS, RADIUS_MAX_PX, VERSION_MAX_CHARS, WORDING_MAX_CHARS,
};
use crate::link::Link;
use crate::moment::Moment;
use crate::name::{CampaignId, LanguageTag};
use crate::reader::Defect;
use crate::schema::{At, Fault, Form, Member, Notes, Shape, What};
use crate::value::Value;
use crate::words;

words! {
    /// Light, dark, or as the device asks.
    Theme {
        /// As the device asks.
        Auto = "auto",
        /// Always light.
        Light = "light",
        /// Always dark.
        Dark = "dark",
    }
}

words! {
    /// Ways to tell others, after signing.
    ShareChannel {
        /// The device's own share sheet, where it has one.
        Native = "native",
        /// WhatsApp.
        Whatsapp = "whatsapp",
        /// Telegram.
        Telegram = "telegram",
        /// Signal, which takes no link by address: the link is copied.
        Signal = "signal",
        /// Bluesky.
        Bluesky = "bluesky",
        /// Mastodon, at the supporter's own instance.
        Mastodon = "mastodon",
        /// Facebook.
        Facebook = "facebook",
        /// LinkedIn.
        Linkedin = "linkedin",
        /// X.
        X = "x",
        /// An e-mail of their own.
        Email = "email",
        /// Copying the link.
        Copy = "copy",
        /// A QR code, drawn on the device.
        Qr = "qr",
    }
}

words! {
    /// The part of public life that a fact is about; each has an icon.
    Sector {
        /// Schools and colleges.
        Schools = "schools",
        /// Doctors, hospitals, the NHS.
        Health = "health",
        /// Police.
        Police = "police",
        /// Councils, housing, shelters.
        Councils = "councils",
        /// Databases and the exchange of data.
        Data = "data",
    }
}

const LINE: Shape = Shape::Text(LINE_MAX_CHARS);
const PARAGRAPH: Shape = Shape::Text(PARAGRAPH_MAX_CHARS);
const WORDING: Shape = Shape::Text(WORDING_MAX_CHARS);
const COUNT: Shape = Shape::Whole(0, GOAL_MAX);
const PAGE: Shape = Shape::Form(Form::Page);
const PAGE_OR_PATH: Shape = Shape::Form(Form::PageOrPath);
const PARTIAL_DATE: Shape = Shape::Form(Form::PartialDate);
const MOMENT: Shape = Shape::Form(Form::Moment);

/// Where a claim is published. A claim without it is not shown.
const SOURCE: &[Member] = &[
    // Title and publisher.
    Member("title", true, LINE),
    Member("url", true, PAGE),
    Member("published_on", false, PARTIAL_DATE),
];

/// One fact, attributed to who says so.
const FACT: Shape = Shape::Object(&[
    Member("sector", false, Shape::Word(Sector::WORDS)),
    Member("title", true, LINE),
    // A number to stand out, as text (`1,500`), and what it counts.
    Member("figure", false, LINE),
    Member("figure_label", false, LINE),
    // The claim and who makes it.
    Member("text", true, PARAGRAPH),
    Member("source", true, Shape::Object(SOURCE)),
    // The day after which somebody must look at the fact again before it is shown.
    Member("review_by", true, Shape::Form(Form::Date)),
]);

/// Something won.
const WIN: Shape = Shape::Object(&[
    Member("date", true, PARTIAL_DATE),
    Member("text", true, PARAGRAPH),
    Member("source", true, Shape::Object(SOURCE)),
]);

/// A place to get help.
const HELP: Shape = Shape::Object(&[Member("title", true, LINE), Member("url", true, PAGE_OR_PATH)]);

/// Every member of a campaign file. What each does is told in the attribute table, for those that an attribute overrules.
pub const MEMBERS: &[Member] = &[
    Member("id", true, Shape::Form(Form::CampaignId)),
    Member("locale", true, Shape::Form(Form::Language)),
    // Every language that the campaign exists in, this one too.
    Member("locales", false, Shape::List(&Shape::Form(Form::Language))),
    Member("title", true, LINE),
    Member("summary", false, PARAGRAPH),
    // The words that are signed, one item a paragraph.
    Member("petition_text", true, Shape::List(&PARAGRAPH)),
    // Short demands that the pledge makes.
    Member("asks", false, Shape::List(&PARAGRAPH)),
    Member("controller", false, LINE),
    Member("privacy_url", false, PAGE_OR_PATH),
    Member("goal", false, Shape::Whole(1, GOAL_MAX)),
    Member("no_count", false, Shape::Flag),
    Member("hide_count_below", false, COUNT),
    Member("count_offset", false, COUNT),
    Member("button_label", false, LINE),
    Member("lanes", false, Shape::List(&LANE)),
    Member("fields", false, Shape::List(&FIELD)),
    Member("consent", false, Shape::Word(ConsentMode::WORDS)),
    Member("consent_text", false, WORDING),
    Member("consent_target_text", false, WORDING),
    Member("statement_text", false, WORDING),
    Member("statement_version", false, Shape::Text(VERSION_MAX_CHARS)),
    Member("thanks_title", false, LINE),
    Member("thanks_text", false, PARAGRAPH),
    Member("theme", false, Shape::Word(Theme::WORDS)),
    Member("accent", false, Shape::Form(Form::Colour)),
    Member("radius", false, Shape::Whole(0, RADIUS_MAX_PX)),
    Member("share", false, Shape::List(&Shape::Word(ShareChannel::WORDS))),
    Member("share_text", false, LINE),
    Member("share_url", false, PAGE),
    Member("redirect_url", false, PAGE),
    Member("opens_at", false, MOMENT),
    Member("closes_at", false, MOMENT),
    // The adapters are not known here; and a wrong one must not be taken for a missing one.
    Member("backend", false, Shape::AsWritten(Form::Backend)),
    Member("endpoint", false, Shape::AsWritten(Form::Page)),
    Member("backend_options", false, Shape::AsWritten(Form::Options)),
    Member("also", false, Shape::List(&Shape::AsWritten(Form::Route))),
    Member("facts", false, Shape::List(&FACT)),
    Member("wins", false, Shape::List(&WIN)),
    Member("help", false, Shape::List(&HELP)),
    // Says to editors where the schema is.
    Member("$schema", false, Shape::AsWritten(Form::Any)),
];

/// A campaign in one language: the file with what fits of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// The campaign's id.
    pub id: CampaignId,
    /// The language of every text.
    pub locale: LanguageTag,
    /// The lanes of the pledge, at least one.
    pub lanes: Vec<Lane>,
    /// The members that fit.
    pub file: Value,
}

/// A campaign file as far as it could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignReading {
    /// The campaign; `None` where what cannot be done without is missing: id, locale, title, petition text.
    pub campaign: Option<Campaign>,
    /// Everything in the file that is not as it should be. A defective optional part is left out, the rest stands.
    pub defects: Vec<Defect>,
}

/// The shape of a member of the campaign file.
pub fn shape(member: &str) -> Option<&'static Shape> {
    MEMBERS.iter().find(|Member(name, ..)| *name == member).map(|Member(_, _, shape)| shape)
}

impl Campaign {
    /// Reads a campaign file, and names every defect.
    pub fn read(file: &Value) -> CampaignReading {
        let mut defects = Vec::new();
        let campaign = Campaign::read_noting(file, &mut defects);
        CampaignReading { campaign, defects }
    }

    /// Reads a campaign file, and takes note of defects as the caller wants.
    pub fn read_noting(file: &Value, notes: &mut impl Notes) -> Option<Campaign> {
        let file = Shape::Object(MEMBERS).read(file, &At::ROOT, notes)?;
        let text = |member: &str| file.get(member).and_then(Value::as_text);
        if file.get("petition_text").and_then(Value::as_list).is_none_or(<[Value]>::is_empty) {
            notes.note(&At::ROOT, What::Fault(Fault::NoPetition));
            return None;
        }
        let id = CampaignId::parse(text("id")?)?;
        let locale = LanguageTag::parse(text("locale")?)?;
        let lanes = read_lanes(&file);
        Some(Campaign { id, locale, lanes, file })
    }

    /// A text of the file.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.file.get(member)?.as_text()
    }

    /// A link of the file.
    pub fn link(&self, member: &str) -> Option<Link> {
        Link::parse(self.text(member)?)
    }

    /// A number of the file.
    pub fn whole(&self, member: &str) -> Option<u64> {
        self.file.get(member)?.as_whole()
    }

    /// Whether a flag of the file is set.
    pub fn is_set(&self, member: &str) -> bool {
        matches!(self.file.get(member), Some(Value::Bool(true)))
    }

    /// A list of the file; an empty one where there is none.
    pub fn list(&self, member: &str) -> &[Value] {
        self.file.get(member).and_then(Value::as_list).unwrap_or_default()
    }

    /// The ways to tell others: those of the file, or all.
    pub fn share(&self) -> Vec<ShareChannel> {
        if self.file.get("share").is_none() {
            return ShareChannel::ALL.to_vec();
        }
        let mut channels = Vec::new();
        for word in self.list("share") {
            channels.extend(word.as_text().and_then(ShareChannel::parse));
        }
        channels
    }

    /// Keeps the facts for which `keep` holds.
    pub fn retain_facts(&mut self, mut keep: impl FnMut(&Value) -> bool) {
        if let Value::Map(members) = &mut self.file {
            for (name, value) in members {
                if let (Value::List(facts), "facts") = (value, name.as_str()) {
                    facts.retain(&mut keep);
                }
            }
        }
    }

    /// Whether it can be signed at that time (RFC 3339, UTC).
    pub fn opening(&self, now: &str) -> Opening {
        // To the second, as the moments are.
        let now = now.get(..19).unwrap_or(now);
        let at = |member, read: fn(&str) -> Option<Moment>| self.text(member).and_then(read);
        if at("opens_at", Moment::opening).is_some_and(|at| now < &at.as_str()[..19]) {
            Opening::NotYet
        } else if at("closes_at", Moment::closing).is_some_and(|at| now > &at.as_str()[..19]) {
            Opening::Closed
        } else {
            Opening::Open
        }
    }
}

/// Whether a campaign can be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It opens later.
    NotYet,
    /// It can be signed now.
    Open,
    /// It is over.
    Closed,
}

/// Whether a fact is past the day on which somebody should have looked at it again.
pub fn is_stale(fact: &Value, today: Date) -> bool {
    let review_by = fact.get("review_by").and_then(Value::as_text).and_then(Date::parse);
    review_by.is_none_or(|day| day < today)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"{"id":"c","locale":"en","title":"T","petition_text":["We ask."],
        "facts":[
            {"title":"F","text":"X says so.","source":{"title":"X","url":"https://example.org/","published_on":"2018-11"},"review_by":"2027-01-31"},
            {"title":"G","text":"No source.","review_by":"2027-01-31"},
            {"title":"H","text":"Bad date.","source":{"title":"X","url":"javascript:alert(1)"},"review_by":"31/01/2027"}
        ]}"#;

    fn read(json: &str) -> CampaignReading {
        Campaign::read(&serde_json::from_str(json).unwrap())
    }

    fn pointers(reading: &CampaignReading) -> Vec<&str> {
        reading.defects.iter().map(|defect| defect.pointer.as_str()).collect()
    }

    #[test]
    fn a_defective_fact_is_left_out_and_named_and_the_rest_stands() {
        let reading = read(SMALL);
        assert_eq!(pointers(&reading), ["/facts/1/source", "/facts/2/source/url", "/facts/2/review_by"]);
        let campaign = reading.campaign.unwrap();
        assert_eq!(campaign.list("facts").len(), 1);
        assert_eq!(campaign.text("title"), Some("T"));
    }

    #[test]
    fn without_its_essentials_there_is_no_campaign_and_all_are_named() {
        let reading = read(r#"{"titel":"T","goal":0}"#);
        assert_eq!(reading.campaign, None);
        assert_eq!(pointers(&reading), ["/titel", "/id", "/locale", "/title", "/petition_text", "/goal"]);
        assert!(reading.defects[0].detail.contains("\"title\""));
        let reading = read(r#"{"id":"c","locale":"en","title":"T","petition_text":[]}"#);
        assert_eq!((reading.campaign.clone(), pointers(&reading)), (None, vec!["/petition_text"]));
    }

    #[test]
    fn what_is_no_object_is_no_campaign() {
        for json in ["null", "[]", "\"x\"", "1", r#"{"id":1,"locale":[],"title":{},"petition_text":"x"}"#] {
            let reading = read(json);
            assert!(reading.campaign.is_none() && !reading.defects.is_empty(), "{json}");
        }
    }

    #[test]
    fn a_wrong_endpoint_is_not_taken_for_a_missing_one() {
        let campaign = read(&SMALL.replacen('{', r#"{"endpoint":5,"backend":["x"],"#, 1)).campaign.unwrap();
        assert_eq!((campaign.text("endpoint"), campaign.text("backend")), (Some(""), Some("")));
    }

    #[test]
    fn it_opens_and_closes() {
        let campaign = read(&SMALL.replacen('{', r#"{"opens_at":"2026-11-20","closes_at":"2026-11-23","#, 1));
        assert_eq!(campaign.defects.len(), 3);
        let campaign = campaign.campaign.unwrap();
        assert_eq!(campaign.opening("2026-11-19T23:59:59.999Z"), Opening::NotYet);
        assert_eq!(campaign.opening("2026-11-20T00:00:00.001Z"), Opening::Open);
        assert_eq!(campaign.opening("2026-11-23T23:59:58Z"), Opening::Open);
        assert_eq!(campaign.opening("2026-11-24T00:00:00Z"), Opening::Closed);
    }

    #[test]
    fn a_fact_goes_stale_the_day_after_its_review_date() {
        let campaign = read(SMALL).campaign.unwrap();
        let stale_on = |day: &str| is_stale(&campaign.list("facts")[0], Date::parse(day).unwrap());
        assert!(!stale_on("2027-01-31") && stale_on("2027-02-01"));
    }

    #[test]
    fn sharing_is_by_every_channel_unless_the_file_says_which() {
        assert_eq!(read(SMALL).campaign.unwrap().share().len(), ShareChannel::ALL.len());
        let some = read(&SMALL.replacen('{', r#"{"share":["qr","fax","copy"],"#, 1));
        assert_eq!(some.campaign.unwrap().share(), [ShareChannel::Qr, ShareChannel::Copy]);
    }
}
