//! The campaign file: the texts, facts and settings of one campaign in one language, loaded at run time.

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
use crate::schema::{DefectKind, DefectSink, Fault, Format, Member, Shape, ValuePath};
use crate::string_enum;
use crate::value::Value;

string_enum! {
    /// How our own server makes sure that an email address is the supporter's.
    Confirmation {
        /// It does not: a signature counts at once.
        None = "none",
        /// By a link in an email: a signature counts once the supporter has opened it and pressed the button.
        Email = "email",
    }
}

string_enum! {
    /// The colour theme.
    Theme {
        /// The theme of the host page (its CSS `color-scheme`), or light if it sets none.
        Auto = "auto",
        /// Always light.
        Light = "light",
        /// Always dark.
        Dark = "dark",
    }
}

string_enum! {
    /// A way to share the pledge after signing.
    ShareChannel {
        /// The device's share sheet, if it has one.
        Native = "native",
        /// WhatsApp.
        Whatsapp = "whatsapp",
        /// Telegram.
        Telegram = "telegram",
        /// Signal. It has no address for sharing, so the link is copied.
        Signal = "signal",
        /// Bluesky.
        Bluesky = "bluesky",
        /// Mastodon, on the supporter's own instance.
        Mastodon = "mastodon",
        /// Facebook.
        Facebook = "facebook",
        /// LinkedIn.
        Linkedin = "linkedin",
        /// X.
        X = "x",
        /// An e-mail that the supporter sends.
        Email = "email",
        /// The link, copied.
        Copy = "copy",
        /// A QR code, drawn on the device.
        Qr = "qr",
    }
}

string_enum! {
    /// The sector that a fact is about. Each sector has an icon.
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
const COUNT: Shape = Shape::Integer(0, GOAL_MAX);
const PAGE: Shape = Shape::Format(Format::Page);
const PAGE_OR_PATH: Shape = Shape::Format(Format::PageOrPath);
const PATH: Shape = Shape::Format(Format::Path);
const PARTIAL_DATE: Shape = Shape::Format(Format::PartialDate);
const MOMENT: Shape = Shape::Format(Format::Moment);

/// The publication that supports a claim. A claim without a citation is not shown.
#[derive(Clone, Copy, Debug)]
pub struct Citation<'a>(&'a Value);

record! {
    /// The members of a citation.
    table SOURCE;
    /// A member of a citation.
    members SourceMember;
    accessors { [impl<'a> Citation<'a>] [self] 'a [self.0] }
    /// The title and publisher.
    Title title: (required text) = "title", true, LINE;
    /// The address of the publication.
    Url url: (required text) = "url", true, PAGE;
    /// The day, month or year of publication.
    PublishedOn published_on: text = "published_on", false, PARTIAL_DATE;
}

/// A fact, attributed to its source.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a>(&'a Value);

record! {
    /// The members of a fact.
    table FACT;
    /// A member of a fact.
    members FactMember;
    accessors { [impl<'a> Fact<'a>] [self] 'a [self.0] }
    /// The sector that the fact is about.
    Sector sector: (word Sector) = "sector", false, Shape::OneOf(Sector::WORDS);
    /// The heading.
    Title title: (required text) = "title", true, LINE;
    /// A number to highlight, as text (`1,500`).
    Figure figure: text = "figure", false, LINE;
    /// What the number counts.
    FigureLabel figure_label: text = "figure_label", false, LINE;
    /// The claim and who makes it.
    Text text: (required text) = "text", true, PARAGRAPH;
    /// The citation.
    Source source: (record Citation) = "source", true, Shape::Object(SOURCE);
    /// The last day on which the fact is shown unless someone reviews it.
    ReviewBy review_by: (word Date) = "review_by", true, Shape::Format(Format::Date);
}

impl Fact<'_> {
    /// Returns whether the review date has passed.
    pub fn is_stale(self, today: Date) -> bool {
        self.review_by().is_none_or(|day| day < today)
    }
}

/// Something that the campaign has won.
#[derive(Clone, Copy, Debug)]
pub struct Win<'a>(&'a Value);

record! {
    /// The members of a win.
    table WIN;
    /// A member of a win.
    members WinMember;
    accessors { [impl<'a> Win<'a>] [self] 'a [self.0] }
    /// The day, month or year of the win.
    Date date: (required text) = "date", true, PARTIAL_DATE;
    /// What was won, and by whom.
    Text text: (required text) = "text", true, PARAGRAPH;
    /// The citation.
    Source source: (record Citation) = "source", true, Shape::Object(SOURCE);
}

/// A link to a place to get help.
#[derive(Clone, Copy, Debug)]
pub struct Help<'a>(&'a Value);

