//! A real mail server, and the emails that it has accepted.

use crate::{PATIENCE, eventually, root};
use mail_parser::{MessageParser, MimeHeaders};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A mail server as a process. It accepts every email except to addresses that begin with `full`, `gone` or `busy`.
pub struct MailServer {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
    is_tls: bool,
}

/// An email that a mail server has accepted.
#[derive(Clone, Debug)]
pub struct Email {
    /// The address it was sent to.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// Everything, as it was sent.
    pub raw: String,
}

impl Email {
    fn read(path: &Path) -> Email {
        let bytes = fs::read(path).expect("the email");
        let message = MessageParser::default().parse(&bytes).expect("an email");
        assert!(message.parts.iter().all(|part| part.attachment_name().is_none()), "no attachments");
        let to = message.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default();
        Email {
            to: to.to_owned(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: message.body_html(0).unwrap_or_default().into_owned(),
            raw: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Returns the address in the text that contains a path.
    pub fn link(&self, path: &str) -> String {
        let link = self.text.split_whitespace().find(|word| word.contains(path));
        link.unwrap_or_else(|| panic!("no {path} in {}", self.text)).to_owned()
    }
}

impl MailServer {
    /// Starts a mail server on a free port, without TLS.
    pub fn start() -> MailServer {
        MailServer::start_with(false)
    }

    /// Starts a mail server on a free port. With TLS, its certificate is valid for `localhost` to those who trust
    /// [`MailServer::certificate`].
    pub fn start_with(is_tls: bool) -> MailServer {
        let folder = tempfile::tempdir().expect("a folder for the mail server");
        let mut server = MailServer { folder, port: 0, child: None, is_tls };
        if is_tls {
            server.make_certificate();
        }
        server.restart();
        server
    }

    /// Starts it again, on the same port.
    pub fn restart(&mut self) {
        let mut command = Command::new("node");
        command.arg(root().join("tests/mail-server.mjs")).arg(root().join("target/mail/node_modules"));
        command.arg(self.folder.path()).arg(self.port.to_string());
        if self.is_tls {
            command.arg(self.folder.path().join("key.pem")).arg(self.certificate());
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("node");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its port");
        self.port = line.trim().parse().expect("a port; `cargo xtask test` installs the mail server");
        self.child = Some(child);
    }

    /// Stops it.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().and_then(|()| child.wait()).expect("it can be stopped");
        }
    }

    /// Returns the options with which the server sends its emails here.
    pub fn options(&self) -> Vec<String> {
        let scheme = if self.is_tls { "smtps" } else { "smtp" };
        let url = format!("{scheme}://localhost:{}", self.port);
        let from = "Pledge team <team@example.org>".to_owned();
        vec!["--smtp-url".to_owned(), url, "--mail-from".to_owned(), from]
    }

    /// Returns the path of the certificate of the authority that its own certificate is from.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    fn make_certificate(&self) {
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
        command.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout"]);
        command
            .arg(self.folder.path().join("key.pem"))
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-out")
            .arg(self.certificate());
        assert!(command.stderr(Stdio::null()).status().expect("openssl").success());
    }

    /// Returns the emails so far, oldest first.
    pub fn emails(&self) -> Vec<Email> {
        let files = fs::read_dir(self.folder.path()).expect("its folder").map(|file| file.expect("a file").path());
        let mut paths: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|kind| kind == "eml")).collect();
        paths.sort();
        paths.iter().map(|path| Email::read(path)).collect()
    }

    /// Waits until there are so many emails, and returns the last one.
    pub async fn email(&self, number: usize) -> Email {
        let arrived = async || (self.emails().len() >= number).then(|| self.emails());
        let emails = eventually(&format!("email {number} arrives"), PATIENCE, arrived).await;
        assert_eq!(emails.len(), number, "{emails:?}");
        emails[number - 1].clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.stop();
    }
}
