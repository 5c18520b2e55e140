//! The campaign file: the words, facts and rules of one campaign in one language, loaded at run time.

use crate::date::{Date, PartialDate};
use crate::limits::{GOAL_MAX, LINE_MAX_CHARS, PARAGRAPH_MAX_CHARS, WORDING_MAX_CHARS};
use crate::link::Link;
use crate::name::{CampaignId, LanguageTag};
use crate::reader::{Defect, Reader};
use crate::value::Value;

/// A campaign in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// The campaign's id.
    pub id: CampaignId,
    /// The language of every text below.
    pub locale: LanguageTag,
    /// The heading of the widget.
    pub title: String,
    /// One paragraph under the heading that says what this is about.
    pub summary: Option<String>,
    /// The words that are signed, one item a paragraph.
    pub petition_text: Vec<String>,
    /// Short demands that the pledge makes.
    pub asks: Vec<String>,
    /// Who decides about the signatures (data controller), as it reads in "Your details go to …".
    pub controller: Option<String>,
    /// The controller's privacy notice.
    pub privacy_url: Option<Link>,
    /// The number on the bar, in signatures.
    pub goal: Option<u64>,
    /// The question about further e-mails; without it nothing is asked.
    pub consent_updates: Option<String>,
    /// Heading of the thank-you state.
    pub thanks_title: Option<String>,
    /// One paragraph of the thank-you state.
    pub thanks_text: Option<String>,
    /// What is known, each with its source.
    pub facts: Vec<Fact>,
    /// What has been won so far, oldest first.
    pub wins: Vec<Win>,
    /// Where to get advice and know one's rights.
    pub help: Vec<HelpLink>,
}

/// One fact of the campaign, attributed to who says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Heading.
    pub title: String,
    /// A number to stand out, as text (`1,500`).
    pub figure: Option<String>,
    /// What the number counts.
    pub figure_label: Option<String>,
    /// The claim and who makes it.
    pub text: String,
    /// Where it is published.
    pub source: FactSource,
    /// The day after which somebody must look at the fact again before it is shown.
    pub review_by: Date,
}

/// Where a fact is published.
#[derive(Clone, Debug, PartialEq)]
pub struct FactSource {
    /// Title and publisher.
    pub title: String,
    /// Address.
    pub url: Link,
    /// Date of publication, as far as known.
    pub published_on: Option<PartialDate>,
}

/// Something won.
#[derive(Clone, Debug, PartialEq)]
pub struct Win {
    /// When.
    pub date: PartialDate,
    /// What.
    pub text: String,
    /// Where it is published.
    pub source: FactSource,
}

/// A place to get help.
#[derive(Clone, Debug, PartialEq)]
pub struct HelpLink {
    /// The words of the link.
    pub title: String,
    /// Address.
    pub url: Link,
}

/// A campaign file as far as it could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignReading {
    /// The campaign; `None` where what cannot be done without is missing: id, locale, title, petition text.
    pub campaign: Option<Campaign>,
    /// Everything in the file that is not as it should be. A defective optional part is left out, the rest stands.
    pub defects: Vec<Defect>,
}

const MEMBERS: [&str; 15] = [
    "id",
    "locale",
    "title",
    "summary",
    "petition_text",
    "asks",
    "controller",
    "privacy_url",
    "goal",
    "consent_updates",
    "thanks_title",
    "thanks_text",
    "facts",
    "wins",
    "help",
];

const LINK_ALLOWED: &str = "an https address";
const LINK_OR_PATH_ALLOWED: &str = "an https address, or a path on the widget's own site";
const DATE_ALLOWED: &str = "a date as YYYY-MM-DD";
const PARTIAL_DATE_ALLOWED: &str = "a date as YYYY, YYYY-MM or YYYY-MM-DD";

impl Campaign {
    /// Reads a campaign file.
    pub fn read(file: &Value) -> CampaignReading {
        let mut defects = Vec::new();
        let campaign = read_campaign(&mut Reader::new(file, &mut defects));
        CampaignReading { campaign, defects }
    }

    /// The facts that may be shown on that day, and those past their review date.
    pub fn facts_on(&self, today: Date) -> (Vec<&Fact>, Vec<&Fact>) {
        self.facts.iter().partition(|fact| today <= fact.review_by)
    }
}

