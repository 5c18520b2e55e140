//! The campaign file: the words, facts and rules of one campaign in one language, loaded at run time.

use crate::consent::ConsentMode;
use crate::date::Date;
use crate::lane::{FIELD, LANE, Lane, read_lanes};
use crate::limits::{
    GOAL_MAX, LINE_MAX_CHARS, PARAGRAPH_MAX_CHARS, RADIUS_MAX_PX, VERSION_MAX_CHARS, WORDING_MAX_CHARS,
};
use crate::moment::Moment;
use crate::name::{CampaignId, LanguageTag};
use crate::reader::Defect;
use crate::record::{list, record};
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
#[derive(Clone, Copy, Debug)]
pub struct PublishedAt<'a>(&'a Value);

record! {
    /// The members of a source.
    table SOURCE;
    /// A member of a source.
    members SourceMember;
    accessors { [impl<'a> PublishedAt<'a>] [self] 'a [self.0] }
    /// Title and publisher.
    Title title: (needed text) = "title", true, LINE;
    /// Its address.
    Url url: (needed text) = "url", true, PAGE;
    /// The day, month or year of it.
    PublishedOn published_on: text = "published_on", false, PARTIAL_DATE;
}

/// One fact, attributed to who says so.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a>(&'a Value);

record! {
    /// The members of a fact.
    table FACT;
    /// A member of a fact.
    members FactMember;
    accessors { [impl<'a> Fact<'a>] [self] 'a [self.0] }
    /// The part of public life that it is about.
    Sector sector: (word Sector) = "sector", false, Shape::Word(Sector::WORDS);
    /// Its heading.
    Title title: (needed text) = "title", true, LINE;
    /// A number to stand out, as text (`1,500`).
    Figure figure: text = "figure", false, LINE;
    /// What that number counts.
    FigureLabel figure_label: text = "figure_label", false, LINE;
    /// The claim and who makes it.
    Text text: (needed text) = "text", true, PARAGRAPH;
    /// Where it is published.
    Source source: (record PublishedAt) = "source", true, Shape::Object(SOURCE);
    /// The day after which someone must look at the fact again before it is shown.
    ReviewBy review_by: (word Date) = "review_by", true, Shape::Form(Form::Date);
}

impl Fact<'_> {
    /// Whether the day is past on which someone should have looked at it again.
    pub fn is_stale(self, today: Date) -> bool {
        self.review_by().is_none_or(|day| day < today)
    }
}

/// Something won.
#[derive(Clone, Copy, Debug)]
pub struct Win<'a>(&'a Value);

record! {
    /// The members of a win.
    table WIN;
    /// A member of a win.
    members WinMember;
    accessors { [impl<'a> Win<'a>] [self] 'a [self.0] }
    /// When: a day, month or year.
    Date date: (needed text) = "date", true, PARTIAL_DATE;
    /// What, and by whom.
    Text text: (needed text) = "text", true, PARAGRAPH;
    /// Where it is published.
    Source source: (record PublishedAt) = "source", true, Shape::Object(SOURCE);
}

/// A place to get help.
#[derive(Clone, Copy, Debug)]
pub struct Help<'a>(&'a Value);

