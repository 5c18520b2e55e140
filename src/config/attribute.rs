//! The attribute table: every attribute of `<pledge-widget>` (with `data-` on the script tag), the values it accepts,
//! its default, and the member of the campaign file that it overrides.
//!
//! The table is the single source for the parser (`attributes.rs`), the attribute reference, the JSON Schema of the
//! campaign file, `custom-elements.json` and the TypeScript types (see the room `site`).

use pledge_domain::limits::{LINE_MAX_CHARS, WORDING_MAX_CHARS};
use pledge_domain::schema::{Format, Shape};
use pledge_domain::text::comma_separated;
use pledge_domain::{LaneName, campaign, string_enum};

macro_rules! attributes {
    ($($name:ident = $text:literal, $member:literal, $shape:expr, $default:literal, $doc:literal;)*) => {
        /// Every attribute.
        #[allow(rustdoc::bare_urls, reason = "the texts are for the attribute reference, which has no such syntax")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Attribute {
            $(#[doc = $doc] $name,)*
        }

        impl Attribute {
            /// Every attribute, in the order of the table.
            pub const ALL: &[Attribute] = &[$(Attribute::$name,)*];
            /// The name of each attribute, in the same order.
            pub const NAMES: &[&str] = &[$($text,)*];
            /// The names with `_` instead of `-`. Most are also the name of the member, so that the Wasm file contains
            /// the string only once.
            pub const KEYS: &[&str] = &[$({
                const KEY: [u8; $text.len()] = snake($text);
                match str::from_utf8(&KEY) {
                    Ok(key) => key,
                    Err(_) => panic!("a name is plain ASCII"),
                }
            },)*];
            const MEMBERS: &[&str] = &[$($member,)*];
            const SHAPES: &[Shape] = &[$($shape,)*];

            /// Returns the name, in kebab-case.
            pub fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }

            /// Returns the member of the campaign file that this attribute overrides, or an empty string.
            pub fn member(self) -> &'static str {
                Self::MEMBERS[self as usize]
            }

            /// Returns the shape of the value: the shape of the member in the campaign file, or one from this table.
            pub fn shape(self) -> &'static Shape {
                campaign::shape(self.member()).unwrap_or(&Self::SHAPES[self as usize])
            }

            /// Describes the default, which applies if neither the attribute nor the campaign file sets a value.
            pub fn default_text(self) -> &'static str {
                match self { $(Attribute::$name => $default,)* }
            }

            /// Describes the attribute.
            pub fn doc(self) -> &'static str {
                match self { $(Attribute::$name => $doc,)* }
            }
        }
    };
}

/// Converts a name from kebab-case to snake_case.
const fn snake<const N: usize>(name: &str) -> [u8; N] {
    let (from, mut to, mut at) = (name.as_bytes(), [0; N], 0);
    while at < N {
        to[at] = if from[at] == b'-' { b'_' } else { from[at] };
        at += 1;
    }
    to
}

string_enum! {
    /// How the widget appears on the page.
    Layout {
        /// Form, facts and everything else.
        Full = "full",
        /// The form, with facts that unfold.
        Compact = "compact",
        /// A bar at the bottom of the window that opens the rest in a dialog.
        Bar = "bar",
        /// A button that opens the rest in a dialog.
        Button = "button",
    }
}