fn read_campaign(reader: &mut Reader) -> Option<Campaign> {
    if !reader.object(&MEMBERS) {
        return None;
    }
    let id = reader.needed("id", "1 to 64 of a-z, 0-9 and -", CampaignId::parse);
    let locale = reader.needed("locale", "a language tag such as en or pt-BR", LanguageTag::parse);
    let title = reader.needed_text("title", LINE_MAX_CHARS);
    let summary = reader.text("summary", PARAGRAPH_MAX_CHARS);
    let petition_text = reader.paragraphs("petition_text", PARAGRAPH_MAX_CHARS);
    if petition_text.is_empty() {
        reader.defect("petition_text", "missing", "is missing; give a list of paragraphs".to_owned());
    }
    let asks = reader.paragraphs("asks", PARAGRAPH_MAX_CHARS);
    let controller = reader.text("controller", LINE_MAX_CHARS);
    let privacy_url = reader.parsed("privacy_url", LINK_OR_PATH_ALLOWED, Link::parse);
    let goal = reader.whole("goal", 1, GOAL_MAX);
    let consent_updates = reader.text("consent_updates", WORDING_MAX_CHARS);
    let thanks_title = reader.text("thanks_title", LINE_MAX_CHARS);
    let thanks_text = reader.text("thanks_text", PARAGRAPH_MAX_CHARS);
    let mut facts = Vec::new();
    reader.each("facts", |fact| facts.extend(read_fact(fact)));
    let mut wins = Vec::new();
    reader.each("wins", |win| wins.extend(read_win(win)));
    let mut help = Vec::new();
    reader.each("help", |link| help.extend(read_help(link)));
    // One way out, not one a member: each `?` would bring the dropping of everything above along.
    let (Some(id), Some(locale), Some(title), false) = (id, locale, title, petition_text.is_empty()) else {
        return None;
    };
    Some(Campaign {
        id,
        locale,
        title,
        summary,
        petition_text,
        asks,
        controller,
        privacy_url,
        goal,
        consent_updates,
        thanks_title,
        thanks_text,
        facts,
        wins,
        help,
    })
}

fn read_fact(reader: &mut Reader) -> Option<Fact> {
    if !reader.object(&["title", "figure", "figure_label", "text", "source", "review_by"]) {
        return None;
    }
    let title = reader.needed_text("title", LINE_MAX_CHARS);
    let figure = reader.text("figure", LINE_MAX_CHARS);
    let figure_label = reader.text("figure_label", LINE_MAX_CHARS);
    let text = reader.needed_text("text", PARAGRAPH_MAX_CHARS);
    let source = read_source(reader);
    let review_by = reader.needed("review_by", DATE_ALLOWED, Date::parse);
    let (Some(title), Some(text), Some(source), Some(review_by)) = (title, text, source, review_by) else {
        return None;
    };
    Some(Fact { title, figure, figure_label, text, source, review_by })
}

fn read_win(reader: &mut Reader) -> Option<Win> {
    if !reader.object(&["date", "text", "source"]) {
        return None;
    }
    let date = reader.needed("date", PARTIAL_DATE_ALLOWED, PartialDate::parse);
    let text = reader.needed_text("text", PARAGRAPH_MAX_CHARS);
    let source = read_source(reader);
    let (Some(date), Some(text), Some(source)) = (date, text, source) else { return None };
    Some(Win { date, text, source })
}

/// A claim without a source is not shown.
fn read_source(reader: &mut Reader) -> Option<FactSource> {
    if reader.lacks("source") {
        reader.defect("source", "missing", "is missing; give title and url".to_owned());
    }
    reader.child("source", |source| {
        if !source.object(&["title", "url", "published_on"]) {
            return None;
        }
        let title = source.needed_text("title", LINE_MAX_CHARS);
        let url = source.needed("url", LINK_ALLOWED, Link::parse_absolute);
        let published_on = source.parsed("published_on", PARTIAL_DATE_ALLOWED, PartialDate::parse);
        let (Some(title), Some(url)) = (title, url) else { return None };
        Some(FactSource { title, url, published_on })
    })
}

fn read_help(reader: &mut Reader) -> Option<HelpLink> {
    if !reader.object(&["title", "url"]) {
        return None;
    }
    let title = reader.needed_text("title", LINE_MAX_CHARS);
    let url = reader.needed("url", LINK_OR_PATH_ALLOWED, Link::parse);
    let (Some(title), Some(url)) = (title, url) else { return None };
    Some(HelpLink { title, url })
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
        assert_eq!(campaign.facts.len(), 1);
        assert_eq!(campaign.facts[0].source.published_on.unwrap().to_string(), "2018-11");
    }

    #[test]
    fn without_its_essentials_there_is_no_campaign_and_all_are_named() {
        let reading = read(r#"{"titel":"T","goal":0}"#);
        assert_eq!(reading.campaign, None);
        assert_eq!(pointers(&reading), ["/titel", "/id", "/locale", "/title", "/petition_text", "/goal"]);
        assert!(reading.defects[0].detail.contains("\"title\""));
    }

    #[test]
    fn what_is_no_object_is_no_campaign() {
        for json in ["null", "[]", "\"x\"", "1", r#"{"id":1,"locale":[],"title":{},"petition_text":"x"}"#] {
            let reading = read(json);
            assert!(reading.campaign.is_none() && !reading.defects.is_empty(), "{json}");
        }
    }

    #[test]
    fn a_fact_past_its_review_date_is_set_apart() {
        let campaign = read(SMALL).campaign.unwrap();
        let on = |day: &str| campaign.facts_on(Date::parse(day).unwrap());
        assert_eq!(on("2027-01-31").0.len(), 1);
        assert_eq!(on("2027-02-01").1[0].title, "F");
    }
}
