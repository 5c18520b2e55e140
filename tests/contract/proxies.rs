//! The examples for nginx and Caddy in pkg-config/server, with the real programs in front of the real server.

use pledge_tests::request::signature;
use pledge_tests::server::CAMPAIGN;
use pledge_tests::{PATIENCE, Server, eventually, free_port, root};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The host in the examples.
const HOST: &str = "pledge.example";

/// A proxy with its own folder.
struct Proxy {
    folder: TempDir,
    port: u16,
    child: Child,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // nginx ends its workers itself.
        let _ = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// What a client receives.
struct Received {
    status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    body: String,
}

impl Received {
    fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// Returns the path of a program that is installed or unpacked.
fn program(name: &str) -> PathBuf {
    let unpacked = ["usr/sbin", "usr/bin"].map(|bin| root().join("target/tools/proxies").join(bin).join(name));
    let installed = ["/usr/sbin", "/usr/bin"].map(|bin| Path::new(bin).join(name));
    let mut paths = unpacked.into_iter().chain(installed);
    paths.find(|path| path.exists()).unwrap_or_else(|| panic!("{name}; `cargo xtask test contract` unpacks it"))
}

fn example(name: &str) -> String {
    fs::read_to_string(root().join("pkg-config/server").join(name)).unwrap()
}

/// Replaces every text, each of which must be there.
fn replaced(mut text: String, changes: &[(&str, &str)]) -> String {
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text
}

fn make_certificate(folder: &Path) -> (String, String) {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (path("cert.pem"), path("key.pem"));
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
    command.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    command.args([
        "-subj",
        "/CN=pledge.example",
        "-addext",
        "subjectAltName=DNS:pledge.example,DNS:localhost",
        "-keyout",
        &key,
    ]);
    assert!(command.args(["-out", &certificate]).stderr(Stdio::null()).status().unwrap().success());
    (certificate, key)
}

impl Proxy {
    /// Starts nginx with the example, changed only in its ports and paths.
    async fn nginx(server: &Server) -> Proxy {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (certificate, key) = make_certificate(folder.path());
        let (port, other) = (free_port(), free_port());
        let site = replaced(
            example("nginx.conf"),
            &[
                ("127.0.0.1:8080", server.url("").trim_start_matches("http://")),
                ("listen 443", &format!("listen {port}")),
                ("listen [::]:443", &format!("listen [::1]:{port}")),
                ("listen 80", &format!("listen {other}")),
                ("listen [::]:80", &format!("listen [::1]:{other}")),
                ("/etc/letsencrypt/live/pledge.example/fullchain.pem", &certificate),
                ("/etc/letsencrypt/live/pledge.example/privkey.pem", &key),
                ("/var/log/nginx/", &path("")),
            ],
        );
        fs::write(path("site.conf"), site).unwrap();
        // What Debian has around it. `gzip on` is there too.
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {};", path(kind)))
            .join(" ");
        let main = format!(
            "pid {pid}; error_log {log}; worker_processes 1; events {{}} http {{ gzip on; gzip_types *; {temporary}
             access_log {access}; include {site}; }}",
            pid = path("pid"),
            log = path("error.log"),
            access = path("access.log"),
            site = path("site.conf"),
        );
        fs::write(path("nginx.conf"), main).unwrap();
        // As root, it gives its workers to another user, who must get to the folder.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(program("nginx"));
        command.args(["-e", "stderr", "-p"]).arg(folder.path()).args(["-g", "daemon off;"]);
        command.arg("-c").arg(path("nginx.conf"));
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        Proxy { folder, port, child }.ready().await
    }

    /// Starts Caddy with the example, changed only in its ports and its certificate.
    async fn caddy(server: &Server) -> Proxy {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (certificate, key) = make_certificate(folder.path());
        let (port, other) = (free_port(), free_port());
        let site = replaced(
            example("Caddyfile"),
            &[
                ("127.0.0.1:8080", server.url("").trim_start_matches("http://")),
                ("\npledge.example {", &format!("\n{HOST}:{port} {{\n\ttls {certificate} {key}")),
                (
                    "\n{\n",
                    &format!(
                        "\n{{\n\tadmin off\n\tauto_https disable_redirects\n\thttp_port {other}\n\thttps_port {port}\n"
                    ),
                ),
            ],
        );
        fs::write(path("Caddyfile"), site).unwrap();
        let mut command = Command::new(program("caddy"));
        command.args(["run", "--adapter", "caddyfile", "--config", &path("Caddyfile")]);
        command.env("XDG_DATA_HOME", path("data")).env("XDG_CONFIG_HOME", path("config")).env("HOME", path(""));
        let log = fs::File::create(path("caddy.log")).unwrap();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Proxy { folder, port, child }.ready().await
    }

    async fn ready(self) -> Proxy {
        let can_connect = async || std::net::TcpStream::connect(("127.0.0.1", self.port)).ok();
        eventually("the proxy listens", PATIENCE, can_connect).await;
        self
    }

    /// Sends a request by curl, from another origin.
    async fn curl(&self, path: &str, options: &[&str], body: Option<&str>) -> Received {
        let url = format!("https://{HOST}:{}{path}", self.port);
        let (head, sent) = (tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap());
        let mut command = tokio::process::Command::new("curl");
        command.args(["--silent", "--max-time", "60", "--resolve", &format!("{HOST}:{}:127.0.0.1", self.port)]);
        command.arg("--cacert").arg(self.folder.path().join("cert.pem")).arg("--dump-header").arg(head.path());
        command.args(["--header", "Origin: https://partner.example"]).args(options);
        if let Some(body) = body {
            fs::write(sent.path(), body).unwrap();
            let from = format!("@{}", sent.path().display());
            command.args(["--header", "Content-Type: text/plain", "--header", "Expect:", "--data-binary", &from]);
        }
        let output = command.arg(&url).output().await.expect("curl");
        let head = fs::read_to_string(head.path()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Received {
            status: status.unwrap_or_else(|| panic!("{path}: no answer: {output:?}")),
            headers: lines.filter_map(header).collect(),
            body: String::from_utf8_lossy(&output.stdout).into_owned(),
        }
    }

    /// Returns everything that the proxy has written to files, besides the certificate and its settings.
    fn written(&self) -> String {
        let mut text = String::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                let is_ours = ["pem", "conf"].iter().any(|kind| entry.extension().is_some_and(|end| end == *kind));
                if entry.is_dir() {
                    folders.push(entry);
                } else if !is_ours && !entry.ends_with("Caddyfile") && !entry.ends_with("autosave.json") {
                    text.push_str(&String::from_utf8_lossy(&fs::read(entry).unwrap()));
                }
            }
        }
        text
    }
}

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
    let proxy = Proxy::nginx(&server).await;
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
    let proxy = Proxy::caddy(&server).await;
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
