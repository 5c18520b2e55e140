//! Builds everything and runs it on this machine: the public site, and a partner's page on another origin.

use crate::run::{cargo, check, program, step};
use crate::{Outcome, dist, root};
use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

#[derive(Args)]
pub struct Options {
    /// Port of the public site and the signature server
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the partner's page
    #[arg(long, default_value_t = 8081)]
    partner_port: u16,
    /// Folder of the signatures
    #[arg(long, default_value = "target/dev-data")]
    data: PathBuf,
    /// Do not build the widget anew when its sources change
    #[arg(long)]
    no_watch: bool,
    #[command(flatten)]
    dist: dist::BuildOptions,
}

impl Options {
    fn site(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    fn build(&self) -> dist::BuildOptions {
        let mut build = self.dist.clone();
        build.site.get_or_insert_with(|| self.site());
        build
    }
}

/// Sources whose change makes the widget be built anew.
const WATCHED: [&str; 11] = [
    "src/domain",
    "src/api",
    "src/backend",
    "src/flow",
    "src/config",
    "src/browser",
    "src/widget",
    "src/parts",
    "src/doctor",
    "src/site",
    "src/embed",
];

pub fn run(options: &Options) -> Outcome {
    let (stop, stopped) = mpsc::channel();
    let ask = move || {
        // Nobody listens any more once everything has ended.
        let _ = stop.send(());
    };
    ctrlc::set_handler(ask).map_err(|error| error.to_string())?;
    let started = Instant::now();
    let site = options.site();
    dist::run(&options.build())?;
    step("building the server");
    check(cargo().args(["build", "--locked", "--package", "pledge-server", "--package", "pledge-tests", "--bins"]))?;
    let partner = format!("http://localhost:{}", options.partner_port);
    let mut children = vec![
        Running::start("signature server", options.port, &mut server(options))?,
        Running::start("partner's page", options.partner_port, &mut partner_page(options, &site))?,
    ];
    for child in &mut children {
        child.wait_until_ready(&stopped)?;
    }
    println!();
    println!("  Public site     {site}/");
    println!("  Partner's page  {partner}/");
    println!("  Signatures in   {}", root().join(&options.data).join("pledge.sqlite").display());
    println!("  Ready after {} s. Ctrl-C ends it.", started.elapsed().as_secs());
    println!();
    let ended = watch(options, &stopped, &mut children);
    step("stopping");
    children.into_iter().rev().try_for_each(Running::end)?;
    ended
}

fn server(options: &Options) -> Command {
    let mut server = program("target/debug/pledge-server");
    server.arg("serve").arg("--listen").arg(format!("127.0.0.1:{}", options.port));
    server.arg("--data").arg(&options.data).args(["--loader-max-age-s", "0"]);
    server.env("PLEDGE_LOG", std::env::var("PLEDGE_LOG").unwrap_or_else(|_| "warn".to_owned()));
    server
}

fn partner_page(options: &Options, site: &str) -> Command {
    let mut partner = program("target/debug/partner");
    partner.arg("--listen").arg(format!("127.0.0.1:{}", options.partner_port)).args(["--site", site]);
    partner
}

/// A program of ours that must be ended with us.
struct Running {
    what: &'static str,
    port: u16,
    child: Child,
}

impl Running {
    fn start(what: &'static str, port: u16, command: &mut Command) -> Outcome<Running> {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Err(format!(
                "port {port}, for the {what}, is in use; choose another with --port or --partner-port"
            ));
        }
        // In a group of its own, so that a Ctrl-C at the terminal reaches us first and we end it in order.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command.stdin(Stdio::null()).spawn().map_err(|error| format!("the {what}: {error}"))?;
        Ok(Running { what, port, child })
    }

    fn wait_until_ready(&mut self, stopped: &Receiver<()>) -> Outcome {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            self.check()?;
            if stopped.recv_timeout(Duration::from_millis(50)).is_ok() {
                return Err("stopped before it was ready".to_owned());
            }
        }
        Ok(())
    }

    fn check(&mut self) -> Outcome {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(format!("the {} ended by itself ({status})", self.what)),
            Err(error) => Err(format!("the {}: {error}", self.what)),
        }
    }

    fn end(mut self) -> Outcome {
        self.terminate();
        let status = self.child.wait().map_err(|error| format!("the {}: {error}", self.what))?;
        if status.success() || !status.to_string().contains("exit") {
            return Ok(());
        }
        Err(format!("the {} did not end cleanly ({status})", self.what))
    }

    fn terminate(&self) {
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.terminate();
            let _ = self.child.wait();
        }
    }
}

fn watch(options: &Options, stopped: &Receiver<()>, children: &mut [Running]) -> Outcome {
    let mut seen = newest();
    loop {
        match stopped.recv_timeout(Duration::from_millis(500)) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        children.iter_mut().try_for_each(Running::check)?;
        let now = newest();
        if options.no_watch || now == seen {
            continue;
        }
        seen = now;
        let started = Instant::now();
        match dist::run(&options.build()) {
            Ok(_) => step(&format!("built anew in {} s; reload the page", started.elapsed().as_secs())),
            Err(message) => eprintln!("{message}"),
        }
    }
}

/// When the newest watched file was changed.
fn newest() -> Option<SystemTime> {
    WATCHED.iter().filter_map(|folder| newest_in(&root().join(folder))).max()
}

fn newest_in(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?;
    let time = |entry: fs::DirEntry| {
        let metadata = entry.metadata().ok()?;
        if metadata.is_dir() { newest_in(&entry.path()) } else { metadata.modified().ok() }
    };
    entries.filter_map(Result::ok).filter_map(time).max()
}
