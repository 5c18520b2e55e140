//! The signature server's command line.

use clap::{CommandFactory, Parser, Subcommand};
use pledge_server::{Config, ServerError, doctor, serve, settings, staff};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(name = "pledge-server", about = "Accepts signatures, and gives them to the campaign's staff", version)]
struct Cli {
    /// How much the log on standard error says: error, warn, info, debug or trace, also per part of the server, such as
    /// `info,pledge_store=debug`
    #[arg(long, global = true, default_value = "info", env = "PLEDGE_LOG")]
    log: EnvFilter,
    /// File with settings in TOML; `pledge-server init` writes one. The command line and the environment override it
    #[arg(long, global = true, value_name = "FILE", env = settings::VARIABLE)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server until SIGINT, SIGTERM or SIGHUP
    Serve(Box<Config>),
    /// Check whether this server is fit to run a campaign: settings, disk, clock, key, backups, mail, other services,
    /// campaign files, and what the public reaches. With the same settings as serve
    Doctor(Box<doctor::Args>),
    /// Write a settings file that explains every setting: pledge.toml, or the one that --config names
    Init,
    #[command(flatten)]
    Staff(staff::Command),
}

fn main() -> ExitCode {
    let definition = Cli::command();
    let arguments = std::env::args_os().collect();
    let arguments = match settings::with_file(&definition, arguments, |name| std::env::var_os(name)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let Cli { log, config, command } = Cli::parse_from(arguments);
    // If the log cannot be written, because its disk is full, the library would say so on the same output, and panic.
    let logs = tracing_subscriber::fmt().json().log_internal_errors(false);
    logs.with_env_filter(log).with_writer(std::io::stderr).init();
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for (name, meant) in settings::unknown_variables(&definition, names) {
        tracing::warn!(name, meant, "There is no such setting; the variable is ignored");
    }
    let done = match command {
        Command::Serve(settings) => run(*settings),
        Command::Doctor(args) => doctor::run(&args, &mut std::io::stdout().lock()),
        Command::Init => init(&definition, &config.unwrap_or_else(|| PathBuf::from("pledge.toml"))),
        Command::Staff(command) => staff::run(&command, &mut std::io::stdout().lock()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the output has seen enough, such as `head`.
        Err(ServerError::System(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn init(definition: &clap::Command, path: &Path) -> Result<(), ServerError> {
    settings::init(definition, path)?;
    println!("{}: change what you need, then run: pledge-server serve --config {0}", path.display());
    Ok(())
}

/// The most threads that read files. Each costs memory, and more of them make no disk faster.
const FILE_THREADS: usize = 32;

fn run(config: Config) -> Result<(), ServerError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().max_blocking_threads(FILE_THREADS).build()?;
    runtime.block_on(async { serve::serve(config, stop()).await })
}

/// Returns a future that completes when the operating system asks the server to stop. The signals are caught from now
/// on, so that none can kill a server that is starting.
#[cfg(unix)]
fn stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    // The terminal sends SIGHUP when it is closed.
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let mut streams: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    std::future::poll_fn(move |context| {
        let is_asked = streams.iter_mut().any(|stream| stream.poll_recv(context).is_ready());
        if is_asked { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
}

/// Returns a future that completes when the operating system asks the server to stop.
#[cfg(not(unix))]
fn stop() -> impl Future<Output = ()> {
    async { drop(tokio::signal::ctrl_c().await) }
}
