//! What an email says. It is neutral: someone who sees it on a locked screen does not learn what it is about.

use crate::words::Words;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use maud::{DOCTYPE, html};

/// What an email is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To confirm that the mailbox is the supporter's.
    Confirm,
    /// To replace the answers of a mailbox that has signed before.
    Again,
}

/// An email to be written.
pub struct Letter<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// The title of the campaign, if the campaign allows the subject to name it.
    pub campaign: Option<&'a str>,
    /// The address that the link to press leads to.
    pub link: String,
    /// The page on which the supporter sees, changes and deletes what is stored.
    pub my: String,
    /// Whom to write to with questions.
    pub contact: Option<&'a str>,
}

impl Letter<'_> {
    /// Writes the email in the words of a language, as plain text and as HTML.
    ///
    /// # Errors
    /// Returns an error if the address cannot be used in an email.
    pub fn write(&self, words: &Words, from: &Mailbox, to: &str) -> Result<Message, lettre::error::Error> {
        let to = address(to).ok_or(lettre::error::Error::EmailMissingAt)?;
        let subject = words.get(self.key("subject"));
        let subject = self.campaign.map_or_else(|| subject.to_owned(), |title| format!("{title}: {subject}"));
        let mut builder = Message::builder().from(from.clone()).to(Mailbox::new(None, to)).subject(subject);
        builder = builder.message_id(Some(message_id(from)));
        for (name, value) in [
            // RFC 3834: no holiday notice answers it.
            ("Auto-Submitted", "auto-generated".to_owned()),
            // RFC 8058: a mail program may show a button that stops further emails.
            ("List-Unsubscribe", format!("<{}/unsubscribe>", self.my)),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        ] {
            let name =
                HeaderName::new_from_ascii(name.to_owned()).map_err(|_| lettre::error::Error::CannotParseFilename)?;
            builder = builder.raw_header(HeaderValue::new(name, value));
        }
        let plain = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(self.text(words));
        let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(self.html(words));
        builder.multipart(MultiPart::alternative().singlepart(plain).singlepart(html))
    }

    fn key(&self, part: &str) -> &'static str {
        match (self.purpose, part) {
            (Purpose::Confirm, "subject") => "mail.confirm_subject",
            (Purpose::Confirm, "text") => "mail.confirm_text",
            (Purpose::Confirm, _) => "mail.confirm_ignore",
            (Purpose::Again, "subject") => "mail.again_subject",
            (Purpose::Again, "text") => "mail.again_text",
            (Purpose::Again, _) => "mail.again_ignore",
        }
    }

    fn closing(&self, words: &Words) -> String {
        let contact = self.contact.map(|contact| words.fill("mail.contact", &[("contact", contact)]));
        [Some(words.get("mail.automatic").to_owned()), contact].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn text(&self, words: &Words) -> String {
        [
            words.get(self.key("text")),
            &self.link,
            &format!("{} {}", words.get("mail.expires"), words.get(self.key("ignore"))),
            words.get("mail.my_text"),
            &self.my,
            &self.closing(words),
        ]
        .join("\n\n")
    }

    fn html(&self, words: &Words) -> String {
        let (lang, dir) = words.language();
        html! {
            (DOCTYPE)
            html lang=(lang) dir=(dir) {
                head { meta charset="utf-8"; title { (words.get(self.key("subject"))) } }
                body {
                    p { (words.get(self.key("text"))) }
                    p { a href=(self.link) { bdi { (self.link) } } }
                    p { (words.get("mail.expires")) " " (words.get(self.key("ignore"))) }
                    p { (words.get("mail.my_text")) }
                    p { a href=(self.my) { bdi { (self.my) } } }
                    p { (self.closing(words)) }
                }
            }
        }
        .into_string()
    }
}

/// Returns an address with its domain in ASCII, which every mail server understands.
fn address(typed: &str) -> Option<Address> {
    let (local, domain) = typed.rsplit_once('@')?;
    Address::new(local, idna::domain_to_ascii(domain).ok()?).ok()
}

/// Returns a new id in the sender's own domain, so that nothing about the machine is in it (RFC 5322, 3.6.4).
fn message_id(from: &Mailbox) -> String {
    let mut random = [0; 16];
    // Without random numbers the id is not unique, which harms nobody.
    #[expect(clippy::disallowed_methods, reason = "the id is random")]
    let _ = getrandom::fill(&mut random);
    format!("<{}@{}>", pledge_domain::text::hex(&random), from.email.domain())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(purpose: Purpose, campaign: Option<&'static str>) -> Letter<'static> {
        let base = "https://pledge.example.org";
        let (link, my) = (format!("{base}/confirm/a-code"), format!("{base}/my/another-code"));
        Letter { purpose, campaign, link, my, contact: Some("help@example.org") }
    }

    fn written(letter: &Letter, locale: &str) -> String {
        let from = "Team <team@example.org>".parse().unwrap();
        String::from_utf8(letter.write(Words::of(locale), &from, "ana@example.org").unwrap().formatted()).unwrap()
    }

    #[test]
    fn it_has_both_forms_and_says_that_it_is_automatic() {
        let mail = written(&letter(Purpose::Confirm, None), "en");
        for part in [
            "To: ana@example.org",
            "From: Team <team@example.org>",
            "Subject: Please confirm your email address",
            "Auto-Submitted: auto-generated",
            "List-Unsubscribe: <https://pledge.example.org/my/another-code/unsubscribe>",
            "text/plain",
            "text/html",
            "@example.org>",
            "Date: ",
        ] {
            assert!(mail.contains(part), "{part} is missing: {mail}");
        }
    }

    #[test]
    fn the_subject_names_the_campaign_only_if_it_may() {
        let subject = |campaign| {
            let mail = written(&letter(Purpose::Again, campaign), "en");
            mail.lines().find(|line| line.starts_with("Subject:")).unwrap().to_owned()
        };
        assert_eq!(subject(None), "Subject: You have filled in this form before");
        assert_eq!(subject(Some("Care")), "Subject: Care: You have filled in this form before");
    }

    #[test]
    fn a_line_break_in_a_title_adds_no_header() {
        let mail = written(&letter(Purpose::Confirm, Some("A\r\nBcc: x@example.org")), "en");
        assert!(!mail.lines().any(|line| line.starts_with("Bcc:")), "{mail}");
    }

    #[test]
    fn a_domain_in_any_script_can_be_reached() {
        let from = "team@example.org".parse().unwrap();
        let mail = letter(Purpose::Confirm, None).write(Words::of("en"), &from, "ana@m\u{fc}nchen.example").unwrap();
        assert!(String::from_utf8(mail.formatted()).unwrap().contains("To: ana@xn--mnchen-3ya.example"));
        assert!(letter(Purpose::Confirm, None).write(Words::of("en"), &from, "nobody").is_err());
    }

    #[test]
    fn right_to_left_languages_are_marked() {
        let html = letter(Purpose::Confirm, None).html(Words::of("ar"));
        assert!(html.contains("<html lang=\"ar\" dir=\"rtl\">"), "{html}");
    }
}
