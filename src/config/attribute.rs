//! The attribute table: every attribute of `<pledge-widget>` (on the script tag with `data-`), what it takes, what stands
//! when it is missing or wrong, and which member of the campaign file it overrules.
//!
//! From it come the parser (`attributes.rs`), the attribute reference, the JSON Schema of the campaign file, `custom-elements.json`
//! and the TypeScript types (see the room `site`). Nothing is documented twice.

use pledge_domain::limits::{LINE_MAX_CHARS, WORDING_MAX_CHARS};
use pledge_domain::schema::{Form, Shape};
use pledge_domain::text::listed;
use pledge_domain::{LaneName, campaign, words};

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
    LocationKeys = "location-keys", "", Shape::Text(LINE_MAX_CHARS), "none",
        "Which keys of the query name your page where its path does not, such as p for https://example.org/?p=42; # keeps a \
         fragment that is a path, such as #/campaign/3. They are stored with each signature as part of the page's address \
         and are part of the address that is shared. Where your page has a canonical link to its own site, that is taken.";
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