record! {
    /// The members of a place to get help.
    table HELP;
    /// A member of it.
    members HelpMember;
    accessors { [impl<'a> Help<'a>] [self] 'a [self.0] }
    /// What it is called.
    Title title: (needed text) = "title", true, LINE;
    /// Its address.
    Url url: (needed text) = "url", true, PAGE_OR_PATH;
}

record! {
    /// Every member of a campaign file. What each does is told in the attribute table, for those that an attribute
    /// overrides.
    table MEMBERS;
    /// A member of a campaign file.
    members CampaignMember;
    accessors { [impl Campaign] [&self] '_ [&self.file] }
    /// The campaign's id.
    Id id: - = "id", true, Shape::Form(Form::CampaignId);
    /// The language of every text.
    Locale locale: - = "locale", true, Shape::Form(Form::Language);
    /// Every language that the campaign exists in, this one too.
    Locales locales: texts = "locales", false, Shape::List(&Shape::Form(Form::Language));
    /// The heading.
    Title title: (needed text) = "title", true, LINE;
    /// The paragraph below the heading.
    Summary summary: text = "summary", false, PARAGRAPH;
    /// The words that are signed, one item per paragraph.
    PetitionText petition_text: texts = "petition_text", true, Shape::List(&PARAGRAPH);
    /// Short demands that the pledge makes.
    Asks asks: texts = "asks", false, Shape::List(&PARAGRAPH);
    /// Who decides about the signatures.
    Controller controller: text = "controller", false, LINE;
    /// Their privacy notice.
    PrivacyUrl privacy_url: text = "privacy_url", false, PAGE_OR_PATH;
    /// The number of signatures at the end of the bar.
    Goal goal: whole = "goal", false, Shape::Whole(1, GOAL_MAX);
    /// Whether no number is shown.
    NoCount no_count: flag = "no_count", false, Shape::Flag;
    /// The number is shown once it is this high.
    HideCountBelow hide_count_below: whole = "hide_count_below", false, COUNT;
    /// Signatures on paper.
    CountOffset count_offset: whole = "count_offset", false, COUNT;
    /// The words of the button.
    ButtonLabel button_label: text = "button_label", false, LINE;
    /// The lanes; see `Campaign::lanes`.
    Lanes lanes: - = "lanes", false, Shape::List(&LANE);
    /// Fields of every lane.
    Fields fields: - = "fields", false, Shape::List(&FIELD);
    /// How to ask about further e-mails.
    Consent consent: (word ConsentMode) = "consent", false, Shape::Word(ConsentMode::WORDS);
    /// The question about further e-mails.
    ConsentText consent_text: text = "consent_text", false, WORDING;
    /// The question whether the name may be handed to the target.
    ConsentTargetText consent_target_text: text = "consent_target_text", false, WORDING;
    /// The statement beside the button.
    StatementText statement_text: text = "statement_text", false, WORDING;
    /// Its version.
    StatementVersion statement_version: text = "statement_version", false, Shape::Text(VERSION_MAX_CHARS);
    /// The heading after signing.
    ThanksTitle thanks_title: text = "thanks_title", false, LINE;
    /// The paragraph after signing.
    ThanksText thanks_text: text = "thanks_text", false, PARAGRAPH;
    /// The colours.
    Theme theme: (word Theme) = "theme", false, Shape::Word(Theme::WORDS);
    /// The colour of buttons, links and figures.
    Accent accent: text = "accent", false, Shape::Form(Form::Colour);
    /// How round the corners are, in CSS pixels.
    Radius radius: whole = "radius", false, Shape::Whole(0, RADIUS_MAX_PX);
    /// The ways to share; see `Campaign::share`.
    Share share: - = "share", false, Shape::List(&Shape::Word(ShareChannel::WORDS));
    /// What supporters share.
    ShareText share_text: text = "share_text", false, LINE;
    /// The address that supporters share.
    ShareUrl share_url: text = "share_url", false, PAGE;
    /// Where the page goes once the signature is stored.
    RedirectUrl redirect_url: text = "redirect_url", false, PAGE;
    /// From when on it can be signed.
    OpensAt opens_at: text = "opens_at", false, MOMENT;
    /// Until when it can be signed.
    ClosesAt closes_at: text = "closes_at", false, MOMENT;
    /// Who receives the signatures. The adapters are not known here; and a wrong one must not be taken for a missing one.
    Backend backend: text = "backend", false, Shape::AsWritten(Form::Backend);
    /// Where signatures are posted.
    Endpoint endpoint: text = "endpoint", false, Shape::AsWritten(Form::Page);
    /// What the backend needs to know.
    BackendOptions backend_options: text = "backend_options", false, Shape::AsWritten(Form::Options);
    /// Who else is notified, one a line.
    Also also: texts = "also", false, Shape::List(&Shape::AsWritten(Form::Route));
    /// The facts.
    Facts facts: (records Fact) = "facts", false, Shape::List(&Shape::Object(FACT));
    /// What has been won.
    Wins wins: (records Win) = "wins", false, Shape::List(&Shape::Object(WIN));
    /// Where to get help.
    Help help: (records Help) = "help", false, Shape::List(&Shape::Object(HELP));
    /// Says to editors where the schema is.
    Schema schema: - = "$schema", false, Shape::AsWritten(Form::Any);
}

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
    MEMBERS.members.iter().find(|Member(name, ..)| *name == member).map(|Member(_, _, shape)| shape)
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
        let text = |member| crate::record::text(&file, member as usize);
        if list(&file, CampaignMember::PetitionText as usize).is_empty() {
            notes.note(&At::ROOT, What::Fault(Fault::NoPetition));
            return None;
        }
        let id = CampaignId::parse(text(CampaignMember::Id)?)?;
        let locale = LanguageTag::parse(text(CampaignMember::Locale)?)?;
        let lanes = read_lanes(&file);
        Some(Campaign { id, locale, lanes, file })
    }

