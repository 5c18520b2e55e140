//! The attribute table: every attribute of `<pledge-widget>` (on the script tag with `data-`), what it takes, what stands
//! when it is missing or wrong, and which member of the campaign file it overrules.
//!
//! From it come the parser below, the attribute reference, the JSON Schema of the campaign file, `custom-elements.json`
//! and the TypeScript types (see `reference.rs`). Nothing is documented twice.

use crate::resolve::Note;
use pledge_domain::campaign::{self, Sector};
use pledge_domain::limits::WORDING_MAX_CHARS;
use pledge_domain::schema::{At, Form, Shape};
use pledge_domain::text::{cut, holds, listed};
use pledge_domain::{CampaignId, FieldName, LaneName, Link, Need, Source, Value, words};

macro_rules! attributes {
    ($($name:ident = $text:literal, $member:literal, $shape:expr, $default:literal, $doc:literal;)*) => {
        /// Every attribute.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Attribute {
            $(#[doc = $doc] $name,)*
        }

        impl Attribute {
            /// Every attribute, in the order of the table.
            pub const ALL: &[Attribute] = &[$(Attribute::$name,)*];
            /// Their names, in the same order.
            pub const NAMES: &[&str] = &[$($text,)*];
            /// Their names with `_` for `-`: for most, the name of the member too, so that it stands in the Wasm once.
            pub const KEYS: &[&str] = &[$({
                const KEY: [u8; $text.len()] = snake($text);
                match str::from_utf8(&KEY) {
                    Ok(key) => key,
                    Err(_) => panic!("a name is plain ASCII"),
                }
            },)*];
            const MEMBERS: &[&str] = &[$($member,)*];
            const SHAPES: &[Shape] = &[$($shape,)*];

            /// The name, in kebab-case.
            pub fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }

            /// The member of the campaign file that it overrules; empty where there is none.
            pub fn member(self) -> &'static str {
                Self::MEMBERS[self as usize]
            }

            /// What it takes: what its member of the campaign file takes, or a shape of its own.
            pub fn shape(self) -> &'static Shape {
                campaign::shape(self.member()).unwrap_or(&Self::SHAPES[self as usize])
            }

            /// What stands where neither attribute nor campaign file says anything.
            pub fn default_text(self) -> &'static str {
                match self { $(Attribute::$name => $default,)* }
            }

            /// What it does.
            pub fn doc(self) -> &'static str {
                match self { $(Attribute::$name => $doc,)* }
            }
        }
    };
}

/// A name in kebab-case as one in snake_case.
const fn snake<const N: usize>(name: &str) -> [u8; N] {
    let (from, mut to, mut at) = (name.as_bytes(), [0; N], 0);
    while at < N {
        to[at] = if from[at] == b'-' { b'_' } else { from[at] };
        at += 1;
    }
    to
}

/// Whether that is the attribute of a key: the same but for `-` in the place of `_`.
fn is_named(name: &str, key: &str) -> bool {
    let same = |(of_name, of_key): (u8, u8)| of_name == if of_key == b'_' { b'-' } else { of_key };
    name.len() == key.len() && name.bytes().zip(key.bytes()).all(same)
}

words! {
    /// How the widget stands on the page.
    Layout {
        /// Form, facts and everything else.
        Full = "full",
        /// The form; facts unfold on request.
        Compact = "compact",
        /// A bar at the lower edge of the window that opens the rest in a dialog.
        Bar = "bar",
        /// A button that opens the rest in a dialog.
        Button = "button",
    }
}