record! {
    /// The members of a help link.
    table HELP;
    /// A member of a help link.
    members HelpMember;
    accessors { [impl<'a> Help<'a>] [self] 'a [self.0] }
    /// The name of the place.
    Title title: (required text) = "title", true, LINE;
    /// Its address.
    Url url: (required text) = "url", true, PAGE_OR_PATH;
}

record! {
    /// Every member of a campaign file. If an attribute overrides a member, the attribute table documents it.
    table MEMBERS;
    /// A member of a campaign file.
    members CampaignMember;
    accessors { [impl Campaign] [&self] '_ [&self.file] }
    /// The campaign's id.
    Id id: - = "id", true, Shape::Format(Format::CampaignId);
    /// The language of every text.
    Locale locale: - = "locale", true, Shape::Format(Format::Language);
    /// Every language of the campaign, including this one.
    Locales locales: texts = "locales", false, Shape::List(&Shape::Format(Format::Language));
    /// The heading.
    Title title: (required text) = "title", true, LINE;
    /// The paragraph below the heading.
    Summary summary: text = "summary", false, PARAGRAPH;
    /// The text that supporters sign, one item per paragraph.
    PetitionText petition_text: texts = "petition_text", true, Shape::List(&PARAGRAPH);
    /// The demands of the pledge, in short.
    Asks asks: texts = "asks", false, Shape::List(&PARAGRAPH);
    /// The data controller.
    Controller controller: text = "controller", false, LINE;
    /// The organiser's logo: a file on the widget's own site.
    LogoUrl logo_url: text = "logo_url", false, PATH;
    /// A picture below the title: a file on the widget's own site.
    ImageUrl image_url: text = "image_url", false, PATH;
    /// What the picture shows, for people who do not see it.
    ImageAlt image_alt: text = "image_alt", false, LINE;
    /// Who the pledge is addressed to.
    TargetName target_name: text = "target_name", false, LINE;
    /// The controller's privacy notice.
    PrivacyUrl privacy_url: text = "privacy_url", false, PAGE_OR_PATH;
    /// The number of signatures at the end of the bar.
    Goal goal: integer = "goal", false, Shape::Integer(1, GOAL_MAX);
    /// Whether the number of signatures is hidden.
    NoCount no_count: flag = "no_count", false, Shape::Boolean;
    /// The smallest number of signatures that is shown.
    HideCountBelow hide_count_below: integer = "hide_count_below", false, COUNT;
    /// The number of signatures collected on paper, which is added.
    CountOffset count_offset: integer = "count_offset", false, COUNT;
    /// The label of the button.
    ButtonLabel button_label: text = "button_label", false, LINE;
    /// The lanes; see `Campaign::lanes`.
    Lanes lanes: - = "lanes", false, Shape::List(&LANE);
    /// Fields for every lane.
    Fields fields: - = "fields", false, Shape::List(&FIELD);
    /// How to ask for consent to further e-mails.
    Consent consent: (word ConsentMode) = "consent", false, Shape::OneOf(ConsentMode::WORDS);
    /// The question about further e-mails.
    ConsentText consent_text: text = "consent_text", false, WORDING;
    /// The question whether the target may see the supporter's name.
    ConsentTargetText consent_target_text: text = "consent_target_text", false, WORDING;
    /// The statement beside the button.
    StatementText statement_text: text = "statement_text", false, WORDING;
    /// The version of the statement.
    StatementVersion statement_version: text = "statement_version", false, Shape::Text(VERSION_MAX_CHARS);
    /// The heading after signing.
    ThanksTitle thanks_title: text = "thanks_title", false, LINE;
    /// The paragraph after signing.
    ThanksText thanks_text: text = "thanks_text", false, PARAGRAPH;
    /// The colour theme.
    Theme theme: (word Theme) = "theme", false, Shape::OneOf(Theme::WORDS);
    /// The colour of buttons, links and figures.
    Accent accent: text = "accent", false, Shape::Format(Format::Colour);
    /// The corner radius, in CSS pixels.
    Radius radius: integer = "radius", false, Shape::Integer(0, RADIUS_MAX_PX);
    /// The ways to share. The share part reads them: all if there are none, in the order of the list.
    Share share: - = "share", false, Shape::List(&Shape::OneOf(ShareChannel::WORDS));
    /// The text that supporters share.
    ShareText share_text: text = "share_text", false, LINE;
    /// The address that supporters share.
    ShareUrl share_url: text = "share_url", false, PAGE;
    /// The page to open once the signature is stored.
    RedirectUrl redirect_url: text = "redirect_url", false, PAGE;
    /// When signing opens.
    OpensAt opens_at: text = "opens_at", false, MOMENT;
    /// When signing closes.
    ClosesAt closes_at: text = "closes_at", false, MOMENT;
    /// The backend that receives the signatures. This crate does not know the adapters, and an invalid backend must not
    /// be treated as a missing one.
    Backend backend: text = "backend", false, Shape::AnyText(Format::Backend);
    /// The address to which signatures are posted.
    Endpoint endpoint: text = "endpoint", false, Shape::AnyText(Format::Page);
    /// The settings of the backend.
    BackendOptions backend_options: text = "backend_options", false, Shape::AnyText(Format::Options);
    /// Other backends to notify, one per item.
    Also also: texts = "also", false, Shape::List(&Shape::AnyText(Format::Route));
    /// The facts.
    Facts facts: (records Fact) = "facts", false, Shape::List(&Shape::Object(FACT));
    /// What the campaign has won so far.
    Wins wins: (records Win) = "wins", false, Shape::List(&Shape::Object(WIN));
    /// Where to get help.
    Help help: (records Help) = "help", false, Shape::List(&Shape::Object(HELP));
    /// Whether a signature counts only once its mailbox is confirmed. Our own server reads it.
    Confirmation confirmation: (word Confirmation) = "confirmation", false, Shape::OneOf(Confirmation::WORDS);
    /// Whether the emails of the server may name the campaign in their subject.
    MailNamesCampaign mail_names_campaign: flag = "mail_names_campaign", false, Shape::Boolean;
    /// The address of the JSON schema, for editors.
    Schema schema: - = "$schema", false, Shape::AnyText(Format::Any);
}

/// A campaign in one language, with the valid members of its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// The campaign's id.
    pub id: CampaignId,
    /// The language of every text.
    pub locale: LanguageTag,
    /// The lanes of the pledge, at least one.
    pub lanes: Vec<Lane>,
    /// The valid members of the file.
    pub file: Value,
}

/// The result of reading a campaign file.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignReading {
    /// The campaign. `None` if a required member is missing: id, locale, title or petition text.
    pub campaign: Option<Campaign>,
    /// Every defect in the file. A defective optional part is left out, the rest is kept.
    pub defects: Vec<Defect>,
}

