//! The fixed keys of the interface strings. Keys that contain the name of a field, an outcome or a plural category have
//! methods in `strings.rs`.

use pledge_domain::string_enum;
use pledge_domain::text::digits;

string_enum! {
    /// The key of an interface string, as written in the locale files. Its first word says where the string is shown.
    #[allow(missing_docs)]
    Key {
        LanguageLabel = "language.label",
        WhoBy = "who.by",
        WhoTarget = "who.target",
        CountNone = "count.none",
        CountHidden = "count.hidden",
        CountGoal = "count.goal",
        CountNextGoal = "count.next_goal",
        CountProgress = "count.progress",
        CountPaper = "count.paper",
        CountAsOf = "count.as_of",
        PetitionHeading = "petition.heading",
        PetitionMore = "petition.more",
        SignHeading = "sign.heading",
        SignButton = "sign.button",
        SignAgain = "sign.again",
        SignSending = "sign.sending",
        ErrorsHeading = "errors.heading",
        ErrorsPrefix = "errors.prefix",
        FieldOptional = "field.optional",
        FieldChoose = "field.choose",
        LaneHeading = "lane.heading",
        LaneIndividual = "lane.individual",
        LaneProfessional = "lane.professional",
        LaneOrganisation = "lane.organisation",
        ConsentYes = "consent.yes",
        ConsentNo = "consent.no",
        StatementText = "statement.text",
        StatementVersion = "statement.version",
        PrivacyText = "privacy.text",
        PrivacyLink = "privacy.link",
        StatusSending = "status.sending",
        StatusSigned = "status.signed",
        NotSentHeading = "not_sent.heading",
        UnconfirmedHeading = "unconfirmed.heading",
        NotSentWait = "not_sent.wait",
        NotSentWaiting = "not_sent.waiting",
        RefusedHeading = "refused.heading",
        RefusedLink = "refused.link",
        ThanksHeading = "thanks.heading",
        ThanksText = "thanks.text",
        ThanksTesting = "thanks.testing",
        ThanksOnward = "thanks.onward",
        ShareHeading = "share.heading",
        ShareSentence = "share.sentence",
        ShareMore = "share.more",
        ShareQrLabel = "share.qr_label",
        ShareNoQr = "share.no_qr",
        ShareCopied = "share.copied",
        ShareNotCopied = "share.not_copied",
        ShareInstance = "share.instance",
        ShareNoInstance = "share.no_instance",
        ShareGo = "share.go",
        ShareReceipt = "share.receipt",
        ShareReceiptText = "share.receipt_text",
        NotYetHeading = "not_yet.heading",
        NotYetText = "not_yet.text",
        ClosedHeading = "closed.heading",
        ClosedText = "closed.text",
        FactsHeading = "facts.heading",
        FactsSource = "facts.source",
        UsefulQuestion = "useful.question",
        UsefulYes = "useful.yes",
        UsefulNo = "useful.no",
        UsefulThanks = "useful.thanks",
        AsksHeading = "asks.heading",
        WinsHeading = "wins.heading",
        HelpHeading = "help.heading",
        LinkNewTab = "link.new_tab",
        DialogClose = "dialog.close",
        UnavailableText = "unavailable.text",
        UnavailableSign = "unavailable.sign",
        UnavailableLink = "unavailable.link",
        UnverifiedHeading = "unverified.heading",
        UnverifiedText = "unverified.text",
        PendingHeading = "pending.heading",
        PendingText = "pending.text",
        ElsewhereText = "elsewhere.text",
        ElsewhereLink = "elsewhere.link",
        PostcodeHalf = "postcode.half",
        PostcodeFirstHalf = "postcode.first_half",
    }
}

impl Key {
    /// Returns the key in the locale files of a release: the position in this list. The names are only for people, and
    /// pages would load each twice, with the strings and in the Wasm module.
    pub fn released(self) -> String {
        digits(self as u64)
    }
}

/// Returns the name of a string in the locale files of a release. Only the names in [`Key`] change, also after `send.`.
pub fn released_name(name: &str) -> String {
    let (prefix, base) = name.strip_prefix("send.").map_or(("", name), |base| ("send.", base));
    [prefix, &Key::parse(base).map_or_else(|| base.to_owned(), Key::released)].concat()
}