/// What an attribute takes that has a member in the campaign file.
const AS_MEMBER: Shape = Shape::Flag;
attributes! {
    Campaign = "campaign", "", Shape::AsWritten(Form::CampaignId), "nothing; it is needed",
        "The campaign's id, as the campaign gave it to you. Texts and facts come from the campaign file of that name.";
    Endpoint = "endpoint", "endpoint", AS_MEMBER, "the site that pledge.js came from",
        "Where signatures are posted: the address of the signature server, or of the service that the backend names. A wrong \
         address switches signing off instead of sending signatures where nobody meant them to go.";
    Backend = "backend", "backend", AS_MEMBER, "pledge",
        "Who receives the signatures: our signature server, or a service that you use already. The guide to backends has \
         them all, each with what it needs.";
    BackendOptions = "backend-options", "backend_options", AS_MEMBER, "nothing",
        "What the backend needs to know: options as name: value, and under which of its names our fields go as ours = theirs, \
         or ours = - to leave one out. +name: value adds a value of your own.";
    Also = "also", "also", AS_MEMBER, "nobody else",
        "Who else is told once the backend has accepted a signature, one a line: backend and address, then a semicolon and \
         its options. Whether that works is never shown to supporters.";
    Source = "source", "", Shape::AsWritten(Form::Source), "no source",
        "A code for your organisation or page, such as example-clinic: make one up. It is stored with \
         each signature made on your page and carried by the links that supporters share.";
    Title = "title", "title", AS_MEMBER, "the campaign file's",
        "The heading.";
    Summary = "summary", "summary", AS_MEMBER, "the campaign file's",
        "The paragraph below the heading.";
    PledgeText = "pledge-text", "petition_text", AS_MEMBER, "the campaign file's",
        "The words that are signed. Each line is a paragraph.";
    ButtonLabel = "button-label", "button_label", AS_MEMBER, "“Sign the pledge”, in the visitor's language",
        "The words of the button.";
    ThanksTitle = "thanks-title", "thanks_title", AS_MEMBER, "“Thank you for signing”",
        "The heading after signing.";
    ThanksText = "thanks-text", "thanks_text", AS_MEMBER, "“Your signature has been recorded.”",
        "The paragraph after signing.";
    Goal = "goal", "goal", AS_MEMBER, "no bar",
        "The number of signatures at the end of the bar. Once nine tenths are reached, the next round number takes its \
         place.";
    NoCount = "no-count", "no_count", AS_MEMBER, "false",
        "Shows no number of signatures.";
    HideCountBelow = "hide-count-below", "hide_count_below", AS_MEMBER, "0",
        "Shows the number only once it is this high.";
    CountOffset = "count-offset", "count_offset", AS_MEMBER, "0",
        "Signatures on paper: added to the number, and said to be on paper.";
    Lanes = "lanes", "", Shape::List(&Shape::Word(LaneName::WORDS)), "every lane of the campaign file",
        "Which of the campaign's lanes your page offers, in this order. One lane shows no chooser.";
    Fields = "fields", "", Shape::AsWritten(Form::Needs), "as in the campaign file",
        "Makes fields required, optional or off. What the campaign requires stays required. Beside the campaign's own \
         fields there are name, email, postcode, country, phone, organisation, role, workplace, sector and comment.";
    Facts = "facts", "", Shape::List(&Shape::Word(FACTS)), "all",
        "Which facts to show: all, none, or those about some sectors.";
    Consent = "consent", "consent", AS_MEMBER, "checkbox",
        "How to ask about further e-mails: an unticked box, yes and no with neither chosen, or not at all.";
    ConsentText = "consent-text", "consent_text", AS_MEMBER, "nothing is asked",
        "The question about further e-mails. The words are stored with each answer.";
    ConsentTargetText = "consent-target-text", "consent_target_text", AS_MEMBER, "nothing is asked",
        "The question whether the supporter's name may be handed to the target of the campaign.";
    StatementText = "statement-text", "statement_text", AS_MEMBER, "a statement in the visitor's language",
        "The statement beside the button that explicitly consents to processing a political opinion. It is stored with \
         each signature.";
    StatementVersion = "statement-version", "statement_version", AS_MEMBER, "1",
        "The version of that statement, to change whenever the statement does.";
    OptInText = "opt-in-text", "", Shape::Text(WORDING_MAX_CHARS), "nothing is asked",
        "Your own opt-in, stored under your source; it needs one.";
    PrivacyUrl = "privacy-url", "privacy_url", AS_MEMBER, "no link",
        "The controller's privacy notice.";
    Controller = "controller", "controller", AS_MEMBER, "“the campaign that runs this pledge”",
        "Who decides about the signatures (data controller), as it reads in “Your details go to …”.";
    Lang = "lang", "", Shape::Form(Form::Language), "the page's language, then the browser's",
        "The language of the form and the campaign.";
    Theme = "theme", "theme", AS_MEMBER, "auto",
        "The colours: as the visitor's device asks, or always light or dark.";
    Accent = "accent", "accent", AS_MEMBER, "#4a2594",
        "The colour of buttons, links and figures. The text on it is black or white, whichever reads better; where the \
         colour itself would not read as text it is darkened or lightened until it does.";
    Radius = "radius", "radius", AS_MEMBER, "10",
        "How round the corners are, in CSS pixels.";
    Layout = "layout", "", Shape::Word(Layout::WORDS), "full",
        "How the widget stands on the page: everything, the form with facts to unfold, a bar at the lower edge of the \
         window, or a button. Bar and button open the rest in a dialog.";
    Share = "share", "share", AS_MEMBER, "every channel",
        "The ways to tell others after signing, in this order, or none. They are plain links: nothing of these services \
         is loaded.";
    ShareText = "share-text", "share_text", AS_MEMBER, "the title",
        "What supporters tell others.";
    ShareUrl = "share-url", "share_url", AS_MEMBER, "your page, without what stands after a question mark",
        "The address that supporters share. Your source is added to it.";
    RedirectUrl = "redirect-url", "redirect_url", AS_MEMBER, "no redirect",
        "Where the page goes once the signature is stored.";
    OpensAt = "opens-at", "opens_at", AS_MEMBER, "open already",
        "From when on it can be signed. A day means its first second in UTC.";
    ClosesAt = "closes-at", "closes_at", AS_MEMBER, "never",
        "Until when it can be signed. A day means its last second in UTC.";
    Load = "load", "", Shape::Word(&["visible", "eager"]), "visible",
        "When to load: as the widget comes near the screen, or at once.";
    Target = "target", "", Shape::Form(Form::Selector), "where the script tag stands",
        "Script tag only: where to put the widget.";
    Testing = "testing", "", Shape::Flag, "false",
        "Marks signatures as tests: stored, never counted.";
    Debug = "debug", "", Shape::Flag, "false",
        "Says in the console which configuration holds, anew after each change. Nothing that a supporter types.";
}