/// Returns the shape of a member of the campaign file.
pub fn shape(member: &str) -> Option<&'static Shape> {
    MEMBERS.members.iter().find(|Member(name, ..)| *name == member).map(|Member(_, _, shape)| shape)
}

impl Campaign {
    /// Reads a campaign file and lists every defect.
    pub fn read(file: &Value) -> CampaignReading {
        let mut defects = Vec::new();
        let campaign = Campaign::read_with(file, &mut defects);
        CampaignReading { campaign, defects }
    }

    /// Reads a campaign file and reports defects to `defects`.
    pub fn read_with(file: &Value, defects: &mut impl DefectSink) -> Option<Campaign> {
        let file = Shape::Object(MEMBERS).read(file, &ValuePath::ROOT, defects)?;
        let text = |member| crate::record::text(&file, member as usize);
        if list(&file, CampaignMember::PetitionText as usize).is_empty() {
            defects.add(&ValuePath::ROOT, DefectKind::Fault(Fault::NoPetition));
            return None;
        }
        let id = CampaignId::parse(text(CampaignMember::Id)?)?;
        let locale = LanguageTag::parse(text(CampaignMember::Locale)?)?;
        let lanes = read_lanes(&file);
        Some(Campaign { id, locale, lanes, file })
    }

    /// Keeps only the facts for which `keep` returns `true`.
    pub fn retain_facts(&mut self, mut keep: impl FnMut(Fact) -> bool) {
        if let Value::Record(_, values) = &mut self.file
            && let Some(Value::List(facts)) = values.get_mut(CampaignMember::Facts as usize)
        {
            facts.retain(|fact| keep(Fact(fact)));
        }
    }

    /// Returns when the campaign next opens or closes (RFC 3339, UTC). `None` if it never changes again.
    pub fn next_change_at(&self, availability: Availability) -> Option<Moment> {
        match availability {
            Availability::NotYet => self.opens_at().and_then(Moment::parse_opening),
            Availability::Open => self.closes_at().and_then(Moment::parse_closing),
            Availability::Closed => None,
        }
    }

