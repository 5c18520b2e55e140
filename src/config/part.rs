//! The parts: nodes that a host page's style sheet reaches with `::part()`.

macro_rules! parts {
    ($($name:ident = $text:literal, $doc:literal;)*) => {
        /// A part. Its name is for good: pages rely on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Part { $(#[doc = $doc] $name,)* }

        impl Part {
            /// Every part.
            pub const ALL: &[Part] = &[$(Part::$name,)*];
            const NAMES: &[&str] = &[$($text,)*];

            /// The name.
            pub fn as_str(self) -> &'static str {
                Self::NAMES[self as usize]
            }

            /// What it is, for the attribute reference.
            pub fn doc(self) -> &'static str {
                match self { $(Part::$name => $doc,)* }
            }
        }
    };
}

parts! {
    Widget = "widget", "the whole widget";
    Head = "head", "heading and summary";
    Language = "language", "the list of languages";
    Title = "title", "the heading";
    Summary = "summary", "the paragraph below it";
    Petition = "petition", "the words that are signed, with what they ask for";
    Asks = "asks", "the list of what they ask for";
    Card = "card", "the box with count and form";
    Count = "count", "the number of signatures";
    Progress = "progress", "the bar towards the goal";
    AsOf = "as-of", "when the number was read, and how many are on paper";
    Form = "form", "the form";
    Lanes = "lanes", "the choice of the lane";
    Field = "field", "a field with its label, hint and error";
    Label = "label", "a label";
    Hint = "hint", "a hint";
    Error = "error", "an error beside a field";
    Input = "input", "an input, a list or a text area";
    Checkbox = "checkbox", "a box to tick";
    Radio = "radio", "a radio button";
    Consent = "consent", "a question that is answered with yes or no";
    Statement = "statement", "the statement beside the button";
    Button = "button", "the button that signs";
    Privacy = "privacy", "the line about the controller";
    Errors = "errors", "the list of errors above the form";
    Notice = "notice", "a message that something was not sent or cannot be done";
    Closed = "closed", "what stands in the form's place before it opens and after it has closed";
    Thanks = "thanks", "what stands in the form's place after signing";
    Share = "share", "the ways to tell others";
    ShareLink = "share-link", "one of them";
    ShareStatus = "share-status", "what became of copying";
    Qr = "qr", "the QR code";
    Facts = "facts", "the facts";
    Fact = "fact", "one fact";
    FactSummary = "fact-summary", "its heading, which unfolds it";
    Icon = "icon", "the sign of its sector";
    Figure = "figure", "its figure";
    Source = "source", "a source";
    Useful = "useful", "an answer to “Was this useful?”";
    Wins = "wins", "what has been won";
    Win = "win", "one of it";
    Help = "help", "where to get advice";
    Link = "link", "a link";
    Open = "open", "the button that opens the dialog";
    Bar = "bar", "the bar at the edge of the window";
    Dialog = "dialog", "the dialog";
    Close = "close", "the button that closes it";
}