const FACTS: &[&str] = &["all", "none", "schools", "health", "police", "councils", "data"];

impl Attribute {
    /// What it takes, for a message: "use …".
    pub fn allowed(self) -> String {
        match self.shape() {
            Shape::List(Shape::Word(words)) => {
                // `none` is a word of its own where a list may be empty.
                let none = if self == Attribute::Share { ", or none" } else { "" };
                ["some of ", &listed(words.iter().copied()), none].concat()
            }
            Shape::List(items) => ["lines, each ", &items.allowed()].concat(),
            shape => shape.allowed(),
        }
    }
}

/// The attributes of one element, parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributes {
    /// See [`Attribute::Campaign`].
    pub campaign: Option<CampaignId>,
    /// See [`Attribute::Source`].
    pub source: Option<Source>,
    /// See [`Attribute::Lanes`]; empty for all of them.
    pub lanes: Vec<LaneName>,
    /// See [`Attribute::Fields`].
    pub needs: Vec<(FieldName, Need)>,
    /// See [`Attribute::Facts`]; `None` for all of them.
    pub facts: Option<Vec<Sector>>,
    /// See [`Attribute::OptInText`].
    pub opt_in_text: Option<String>,
    /// See [`Attribute::Layout`].
    pub layout: Layout,
    /// See [`Attribute::Testing`].
    pub testing: bool,
    /// See [`Attribute::Debug`].
    pub debug: bool,
    /// Members of the campaign file that attributes overrule, with the value that holds instead.
    pub over: Vec<(&'static str, Value)>,
}

/// Attributes that any HTML element may carry, so none of ours misspelt.
const GLOBAL: [&str; 16] = [
    "class",
    "id",
    "style",
    "slot",
    "part",
    "dir",
    "hidden",
    "role",
    "tabindex",
    "translate",
    "inert",
    "is",
    "nonce",
    "draggable",
    "popover",
    "async",
];

/// What our own scripts put on the element.
const OURS: [&str; 2] = ["failed", "yielding"];

fn is_global(name: &str) -> bool {
    OURS.contains(&name)
        || GLOBAL.contains(&name)
        || ["data-", "aria-", "on"].iter().any(|prefix| name.starts_with(prefix))
        || holds(name, ":")
}

impl Attributes {
    /// Reads an element's attributes, given as names with values, and tells what is wrong with them.
    pub fn read(given: &[(String, String)], tell: &mut impl FnMut(Note)) -> Attributes {
        let mut attributes = Attributes {
            campaign: None,
            source: None,
            lanes: Vec::new(),
            needs: Vec::new(),
            facts: None,
            opt_in_text: None,
            layout: Layout::Full,
            testing: false,
            debug: false,
            over: Vec::new(),
        };
        for (name, value) in given {
            match Attribute::KEYS.iter().position(|key| is_named(name, key)) {
                Some(at) => {
                    let attribute = Attribute::ALL[at];
                    if !attributes.set(attribute, value.trim()) {
                        tell(Note::NotAllowed(attribute, value));
                    }
                }
                None if is_global(name) => {}
                None => tell(Note::UnknownAttribute(name, value)),
            }
        }
        if attributes.campaign.is_none() {
            tell(Note::NoCampaign);
        }
        if attributes.opt_in_text.is_some() && attributes.source.is_none() {
            attributes.opt_in_text = None;
            tell(Note::OptInWithoutSource);
        }
        attributes
    }

