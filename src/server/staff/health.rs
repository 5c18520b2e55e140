//! `health`: asks a running server whether it answers, for containers and scripts.

use crate::error::ServerError;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long the server may take.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The arguments of `health`.
#[derive(clap::Args)]
pub struct Args {
    /// Address and port that the server listens on
    #[arg(long, default_value = "127.0.0.1:8080", env = "PLEDGE_LISTEN")]
    listen: SocketAddr,
}

/// Asks the server for `/healthz`.
///
/// # Errors
/// Returns an error if it does not answer in time, or not with 200.
pub fn run(args: &Args, out: &mut impl Write) -> Result<(), ServerError> {
    let address = reachable(args.listen);
    let ask = || {
        let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok::<_, std::io::Error>(answer)
    };
    match ask() {
        Ok(answer) if answer == *b"HTTP/1.1 200" => Ok(writeln!(out, "ok")?),
        Ok(_) => Err(ServerError::Refused(format!("{address} answers, but not as this server does"))),
        Err(error) => Err(ServerError::Refused(format!("no answer from {address}: {error}"))),
    }
}

/// Returns the address at which this machine reaches a server that listens on all of its addresses.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let here: IpAddr = if listen.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    if listen.ip().is_unspecified() { SocketAddr::new(here, listen.port()) } else { listen }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_reached_on_this_machine() {
        let reached = |listen: &str| reachable(listen.parse().unwrap()).to_string();
        assert_eq!(reached("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(reached("[::]:80"), "[::1]:80");
        assert_eq!(reached("192.0.2.1:80"), "192.0.2.1:80");
    }
}