    /// The ways to tell others: those of the file, or all.
    pub fn share(&self) -> Vec<ShareChannel> {
        if self.file.at(CampaignMember::Share as usize).is_none() {
            return ShareChannel::ALL.to_vec();
        }
        let mut channels = Vec::new();
        for word in list(&self.file, CampaignMember::Share as usize) {
            channels.extend(word.as_text().and_then(ShareChannel::parse));
        }
        channels
    }

    /// Keeps the facts for which `keep` holds.
    pub fn retain_facts(&mut self, mut keep: impl FnMut(Fact) -> bool) {
        if let Value::Record(_, values) = &mut self.file
            && let Some(Value::List(facts)) = values.get_mut(CampaignMember::Facts as usize)
        {
            facts.retain(|fact| keep(Fact(fact)));
        }
    }

    /// When that is over at the earliest: the moment it opens or closes (RFC 3339, UTC); `None` where it stays so.
    pub fn turns_at(&self, opening: Opening) -> Option<Moment> {
        match opening {
            Opening::NotYet => self.opens_at().and_then(Moment::opening),
            Opening::Open => self.closes_at().and_then(Moment::closing),
            Opening::Closed => None,
        }
    }

    /// Whether it can be signed at that time (RFC 3339, UTC).
    pub fn opening(&self, now: &str) -> Opening {
        // To the second, as the moments are.
        let now = now.get(..19).unwrap_or(now);
        if self.opens_at().and_then(Moment::opening).is_some_and(|at| now < &at.as_str()[..19]) {
            Opening::NotYet
        } else if self.closes_at().and_then(Moment::closing).is_some_and(|at| now > &at.as_str()[..19]) {
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
        assert_eq!(campaign.facts().len(), 1);
        assert_eq!(campaign.title(), "T");
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
        assert_eq!((campaign.endpoint(), campaign.backend()), (Some(""), Some("")));
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
        let stale_on = |day: &str| campaign.facts().next().unwrap().is_stale(Date::parse(day).unwrap());
        assert!(!stale_on("2027-01-31") && stale_on("2027-02-01"));
    }

    #[test]
    fn sharing_is_by_every_channel_unless_the_file_says_which() {
        assert_eq!(read(SMALL).campaign.unwrap().share().len(), ShareChannel::ALL.len());
        let some = read(&SMALL.replacen('{', r#"{"share":["qr","fax","copy"],"#, 1));
        assert_eq!(some.campaign.unwrap().share(), [ShareChannel::Qr, ShareChannel::Copy]);
    }
}
