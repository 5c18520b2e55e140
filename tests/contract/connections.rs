//! Clients that are slow, idle or many, low limits, and how the server stops.

use crate::{Answer, get, post};
use nix::sys::signal::Signal;
use pledge_tests::request::signature;
use pledge_tests::{PATIENCE, Server, eventually};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// Connects from one of the addresses of the loopback network.
fn connect(server: &Server, from: u8) -> std::io::Result<TcpStream> {
    let socket = socket2(from)?;
    let port = server.url("").rsplit(':').next().unwrap().parse().unwrap();
    socket.connect(&SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port).into())?;
    let stream: TcpStream = socket.into();
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn socket2(from: u8) -> std::io::Result<socket2::Socket> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, from)), 0).into())?;
    Ok(socket)
}

/// Asks for the count and returns the first words of the response.
fn ask(stream: &mut TcpStream) -> std::io::Result<String> {
    stream.write_all(b"GET /v1/campaigns/care-dont-share/count HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut response = String::new();
    while !response.ends_with('}') {
        let mut part = [0; 4_096];
        let length = stream.read(&mut part)?;
        if length == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        response.push_str(&String::from_utf8_lossy(&part[..length]));
    }
    Ok(response[..12].to_owned())
}

/// Asks for more than any buffer can take, and reads nothing of it.
fn stall(server: &Server) -> TcpStream {
    let manifest = std::fs::read_to_string(pledge_tests::root().join("target/dist-manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let request = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", manifest["wasm"].as_str().unwrap());
    let mut stream = connect(server, 1).unwrap();
    stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    while stream.write_all(request.as_bytes()).is_ok() {}
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_take_every_connection() {
    let mut server = Server::prepare(&[]);
    // Room for some eighty connections.
    server.limits = "ulimit -n 300".to_owned();
    server.restart().await;
    assert!(server.log().contains("the limit of open files is low"));
    let idle: Vec<_> = (0..200).map(|_| connect(&server, 1).unwrap()).collect();
    let mut other = connect(&server, 2).unwrap();
    assert_eq!(ask(&mut other).unwrap(), "HTTP/1.1 200");
    // The other address keeps its connection, although it is idle for longer than many of the first.
    let more: Vec<_> = (0..100).map(|_| connect(&server, 1).unwrap()).collect();
    let mut third = connect(&server, 3).unwrap();
    assert_eq!(ask(&mut third).unwrap(), "HTTP/1.1 200");
    assert_eq!(ask(&mut other).unwrap(), "HTTP/1.1 200");
    drop((idle, more));
}

#[tokio::test]
async fn a_low_limit_of_open_files_is_raised_as_far_as_allowed() {
    let mut server = Server::prepare(&[]);
    server.limits = "ulimit -Sn 64".to_owned();
    server.restart().await;
    let mut open: Vec<_> = (0..100).map(|_| connect(&server, 1).unwrap()).collect();
    for stream in &mut open {
        assert_eq!(ask(stream).unwrap(), "HTTP/1.1 200");
    }
    assert!(!server.log().contains("cannot accept a connection"));
}

#[tokio::test]
async fn a_stalled_reader_does_not_delay_the_stop_beyond_what_is_promised() {
    // The reader may stall for eight minutes, but a stopping server does not wait for that.
    let mut server = Server::start_with(&["--client-timeout-s", "240"]).await;
    let stalled = stall(&server);
    server.signal(Signal::SIGTERM);
    let is_refused = async || connect(&server, 1).is_err().then_some(());
    eventually("nobody can connect to a server that stops", PATIENCE, is_refused).await;
    let stopped = tokio::task::spawn_blocking(move || server.wait().unwrap());
    let status = tokio::time::timeout(PATIENCE, stopped).await.expect("it stops in time").unwrap();
    assert!(status.success(), "{status}");
    drop(stalled);
}

#[tokio::test]
async fn each_signal_that_ends_a_program_ends_the_server_cleanly() {
    for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM] {
        let mut server = Server::start().await;
        // At once: a server that has said its address catches signals.
        server.signal(signal);
        assert!(server.wait().unwrap().success(), "{signal}");
        assert!(server.log().contains("closing the store"), "{signal}");
    }
}

#[tokio::test]
async fn an_answer_to_a_hostile_body_is_small() {
    let server = Server::start().await;
    let unknown: String = (0..1_100).map(|at| format!("\"{at:010}\":0,")).collect();
    let nested: String = (0..500).map(|at| format!("\"f{at}\":[],")).collect();
    let consents = r#"{"purpose":1,"state":[],"x":1},"#.repeat(400);
    for body in [
        format!("{{{}}}", unknown.trim_end_matches(',')),
        format!("{{{}}}", &unknown[..7_000].trim_end_matches(|c| c != ',').trim_end_matches(',')),
        format!("{{\"fields\":{{{}}}}}", nested.trim_end_matches(',')),
        format!("{{\"consents\":[{}]}}", consents.trim_end_matches(',')),
        format!("{{\"{}\":1}}", "\\u202e".repeat(2_000)),
        format!("{{\"lane\":\"{}\",\"id\":\"{}\"}}", "<".repeat(7_000), "\\u0000".repeat(1_000)),
    ] {
        let answer = post(&server.signatures_url(), body.clone()).await;
        assert!((400..500).contains(&answer.status), "{}", answer.status);
        assert!(answer.text.len() < 16 * 1024, "{} bytes for {:.60}", answer.text.len(), body);
    }
    let answer = post(&server.signatures_url(), format!("{{{}}}", &unknown[..400 * 15 - 1])).await;
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 20, "{}", answer.text);
}

#[tokio::test]
async fn headers_have_a_largest_size() {
    let server = Server::start().await;
    let request = |bytes: usize| reqwest::Client::new().get(server.count_url()).header("cookie", "a".repeat(bytes));
    assert_eq!(request(8_000).send().await.unwrap().status(), 200);
    assert_eq!(request(100_000).send().await.unwrap().status(), 431);
    let long = format!("{}?{}", server.count_url(), "a".repeat(40_000));
    assert!(matches!(Answer::of(reqwest::get(&long).await.unwrap()).await.status, 414 | 431));
    assert_eq!(post(&server.signatures_url(), signature("ana@example.org").to_string()).await.status, 201);
    assert_eq!(get(&server.count_url()).await.status, 200);
}
