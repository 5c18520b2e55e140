//! Serves the partner's page of `cargo xtask dev`: one page with one script tag, on its own origin.
//!
//! Only the standard library, so that `dev` does not have to build the test package and its HTTP client.

use crate::setup::read;
use crate::{Outcome, root};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

/// The page, which the browser tests use too. `{{site}}` in it becomes the address of the public site.
const PAGE: &str = "tests/hosts/partner.html";
/// A browser that opens a connection and sends nothing must not block the next one for longer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The longest request line that is read, in bytes.
const MAX_REQUEST_BYTES: u64 = 8 * 1024;

/// Serves the page at `/` until the program ends.
///
/// # Errors
/// Returns an error if the port is in use or the page cannot be read.
pub fn serve(port: u16, site: &str) -> Outcome {
    let site = site.to_owned();
    read(&root().join(PAGE))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| format!("port {port}, for the partner's page: {error}; choose another with --partner-port"))?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let site = site.clone();
            // Browsers open connections in advance, so each has its own thread. A failed one affects only itself.
            std::thread::spawn(move || answer(&stream, &site));
        }
    });
    Ok(())
}

fn answer(mut stream: &TcpStream, site: &str) -> std::io::Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut head = BufReader::new(stream.take(MAX_REQUEST_BYTES));
    let mut request = String::new();
    head.read_line(&mut request)?;
    // A connection closed with unread bytes is reset, and the browser then loses the response.
    let mut header = String::new();
    while head.read_line(&mut header)? > 0 && !header.trim().is_empty() {
        header.clear();
    }
    let (status, body) = response(&request, site);
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    stream.flush()
}

/// The status and the body for a request line. The page is read each time, so that a change shows on reload.
fn response(request: &str, site: &str) -> (&'static str, String) {
    let target = request.split_whitespace().nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    match path {
        "/" => match read(&root().join(PAGE)) {
            Ok(page) => ("200 OK", page.replace("{{site}}", site)),
            Err(error) => ("500 Internal Server Error", error),
        },
        _ => ("404 Not Found", "Not found. The partner's page is at the root of this address.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_tag_of_the_site() {
        let (status, page) = response("GET /?utm_source=x HTTP/1.1\r\n", "http://localhost:8080");
        assert_eq!(status, "200 OK");
        assert!(page.contains("src=\"http://localhost:8080/pledge.js\"") && !page.contains("{{"), "{page}");
        assert_eq!(response("GET /favicon.ico HTTP/1.1\r\n", "x").0, "404 Not Found");
        assert_eq!(response("", "x").0, "404 Not Found");
    }

    #[test]
    fn a_client_gets_the_whole_page() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        answer(&listener.accept().unwrap().0, "http://localhost:8080").unwrap();
        let mut received = String::new();
        client.set_read_timeout(Some(TIMEOUT)).unwrap();
        client.read_to_string(&mut received).unwrap();
        assert!(received.starts_with("HTTP/1.1 200 OK\r\n") && received.ends_with("</html>\n"), "{received}");
    }
}
