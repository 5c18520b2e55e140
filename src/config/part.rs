//! The parts: elements that a host page can style with `::part()`.

macro_rules! parts {
    ($($name:ident = $text:literal, $doc:literal;)*) => {
        /// A part. The names must never change, because host pages rely on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Part { $(#[doc = $doc] $name,)* }

        impl Part {
            /// Every part.
            pub const ALL: &[Part] = &[$(Part::$name,)*];
            const NAMES: &[&str] = &[$($text,)*];

            /// Returns the name.
            pub fn as_str(self) -> &'static str {
                Self::NAMES[self as usize]
            }

            /// Describes the part, for the attribute reference.
            pub fn doc(self) -> &'static str {
                match self { $(Part::$name => $doc,)* }
            }
        }
    };
}

parts! {
    Widget = "widget", "the whole widget";
    Head = "head", "who asks, heading and summary";
    Image = "image", "the picture";
    Organiser = "organiser", "the name of the organiser";
    Logo = "logo", "the organiser’s logo";
    Language = "language", "the list of languages";
    Title = "title", "the heading";
    Summary = "summary", "the paragraph below the heading";
    Petition = "petition", "the text that people sign, with the list of demands";
    Target = "target", "who the pledge is addressed to";
    Unfold = "unfold", "the button that unfolds a long pledge";
    Asks = "asks", "the list of demands";
    Card = "card", "the box that contains the count and the form";
    Count = "count", "the number of signatures";
    Progress = "progress", "the progress bar";
    AsOf = "as-of", "the time of the count, and how many signatures are on paper";
    Form = "form", "the form";
    Lanes = "lanes", "the choice of lanes";
    Field = "field", "a field with its label, hint and error";
    Label = "label", "a label";
    Hint = "hint", "a hint";
    Error = "error", "the error message of a field";
    Input = "input", "an input, a list box or a text area";
    Checkbox = "checkbox", "a checkbox";
    Radio = "radio", "a radio button";
    Consent = "consent", "a consent question";
    Statement = "statement", "the statement beside the button";
    Button = "button", "the button that submits the form";
    Privacy = "privacy", "the text that names the controller";
    Errors = "errors", "the list of errors above the form";
    Notice = "notice", "a message about a problem, for example that the signature was not sent";
    Closed = "closed", "the text shown instead of the form before the campaign opens and after it closes";
    Thanks = "thanks", "the content shown instead of the form after signing";
    Share = "share", "the list of share links";
    ShareLink = "share-link", "a share link";
    ShareMore = "share-more", "the heading that unfolds more ways to share";
    ShareStatus = "share-status", "the message that says whether the address was copied";
    Qr = "qr", "the QR code";
    Facts = "facts", "the facts";
    Fact = "fact", "one fact";
    FactSummary = "fact-summary", "the heading that unfolds a fact";
    Icon = "icon", "the icon of a fact's sector";
    Figure = "figure", "the figure of a fact";
    Source = "source", "the source of a fact";
    Useful = "useful", "an answer to “Was this useful?”";
    Wins = "wins", "the list of wins";
    Win = "win", "a win";
    Help = "help", "where to get advice";
    Link = "link", "a link";
    Open = "open", "the button that opens the dialog";
    Bar = "bar", "the bar at the bottom of the window";
    Dialog = "dialog", "the dialog";
    Close = "close", "the button that closes it";
}