    /// Returns whether the campaign can be signed at the time `now` (RFC 3339, UTC).
    pub fn availability(&self, now: &str) -> Availability {
        // Cut to the second, as `Moment` is.
        let now = now.get(..19).unwrap_or(now);
        if self.opens_at().and_then(Moment::parse_opening).is_some_and(|at| now < &at.as_str()[..19]) {
            Availability::NotYet
        } else if self.closes_at().and_then(Moment::parse_closing).is_some_and(|at| now > &at.as_str()[..19]) {
            Availability::Closed
        } else {
            Availability::Open
        }
    }
}

/// Whether a campaign can be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Signing opens later.
    NotYet,
    /// Signing is open.
    Open,
    /// Signing has closed.
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
    fn a_defective_fact_is_reported_and_left_out_and_the_rest_is_kept() {
        let reading = read(SMALL);
        assert_eq!(pointers(&reading), ["/facts/1/source", "/facts/2/source/url", "/facts/2/review_by"]);
        let campaign = reading.campaign.unwrap();
        assert_eq!(campaign.facts().len(), 1);
        assert_eq!(campaign.title(), "T");
    }

    #[test]
    fn without_the_required_members_there_is_no_campaign_and_each_is_reported() {
        let reading = read(r#"{"titel":"T","goal":0}"#);
        assert_eq!(reading.campaign, None);
        assert_eq!(pointers(&reading), ["/titel", "/id", "/locale", "/title", "/petition_text", "/goal"]);
        assert!(reading.defects[0].detail.contains("did you mean title?"));
        let reading = read(r#"{"id":"c","locale":"en","title":"T","petition_text":[]}"#);
        assert_eq!((reading.campaign.clone(), pointers(&reading)), (None, vec!["/petition_text"]));
    }

    #[test]
    fn a_value_that_is_not_an_object_is_not_a_campaign() {
        for json in ["null", "[]", "\"x\"", "1", r#"{"id":1,"locale":[],"title":{},"petition_text":"x"}"#] {
            let reading = read(json);
            assert!(reading.campaign.is_none() && !reading.defects.is_empty(), "{json}");
        }
    }

    #[test]
    fn an_invalid_endpoint_is_not_treated_as_missing() {
        let campaign = read(&SMALL.replacen('{', r#"{"endpoint":5,"backend":["x"],"#, 1)).campaign.unwrap();
        assert_eq!((campaign.endpoint(), campaign.backend()), (Some(""), Some("")));
    }

    #[test]
    fn a_campaign_opens_and_closes() {
        let campaign = read(&SMALL.replacen('{', r#"{"opens_at":"2026-11-20","closes_at":"2026-11-23","#, 1));
        assert_eq!(campaign.defects.len(), 3);
        let campaign = campaign.campaign.unwrap();
        assert_eq!(campaign.availability("2026-11-19T23:59:59.999Z"), Availability::NotYet);
        assert_eq!(campaign.availability("2026-11-20T00:00:00.001Z"), Availability::Open);
        assert_eq!(campaign.availability("2026-11-23T23:59:59.5Z"), Availability::Open);
        assert_eq!(campaign.availability("2026-11-24T00:00:00Z"), Availability::Closed);
    }

    #[test]
    fn the_next_change_is_the_opening_then_the_closing() {
        let campaign = read(&SMALL.replacen('{', r#"{"opens_at":"2026-11-20","closes_at":"2026-11-23","#, 1));
        let campaign = campaign.campaign.unwrap();
        let next = |availability| campaign.next_change_at(availability).map(|at| at.as_str().to_owned());
        assert_eq!(next(Availability::NotYet).as_deref(), Some("2026-11-20T00:00:00Z"));
        assert_eq!(next(Availability::Open).as_deref(), Some("2026-11-23T23:59:59Z"));
        assert_eq!(next(Availability::Closed), None);
    }

    #[test]
    fn facts_can_be_left_out() {
        let mut campaign = read(SMALL).campaign.unwrap();
        campaign.retain_facts(|fact| fact.title() == "F");
        assert_eq!(campaign.facts().len(), 1);
        campaign.retain_facts(|fact| fact.title() != "F");
        assert_eq!(campaign.facts().len(), 0);
    }

    #[test]
    fn each_member_has_a_shape() {
        assert!(matches!(shape("goal"), Some(Shape::Integer { .. })), "{:?}", shape("goal"));
        assert!(matches!(shape("facts"), Some(Shape::List(_))) && shape("titel").is_none());
    }

    #[test]
    fn a_fact_goes_stale_the_day_after_its_review_date() {
        let campaign = read(SMALL).campaign.unwrap();
        let stale_on = |day: &str| campaign.facts().next().unwrap().is_stale(Date::parse(day).unwrap());
        assert!(!stale_on("2027-01-31") && stale_on("2027-02-01"));
    }
}
