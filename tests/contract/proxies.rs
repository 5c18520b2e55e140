//! The examples for nginx and Caddy in pkg-config/server, with the real programs in front of the real server.

use pledge_tests::request::signature;
use pledge_tests::server::CAMPAIGN;
use pledge_tests::web_server::Proxy;
use pledge_tests::{Server, root};
use std::fs;
use std::process::Command;

async fn start() -> Server {
    let limits = [
        "--proof-of-work",
        "false",
        "--trusted-proxies",
        "1",
        "--network-limit",
        "6",
        "--network-limit-per-minute",
        "1",
    ];
    Server::start_with(&limits).await
}

fn address(server: &Server) -> String {
    server.url("").trim_start_matches("http://").to_owned()
}

fn path() -> String {
    format!("/v1/campaigns/{CAMPAIGN}/signatures")
}

/// What must be true behind every proxy.
async fn check(proxy: &Proxy, server: &mut Server) {
    // Signing, and a network cannot make itself look like many.
    let mut receipt = String::new();
    let mut statuses = Vec::new();
    for number in 0..9 {
        let forged = format!("X-Forwarded-For: 198.51.{number}.1");
        let version = if number % 2 == 0 { "--http1.1" } else { "--http2" };
        let sent = signature(&format!("{number}@example.org")).to_string();
        let answer = proxy.curl(&path(), &[version, "--header", &forged], Some(&sent)).await;
        if answer.status == 201 {
            let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            receipt = json["receipt"].as_str().unwrap().to_owned();
        }
        assert_eq!(answer.all("access-control-allow-origin"), ["*"]);
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [201, 201, 201, 201, 201, 201, 429, 429, 429]);
    // Every header arrives as the server sends it, and once.
    let my = format!("/my/{receipt}");
    for (path, options) in [
        ("/pledge.js", &["--header", "Accept-Encoding: gzip, br"][..]),
        ("/pledge.js", &[]),
        ("/", &["--header", "Accept-Encoding: gzip"]),
        (&my, &["--header", "Accept-Encoding: gzip"]),
        ("/nowhere", &[]),
        (&path(), &["--request", "OPTIONS", "--header", "Access-Control-Request-Method: POST"]),
    ] {
        let direct = reqwest::Client::builder().build().unwrap();
        let method = if options.contains(&"OPTIONS") { reqwest::Method::OPTIONS } else { reqwest::Method::GET };
        let mut request = direct.request(method, server.url(path)).header("origin", "https://partner.example");
        for header in options.iter().filter(|option| option.contains(": ")) {
            let (name, value) = header.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        let expected = request.send().await.unwrap();
        for version in ["--http1.1", "--http2"] {
            let answer = proxy.curl(path, &[options, &[version]].concat(), None).await;
            assert_eq!(answer.status, expected.status().as_u16(), "{path}");
            for name in expected.headers().keys().map(|name| name.as_str()) {
                // About the connection, or the proxy's own.
                if matches!(name, "date" | "connection" | "transfer-encoding" | "server") {
                    continue;
                }
                let values: Vec<&str> =
                    expected.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
                assert_eq!(answer.all(name), values, "{path} {version}: {name}");
            }
            assert_eq!(answer.all("strict-transport-security").len(), 1, "{path}");
        }
    }
    // What is too large is refused in a way that a page of another origin can read.
    let form = format!("name={}", "a".repeat(47 * 1024));
    assert_ne!(proxy.curl(&my, &[], Some(&form)).await.status, 413, "a long form is not too large");
    for (length, version) in [(17_000, "--http1.1"), (65_537, "--http2"), (5_000_000, "--http1.1")] {
        let answer = proxy.curl(&path(), &[version], Some(&"a".repeat(length))).await;
        assert_eq!(answer.status, 413, "{length} {version}");
        assert_eq!(answer.all("access-control-allow-origin"), ["*"], "{length} {version}");
    }
    let headers: Vec<String> = (0..20).map(|number| format!("X-{number}: {}", "a".repeat(1_000))).collect();
    let options: Vec<&str> = headers.iter().flat_map(|header| ["--header", header.as_str()]).collect();
    let answer = proxy.curl("/healthz", &[&options, &["--http1.1"][..]].concat(), None).await;
    assert!(matches!(answer.status, 400 | 431), "{}", answer.status);
    assert_eq!(answer.all("access-control-allow-origin"), ["*"]);
    // When the server is down, the widget must see that, and try again.
    server.stop();
    for path in [path(), my.clone()] {
        let answer = proxy.curl(&path, &[], None).await;
        assert_eq!((answer.status, answer.all("access-control-allow-origin")), (502, vec!["*"]), "{path}");
    }
    server.restart().await;
    assert_eq!(proxy.curl(&my, &[], None).await.status, 200);
    // Nothing that the proxy has written says who was here.
    let written = proxy.written();
    for word in ["127.0.0.1", "198.51.", "/my/", &receipt, "example.org"] {
        assert!(!written.contains(word), "{word}: {written}");
    }
}

#[tokio::test]
async fn the_example_for_nginx_works() {
    let mut server = start().await;
    let proxy = Proxy::nginx(&address(&server)).await;
    check(&proxy, &mut server).await;
    // `doctor` looks at it from outside, as the public does.
    let mut doctor = server.command("doctor");
    doctor.args(["--json", "--public-url", &format!("https://localhost:{}/", proxy.port), "--data"]).arg(server.data());
    doctor.arg("--www").arg(server.www()).args(["--trusted-proxies", "1"]);
    doctor.env("SSL_CERT_FILE", proxy.folder.path().join("cert.pem"));
    let looked = tokio::task::spawn_blocking(move || doctor.output().unwrap()).await.unwrap();
    let findings: serde_json::Value = serde_json::from_slice(&looked.stdout).unwrap();
    let outside: Vec<String> = findings
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| ["public", "headers", "proxy"].iter().any(|subject| finding["subject"] == *subject))
        .map(|finding| format!("{} {}", finding["verdict"].as_str().unwrap(), finding["text"].as_str().unwrap()))
        .collect();
    let expected = [
        format!("ok https://localhost:{}/ answers", proxy.port),
        "warning http answers 400 instead of leading to https".to_owned(),
    ];
    assert_eq!(outside, expected, "{}", String::from_utf8_lossy(&looked.stderr));
    // The log of faults that an operator looks at.
    let log = fs::read_to_string(proxy.folder.path().join("pledge.log")).unwrap();
    assert!(log.lines().any(|line| line.contains(" GET 502 ")), "{log}");
}

#[tokio::test]
async fn the_example_for_caddy_works() {
    let mut server = start().await;
    let proxy = Proxy::caddy(&address(&server)).await;
    check(&proxy, &mut server).await;
}

#[test]
fn the_unit_for_systemd_is_valid_and_strict() {
    let unit = root().join("pkg-config/server/pledge-server.service");
    let analyze = |arguments: &[&str]| Command::new("systemd-analyze").args(arguments).arg(&unit).output().unwrap();
    // It checks the program too, which is not installed here.
    let verified = String::from_utf8(analyze(&["verify", "--man=no"]).stderr).unwrap();
    let complaints = verified.lines().filter(|line| !line.contains("/usr/local/bin/pledge-server"));
    assert_eq!(complaints.collect::<Vec<_>>(), Vec::<&str>::new());
    let exposure = analyze(&["security", "--offline=true", "--threshold=15"]);
    assert!(exposure.status.success(), "{}", String::from_utf8_lossy(&exposure.stdout));
    let text = fs::read_to_string(&unit).unwrap();
    assert!(text.contains("LimitNOFILE=8320"), "room for every connection");
}