    /// Takes one value; `false` where it is not allowed, and then what held before holds.
    #[inline(never)]
    fn set(&mut self, attribute: Attribute, text: &str) -> bool {
        let Some(value) = to_value(attribute.shape(), text) else { return false };
        let words = || words_of(&value);
        match attribute {
            Attribute::Campaign => taken(&mut self.campaign, CampaignId::parse(text)),
            Attribute::Source => taken(&mut self.source, Source::parse(text)),
            Attribute::Lanes => {
                // The shape has seen to it that each is one.
                let allowed = fits(attribute, &value);
                self.lanes.extend(words().filter_map(LaneName::parse).filter(|_| allowed));
                allowed && !self.lanes.is_empty()
            }
            Attribute::Fields => {
                for word in parts_of(text, |b| b == b',' || b.is_ascii_whitespace()) {
                    match parse_need(word) {
                        Some(need) => self.needs.push(need),
                        None => {
                            self.needs.clear();
                            break;
                        }
                    }
                }
                !self.needs.is_empty()
            }
            Attribute::Facts => {
                let mut sectors = Vec::new();
                sectors.extend(words().filter_map(Sector::parse));
                let allowed =
                    matches!(text, "all" | "none") || (!sectors.is_empty() && sectors.len() == words().count());
                if allowed && text != "all" {
                    self.facts = Some(sectors);
                }
                allowed
            }
            Attribute::OptInText => taken(&mut self.opt_in_text, fits(attribute, &value).then(|| text.to_owned())),
            Attribute::Layout => {
                let layout = Layout::parse(text);
                self.layout = layout.unwrap_or(self.layout);
                layout.is_some()
            }
            Attribute::Testing => flag(&mut self.testing, &value),
            Attribute::Debug => flag(&mut self.debug, &value),
            // The loader acts on these three; here they are only checked.
            Attribute::Lang | Attribute::Load | Attribute::Target => fits(attribute, &value),
            // Wrong ones stand as written, so that they are not taken for missing ones.
            Attribute::Backend => self.overrule(attribute, value, true, true),
            Attribute::Endpoint => self.overrule(attribute, value, Link::parse_absolute(text).is_some(), true),
            _ => {
                let allowed = fits(attribute, &value);
                self.overrule(attribute, value, allowed, false)
            }
        }
    }

    fn overrule(&mut self, attribute: Attribute, value: Value, allowed: bool, even_so: bool) -> bool {
        if allowed || even_so {
            self.over.push((attribute.member(), value));
        }
        allowed
    }

    /// The campaign file with what the attributes overrule.
    #[inline(never)]
    pub fn merged(&self, file: &Value) -> Value {
        let Value::Map(members) = file else { return file.clone() };
        let is_over = |name: &str| self.over.iter().any(|(over, _)| *over == name);
        let mut merged: Vec<_> = members.iter().filter(|(name, _)| !is_over(name)).cloned().collect();
        merged.extend(self.over.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Value::Map(merged)
    }
}

fn fits(attribute: Attribute, value: &Value) -> bool {
    let mut is_wrong = false;
    attribute.shape().read(value, &At::ROOT, &mut is_wrong).is_some() && !is_wrong
}

fn taken<T>(place: &mut Option<T>, parsed: Option<T>) -> bool {
    let is_some = parsed.is_some();
    if is_some {
        *place = parsed;
    }
    is_some
}

fn flag(place: &mut bool, value: &Value) -> bool {
    *place = matches!(value, Value::Bool(true));
    true
}

fn words_of(value: &Value) -> impl Iterator<Item = &str> {
    value.as_list().unwrap_or_default().iter().filter_map(Value::as_text)
}

/// `postcode:required`
fn parse_need(word: &str) -> Option<(FieldName, Need)> {
    let (name, need) = cut(word, |b| b == b':');
    Some((FieldName::parse(name)?, Need::parse(need?)?))
}

/// The text of an attribute as the value that its member of the campaign file would have.
#[inline(never)]
fn to_value(shape: &Shape, text: &str) -> Option<Value> {
    Some(match shape {
        Shape::Flag => match text {
            "" | "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return None,
        },
        Shape::Whole(..) => {
            let digits = (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            let number = text.bytes().fold(0_u64, |sum, b| sum.wrapping_mul(10).wrapping_add(u64::from(b & 15)));
            digits.then_some(Value::Number(number as f64))?
        }
        Shape::List(_) if text == "none" => Value::List(Vec::new()),
        // Some words; or lines, each a paragraph.
        Shape::List(items) => {
            let is_end =
                |b: u8| b == b'\n' || matches!(items, Shape::Word(_)) && (b == b',' || b.is_ascii_whitespace());
            let parts = parts_of(text, is_end);
            (!parts.is_empty()).then(|| Value::List(parts.into_iter().map(Value::text).collect()))?
        }
        _ => Value::text(text),
    })
}

/// The parts of a text between those ends, without white space around them and without empty ones.
fn parts_of(text: &str, is_end: impl Fn(u8) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (part, after) = cut(text, &is_end);
        parts.extend(Some(part.trim()).filter(|part| !part.is_empty()));
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests;