/// A placeholder for attributes that take their shape from their member of the campaign file.
const SAME_AS_MEMBER: Shape = Shape::Boolean;
attributes! {
    Campaign = "campaign", "", Shape::AnyText(Format::CampaignId), "none; it is required",
        "The campaign’s id. The campaign gives you this id. Texts and facts come from the campaign file with the same \
         name.";
    Endpoint = "endpoint", "endpoint", SAME_AS_MEMBER, "the site that pledge.js is loaded from",
        "The address that signatures are sent to: the signature server, or the service of the backend. If the address \
         is not valid, signing is switched off, so that no signatures go to the wrong place.";
    Backend = "backend", "backend", SAME_AS_MEMBER, "pledge",
        "What receives the signatures: the Pledge signature server, or a service that you already use. The guide to \
         backends lists them all, with what each one needs.";
    BackendOptions = "backend-options", "backend_options", SAME_AS_MEMBER, "none",
        "Settings for the backend. Write name: value to set an option, field = name to send a field under the \
         service’s own name for it, field = - to leave a field out, and +name: value to add a fixed value.";
    Also = "also", "also", SAME_AS_MEMBER, "none",
        "Other backends that also receive each signature, after the main backend has accepted it. Write one per line: \
         the backend and its address, then a semicolon and its options. Supporters do not see whether this works.";
    Source = "source", "", Shape::AnyText(Format::Source), "none",
        "A code for your organisation or page, such as example-clinic. You choose it. It is stored with each signature \
         made on your page, and added to the links that supporters share.";
    Title = "title", "title", SAME_AS_MEMBER, "the title in the campaign file",
        "The heading.";
    Summary = "summary", "summary", SAME_AS_MEMBER, "the summary in the campaign file",
        "The paragraph below the heading.";
    PledgeText = "pledge-text", "petition_text", SAME_AS_MEMBER, "the text in the campaign file",
        "The text that people sign. Each line is a paragraph.";
    ButtonLabel = "button-label", "button_label", SAME_AS_MEMBER, "“Sign the pledge”, in the visitor’s language",
        "The text on the button.";
    ThanksTitle = "thanks-title", "thanks_title", SAME_AS_MEMBER, "“Thank you for signing”",
        "The heading after signing.";
    ThanksText = "thanks-text", "thanks_text", SAME_AS_MEMBER, "“Your signature has been recorded.”",
        "The paragraph after signing.";
    TargetName = "target-name", "target_name", SAME_AS_MEMBER, "not shown",
        "Who the pledge is addressed to, such as “the Home Secretary”. The line “To: …” appears above the pledge.";
    LogoUrl = "logo-url", "logo_url", SAME_AS_MEMBER, "the name of the data controller, as text",
        "The organiser’s logo: an image on the widget’s own site, such as /images/logo.svg. It is shown at most 40 \
         pixels high, and the name of the data controller is its text for people who do not see it.";
    ImageUrl = "image-url", "image_url", SAME_AS_MEMBER, "no picture",
        "A picture above the title: an image on the widget’s own site, such as /images/march.jpg. Wide pictures work \
         best: it is cropped to a ratio of 3 to 1.";
    ImageAlt = "image-alt", "image_alt", SAME_AS_MEMBER, "decoration, which screen readers skip",
        "What the picture shows, for people who do not see it.";
    Goal = "goal", "goal", SAME_AS_MEMBER, "no progress bar",
        "The number of signatures that the campaign aims for. The progress bar shows the next step on the way there \
         (100, 250, 500, 1,000, …), and moves on once nine tenths of a step are reached. It appears once there is some \
         progress to show.";
    NoCount = "no-count", "no_count", SAME_AS_MEMBER, "false",
        "Hides the number of signatures.";
    HideCountBelow = "hide-count-below", "hide_count_below", SAME_AS_MEMBER, "0",
        "Hides the number of signatures until it reaches this number. Until then, the form invites people to be one of \
         the first to sign.";
    CountOffset = "count-offset", "count_offset", SAME_AS_MEMBER, "0",
        "The number of signatures on paper. It is added to the count, and the widget says how many are on paper.";
    Lanes = "lanes", "", Shape::List(&Shape::OneOf(LaneName::WORDS)), "all lanes in the campaign file",
        "The lanes that your page offers, in this order. If there is only one, supporters do not need to choose.";
    Fields = "fields", "", Shape::AnyText(Format::Needs), "as in the campaign file",
        "Makes fields required, optional or off. Fields that the campaign requires stay required. As well as the \
         campaign’s own fields, you can use name, email, postcode, country, phone, organisation, role, workplace, \
         sector and comment.";
    Facts = "facts", "", Shape::List(&Shape::OneOf(FACTS)), "all",
        "Which facts to show: all, none, or those about certain sectors.";
    Consent = "consent", "consent", SAME_AS_MEMBER, "checkbox",
        "How to ask about further emails: a box that is not ticked, a yes or no choice with neither selected, or not \
         at all.";
    ConsentText = "consent-text", "consent_text", SAME_AS_MEMBER, "no question",
        "The question about further emails. The wording is stored with each answer.";
    ConsentTargetText = "consent-target-text", "consent_target_text", SAME_AS_MEMBER, "no question",
        "The question whether the supporter’s name may be passed on to the campaign’s target.";
    StatementText = "statement-text", "statement_text", SAME_AS_MEMBER, "a statement in the visitor’s language",
        "The statement beside the button. By signing, supporters explicitly consent to the processing of a political \
         opinion. The statement is stored with each signature.";
    StatementVersion = "statement-version", "statement_version", SAME_AS_MEMBER, "2",
        "The version of the statement. Change it whenever you change the statement.";
    OptInText = "opt-in-text", "", Shape::Text(WORDING_MAX_CHARS), "no question",
        "Your own opt-in question. Answers are stored under your source, so you must also set source.";
    PrivacyUrl = "privacy-url", "privacy_url", SAME_AS_MEMBER, "no link",
        "The address of the controller’s privacy notice.";
    Controller = "controller", "controller", SAME_AS_MEMBER, "“the campaign that runs this pledge”",
        "The organisation that decides how signatures are used (the data controller). The form shows it in “Your \
         details go to …”.";
    Lang = "lang", "", Shape::Format(Format::Language), "the page’s language, then the browser’s",
        "The language of the form and the campaign.";
    Theme = "theme", "theme", SAME_AS_MEMBER, "auto",
        "The colours: light, dark, or those of your page. If your page sets the CSS property color-scheme, auto \
         follows it, and with color-scheme: light dark also the setting of the visitor’s device. Otherwise auto is \
         light.";
    Accent = "accent", "accent", SAME_AS_MEMBER, "#4a2594",
        "The colour of buttons, links and figures. Text on this colour is black or white, whichever is easier to read. \
         Where the colour is used for text, it is darkened or lightened if needed, so that the text is readable.";
    Radius = "radius", "radius", SAME_AS_MEMBER, "10",
        "The radius of the corners, in CSS pixels.";
    Layout = "layout", "", Shape::OneOf(Layout::WORDS), "full",
        "How the widget appears on the page: everything, the form with facts that unfold, a bar at the bottom of the \
         window, or a button. The bar and the button open the rest in a dialog.";
    Share = "share", "share", SAME_AS_MEMBER, "all channels",
        "The ways to share the pledge after signing, in this order, or none. They are plain links: nothing is loaded \
         from these services.";
    ShareText = "share-text", "share_text", SAME_AS_MEMBER, "the title",
        "The text that supporters share.";
    ShareUrl = "share-url", "share_url", SAME_AS_MEMBER, "the address of your page, without its query",
        "The address that supporters share. Your source is added to it.";
    LocationKeys = "location-keys", "", Shape::Text(LINE_MAX_CHARS), "none",
        "The keys in the query that identify your page if its path does not, such as p for https://example.org/?p=42. \
         Add # to keep a fragment that is a path, such as #/campaign/3. These keys are stored with each signature as \
         part of the page’s address, and are part of the address that supporters share. If your page has a canonical \
         link to its own site, that link is used instead.";
    RedirectUrl = "redirect-url", "redirect_url", SAME_AS_MEMBER, "no redirect",
        "The page to go to once the signature is stored.";
    OpensAt = "opens-at", "opens_at", SAME_AS_MEMBER, "already open",
        "When signing opens. A date means the first second of that day in UTC.";
    ClosesAt = "closes-at", "closes_at", SAME_AS_MEMBER, "never",
        "When signing closes. A date means the last second of that day in UTC.";
    Load = "load", "", Shape::OneOf(&["visible", "eager"]), "visible",
        "When to load the widget: when it is close to the visible part of the page, or immediately.";
    Target = "target", "", Shape::Format(Format::Selector), "the position of the script tag",
        "Script tag only: where to put the widget.";
    Testing = "testing", "", Shape::Boolean, "false",
        "Marks signatures as tests. They are stored, but never counted.";
    Debug = "debug", "", Shape::Boolean, "false",
        "Writes the configuration to the console, and writes it again after each change. Never writes anything that a \
         supporter types.";
}

const FACTS: &[&str] = &["all", "none", "schools", "health", "police", "councils", "data"];

impl Attribute {
    /// Describes the allowed values, for messages that begin with "use …".
    pub fn allowed(self) -> String {
        match self.shape() {
            Shape::List(Shape::OneOf(words)) => {
                // `none` stands for an empty list.
                let none = if self == Attribute::Share { ", or none" } else { "" };
                ["some of ", &comma_separated(words.iter().copied()), none].concat()
            }
            Shape::List(items) => ["lines, each ", &items.allowed()].concat(),
            shape => shape.allowed(),
        }
    }
}
