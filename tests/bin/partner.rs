//! A partner's web site for `cargo xtask dev`: one page that carries one script tag, on an origin of its own.

use clap::Parser;
use pledge_tests::host;
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
struct Cli {
    /// Address and port to listen on
    #[arg(long)]
    listen: SocketAddr,
    /// Address that the widget comes from
    #[arg(long)]
    site: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let served = host::serve(cli.listen, &cli.site, Default::default()).await;
    let stop = signal(SignalKind::terminate());
    match (served, stop) {
        (Ok(_), Ok(mut stop)) => {
            stop.recv().await;
            ExitCode::SUCCESS
        }
        (Err(error), _) | (_, Err(error)) => {
            eprintln!("error: the partner's page on {}: {error}", cli.listen);
            ExitCode::FAILURE
        }
    }
}
