//! The signature server as a process that tests can start, stop and kill.

use crate::{PATIENCE, root};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use tempfile::TempDir;

/// The campaign that the tests sign.
pub const CAMPAIGN: &str = "care-dont-share";

/// The program with the site and the widget inside; `cargo xtask test` builds it.
const BUNDLE: &str = "target/bundle/pledge-server";

/// A server with its own data folder and its own copy of the public site.
pub struct Server {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
    options: Vec<String>,
    program: PathBuf,
    /// Commands of a shell that limit what the server may use, such as `ulimit -n 64`.
    pub limits: String,
}

impl Server {
    /// Starts a server on a free port, with a copy of the public site that a test may change.
    pub async fn start() -> Server {
        Server::start_with(&[]).await
    }

    /// Starts a server as `start` does, with more command-line options.
    pub async fn start_with(options: &[&str]) -> Server {
        let mut server = Server::prepare(options);
        server.restart().await;
        server
    }

    /// Returns a server that has not been started yet.
    pub fn prepare(options: &[&str]) -> Server {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let folder = tempfile::tempdir().expect("a folder for the server");
        copy(&root().join("www"), &folder.path().join("www"));
        let program = root().join("target/debug/pledge-server");
        Server { folder, port: 0, child: None, options, program, limits: String::new() }
    }

    /// Starts the server that has the site and the widget inside, in an empty folder.
    pub async fn start_bundle(options: &[&str]) -> Server {
        let mut server = Server::prepare(options);
        server.program = root().join(BUNDLE);
        fs::remove_dir_all(server.www()).expect("the copy of the site");
        server.restart().await;
        server
    }

    /// Returns the server's program with one of its commands, and the limits.
    pub fn command(&self, command: &str) -> Command {
        let mut shell = Command::new("bash");
        shell.arg("-c").arg(format!("{}\nexec \"$0\" \"$@\"", self.limits)).arg(&self.program).arg(command);
        shell
    }

    /// Starts the server again, on the same port with the same data, and waits until it accepts connections.
    pub async fn restart(&mut self) {
        assert!(self.try_restart().await, "the server did not start: {}", self.log());
    }

    /// Starts the server as [`Server::restart`] does. Returns `false` if it exits instead.
    pub async fn try_restart(&mut self) -> bool {
        let log = File::options().create(true).append(true).open(self.log_path()).expect("the log file");
        let mut command = self.command("serve");
        command.arg("--listen").arg(format!("127.0.0.1:{}", self.port));
        command.arg("--data").arg(self.data()).args(&self.options).current_dir(self.folder.path());
        if !self.program.ends_with(BUNDLE) {
            command.arg("--www").arg(self.www()).arg("--dist").arg(root().join("target/dist"));
        }
        command
            .env("PLEDGE_LOG", std::env::var("PLEDGE_LOG").unwrap_or_else(|_| "trace".to_owned()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command.spawn().expect("the server's program; build it with `cargo xtask test`");
        let stdout = child.stdout.take().expect("its output");
        self.child = Some(child);
        // The server prints its address once it accepts connections. If it exits instead, the line is empty.
        let line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).map(|_| line)
        });
        let line = tokio::time::timeout(PATIENCE, line).await.expect("the server starts in time");
        let line = line.expect("a reader that does not panic").expect("the output can be read");
        let port = line.trim().trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok());
        self.port = port.unwrap_or(self.port);
        port.is_some()
    }

    /// Asks the server to stop, and waits until it has exited.
    pub fn stop(&mut self) -> Option<ExitStatus> {
        self.end(Signal::SIGTERM)
    }

    /// Kills the server, as a crash would.
    pub fn kill(&mut self) {
        self.end(Signal::SIGKILL);
    }

    /// Sends a signal without waiting for the server.
    pub fn signal(&self, signal: Signal) {
        if let Some(child) = &self.child {
            kill(Pid::from_raw(child.id().cast_signed()), signal).expect("the server is running");
        }
    }

    /// Returns the number of the server's process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().map(Child::id).expect("the server is running")
    }

    /// Waits until the server has exited.
    pub fn wait(&mut self) -> Option<ExitStatus> {
        self.child.take().and_then(|mut child| child.wait().ok())
    }

    fn end(&mut self, signal: Signal) -> Option<ExitStatus> {
        self.signal(signal);
        self.wait()
    }

    /// Returns the server's address, with a trailing slash.
    pub fn site(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }

    /// Returns the URL of a path on the server.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Returns the URL to which signatures of the tests' campaign are posted.
    pub fn signatures_url(&self) -> String {
        self.url(&format!("/v1/campaigns/{CAMPAIGN}/signatures"))
    }

    /// Returns the URL of the count of the tests' campaign.
    pub fn count_url(&self) -> String {
        self.url(&format!("/v1/campaigns/{CAMPAIGN}/count"))
    }

    /// Returns the folder of the public site.
    pub fn www(&self) -> PathBuf {
        self.folder.path().join("www")
    }

    /// Returns the data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Returns the server's log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Returns which of the words (in lower case) are in which file that the server writes: its data and its log.
    pub fn files_with(&self, words: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        let (mut folders, mut files) = (vec![self.data()], vec![self.log_path()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()) {
                if entry.is_dir() { folders.push(entry) } else { files.push(entry) }
            }
        }
        for file in files {
            // A file may be gone by now.
            let content = String::from_utf8_lossy(&fs::read(&file).unwrap_or_default()).to_lowercase();
            found.extend(
                words.iter().filter(|word| content.contains(**word)).map(|word| format!("{word}: {}", file.display())),
            );
        }
        found
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    /// Opens the database for reading.
    pub fn database(&self) -> Connection {
        let path = self.data().join("pledge.sqlite");
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database")
    }

    /// Returns the number of signatures on disk.
    pub fn rows(&self) -> u64 {
        self.database().query_row("SELECT count(*) FROM signature", [], |row| row.get(0)).expect("a count")
    }

    /// Returns one column of the only signature in the database.
    pub fn sole(&self, column: &str) -> Option<String> {
        assert_eq!(self.rows(), 1, "one signature");
        self.database().query_row(&format!("SELECT {column} FROM signature"), [], |row| row.get(0)).expect("a value")
    }

    /// Returns one column of a consent of the only signature, or `None` if no such consent is recorded.
    pub fn consent(&self, purpose: &str, column: &str) -> Option<String> {
        assert_eq!(self.rows(), 1, "one signature");
        let sql = format!("SELECT {column} FROM consent WHERE purpose = ?1");
        self.database().query_row(&sql, [purpose], |row| row.get(0)).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the site's folder").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
