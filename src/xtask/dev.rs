//! Builds everything and runs it locally: the public site, and a partner's page on another origin.

use crate::run::{STARTED, cargo, check, program, step};
use crate::{Outcome, dist, partner, root};
use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use notify_debouncer_mini::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_mini::{DebounceEventResult, Debouncer, new_debouncer};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime};

#[derive(Args)]
pub struct Options {
    /// Port of the public site and the signature server
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the partner's page
    #[arg(long, default_value_t = 8081)]
    partner_port: u16,
    /// Folder in which the signatures are stored
    #[arg(long, default_value = "target/dev-data")]
    data: PathBuf,
    /// Do not rebuild the widget when its sources change
    #[arg(long)]
    no_watch: bool,
    /// Make the same files as `cargo xtask dist`, which takes longer: small, and with the modules in JavaScript for
    /// browsers that cannot run WebAssembly
    #[arg(long)]
    small: bool,
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
        build.is_quick = !self.small;
        build
    }
}

/// Folders to watch: a change in one of them rebuilds the widget.
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

/// What the main loop waits for.
enum Event {
    /// Ctrl-C, or another request to stop.
    Stop,
    /// A watched file has changed.
    Changed,
}

pub fn run(options: &Options) -> Outcome {
    let (sender, events) = mpsc::channel();
    let stop = sender.clone();
    let request_stop = move || {
        // Sending fails only if the program is already stopping.
        let _ = stop.send(Event::Stop);
    };
    ctrlc::set_handler(request_stop).map_err(|error| error.to_string())?;
    let site = options.site();
    build(options)?;
    partner::serve(options.partner_port, &site)?;
    let mut server = Running::start("signature server", options.port, &mut server(options))?;
    server.wait_until_ready(&events)?;
    println!();
    println!("  Public site     {site}/");
    println!("  Partner's page  http://localhost:{}/", options.partner_port);
    println!("  Signatures in   {}", root().join(&options.data).join("pledge.sqlite").display());
    println!("  Ready after {} s. Press Ctrl-C to stop.", STARTED.elapsed().as_secs());
    println!();
    // Watching ends when this is dropped.
    let _watcher = if options.no_watch { None } else { Some(watch(sender)?) };
    let ended = rebuild_on_change(options, &events, &mut server);
    step("stopping");
    server.end()?;
    ended
}

/// Builds the release and the server side by side: compiling the widget uses one core for much of its time.
fn build(options: &Options) -> Outcome {
    let reference = dist::prepare()?;
    std::thread::scope(|scope| {
        let server = scope.spawn(|| {
            step("building the server");
            check(cargo().args(["build", "--locked", "--package", "pledge-server", "--bins"]))
        });
        let dist = dist::finish(&options.build(), &reference);
        let server = server.join().map_err(|_| "building the server panicked".to_owned())?;
        dist.and(server)
    })
}

fn server(options: &Options) -> Command {
    let mut server = program("target/debug/pledge-server");
    server.arg("serve").arg("--listen").arg(format!("127.0.0.1:{}", options.port));
    server.arg("--data").arg(&options.data).args(["--loader-max-age-s", "0"]);
    server.args(["--contact", "pledge@example.org"]);
    server.env("PLEDGE_LOG", std::env::var("PLEDGE_LOG").unwrap_or_else(|_| "warn".to_owned()));
    server
}

/// A child process that must stop when this program stops.
struct Running {
    name: &'static str,
    port: u16,
    child: Child,
}

impl Running {
    fn start(name: &'static str, port: u16, command: &mut Command) -> Outcome<Running> {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Err(format!(
                "port {port}, for the {name}, is in use; choose another with --port or --partner-port"
            ));
        }
        // In its own process group, so that Ctrl-C reaches only this program, which then stops the children in order.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command.stdin(Stdio::null()).spawn().map_err(|error| format!("the {name}: {error}"))?;
        Ok(Running { name, port, child })
    }

    fn wait_until_ready(&mut self, events: &Receiver<Event>) -> Outcome {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            self.check()?;
            if let Ok(Event::Stop) = events.recv_timeout(Duration::from_millis(50)) {
                return Err("stopped before it was ready".to_owned());
            }
        }
        Ok(())
    }

    fn check(&mut self) -> Outcome {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(format!("the {} stopped unexpectedly ({status})", self.name)),
            Err(error) => Err(format!("the {}: {error}", self.name)),
        }
    }

    fn end(mut self) -> Outcome {
        self.terminate();
        let status = self.child.wait().map_err(|error| format!("the {}: {error}", self.name))?;
        match status.code() {
            // No code means that a signal stopped it, which is what was asked for.
            None | Some(0) => Ok(()),
            Some(_) => Err(format!("the {} did not stop cleanly ({status})", self.name)),
        }
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

/// Reports changes of the watched folders for as long as the returned value lives.
fn watch(sender: Sender<Event>) -> Outcome<Debouncer<RecommendedWatcher>> {
    let mut last_change = SystemTime::now();
    let report = move |result: DebounceEventResult| match result {
        Ok(events) => {
            // Reading a file is an event too, and a build reads them all. A path without a time has been removed.
            let times = events.iter().map(|event| event.path.metadata().and_then(|metadata| metadata.modified()).ok());
            let changes: Vec<_> = times.filter(|time| time.is_none_or(|time| time > last_change)).collect();
            last_change = changes.iter().flatten().copied().chain([last_change]).max().unwrap_or(last_change);
            if !changes.is_empty() {
                // Sending fails only if the program is already stopping.
                drop(sender.send(Event::Changed));
            }
        }
        Err(error) => eprintln!("watching for changes: {error}"),
    };
    let failed = |error: notify_debouncer_mini::notify::Error| format!("watching for changes: {error}; use --no-watch");
    let mut watcher = new_debouncer(Duration::from_millis(200), report).map_err(failed)?;
    for folder in WATCHED {
        watcher.watcher().watch(&root().join(folder), RecursiveMode::Recursive).map_err(failed)?;
    }
    Ok(watcher)
}

fn rebuild_on_change(options: &Options, events: &Receiver<Event>, server: &mut Running) -> Outcome {
    loop {
        match events.recv_timeout(Duration::from_millis(500)) {
            Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Event::Changed) => {
                let started = Instant::now();
                match dist::run(&options.build()) {
                    Ok(_) => step(&format!("rebuilt in {} s; reload the page", started.elapsed().as_secs())),
                    Err(message) => eprintln!("{message}"),
                }
            }
        }
        server.check()?;
    }
}
