//! The web servers that operators put in front of ours: the real programs with the examples in pkg-config/server.

use crate::{PATIENCE, eventually, free_port, root};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The host in the examples.
pub const HOST: &str = "pledge.example";

/// A proxy with its own folder.
pub struct Proxy {
    /// The folder with its settings, certificate and logs.
    pub folder: TempDir,
    /// The port with TLS.
    pub port: u16,
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
pub struct Received {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Received {
    /// Returns every value of a header.
    pub fn all(&self, name: &str) -> Vec<&str> {
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
    fs::read_to_string(root().join("pkg-config/server").join(name)).expect("a test can do this")
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
    let path = |name: &str| folder.join(name).to_str().expect("a test can do this").to_owned();
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
    assert!(command.args(["-out", &certificate]).stderr(Stdio::null()).status().expect("a test can do this").success());
    (certificate, key)
}

impl Proxy {
    /// Starts nginx with the example, changed only in its ports and paths, in front of a server (host and port).
    pub async fn nginx(server: &str) -> Proxy {
        let folder = tempfile::tempdir().expect("a test can do this");
        let path = |name: &str| folder.path().join(name).to_str().expect("a test can do this").to_owned();
        let (certificate, key) = make_certificate(folder.path());
        let (port, other) = (free_port(), free_port());
        let site = replaced(
            example("nginx.conf"),
            &[
                ("127.0.0.1:8080", server),
                ("listen 443", &format!("listen {port}")),
                ("listen [::]:443", &format!("listen [::1]:{port}")),
                ("listen 80", &format!("listen {other}")),
                ("listen [::]:80", &format!("listen [::1]:{other}")),
                ("/etc/letsencrypt/live/pledge.example/fullchain.pem", &certificate),
                ("/etc/letsencrypt/live/pledge.example/privkey.pem", &key),
                ("/var/log/nginx/", &path("")),
            ],
        );
        fs::write(path("site.conf"), site).expect("a test can do this");
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
        fs::write(path("nginx.conf"), main).expect("a test can do this");
        // As root, it gives its workers to another user, who must get to the folder.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("a test can do this");
        let mut command = Command::new(program("nginx"));
        command.args(["-e", "stderr", "-p"]).arg(folder.path()).args(["-g", "daemon off;"]);
        command.arg("-c").arg(path("nginx.conf"));
        let child = command.stdin(Stdio::null()).spawn().expect("a test can do this");
        Proxy { folder, port, child }.ready().await
    }

    /// Starts Caddy with the example, changed only in its ports and its certificate, in front of a server (host and port).
    pub async fn caddy(server: &str) -> Proxy {
        let folder = tempfile::tempdir().expect("a test can do this");
        let path = |name: &str| folder.path().join(name).to_str().expect("a test can do this").to_owned();
        let (certificate, key) = make_certificate(folder.path());
        let (port, other) = (free_port(), free_port());
        let site = replaced(
            example("Caddyfile"),
            &[
                ("127.0.0.1:8080", server),
                ("\npledge.example {", &format!("\n{HOST}:{port} {{\n\ttls {certificate} {key}")),
                (
                    "\n{\n",
                    &format!(
                        "\n{{\n\tadmin off\n\tauto_https disable_redirects\n\thttp_port {other}\n\thttps_port {port}\n"
                    ),
                ),
            ],
        );
        fs::write(path("Caddyfile"), site).expect("a test can do this");
        let mut command = Command::new(program("caddy"));
        command.args(["run", "--adapter", "caddyfile", "--config", &path("Caddyfile")]);
        command.env("XDG_DATA_HOME", path("data")).env("XDG_CONFIG_HOME", path("config")).env("HOME", path(""));
        let log = fs::File::create(path("caddy.log")).expect("a test can do this");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("a test can do this");
        Proxy { folder, port, child }.ready().await
    }

    async fn ready(self) -> Proxy {
        let can_connect = async || std::net::TcpStream::connect(("127.0.0.1", self.port)).ok();
        eventually("the proxy listens", PATIENCE, can_connect).await;
        self
    }

    /// Sends a request by curl, from another origin.
    pub async fn curl(&self, path: &str, options: &[&str], body: Option<&str>) -> Received {
        let url = format!("https://{HOST}:{}{path}", self.port);
        let (head, sent) = (
            tempfile::NamedTempFile::new().expect("a test can do this"),
            tempfile::NamedTempFile::new().expect("a test can do this"),
        );
        let mut command = tokio::process::Command::new("curl");
        command.args(["--silent", "--max-time", "60", "--resolve", &format!("{HOST}:{}:127.0.0.1", self.port)]);
        command.arg("--cacert").arg(self.folder.path().join("cert.pem")).arg("--dump-header").arg(head.path());
        command.args(["--header", "Origin: https://partner.example"]).args(options);
        if let Some(body) = body {
            fs::write(sent.path(), body).expect("a test can do this");
            let from = format!("@{}", sent.path().display());
            command.args(["--header", "Content-Type: text/plain", "--header", "Expect:", "--data-binary", &from]);
        }
        let output = command.arg(&url).output().await.expect("curl");
        let head = fs::read_to_string(head.path()).expect("a test can do this");
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
    pub fn written(&self) -> String {
        let mut text = String::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in
                fs::read_dir(folder).expect("a test can do this").map(|entry| entry.expect("a test can do this").path())
            {
                let is_ours = ["pem", "conf"].iter().any(|kind| entry.extension().is_some_and(|end| end == *kind));
                if entry.is_dir() {
                    folders.push(entry);
                } else if !is_ours && !entry.ends_with("Caddyfile") && !entry.ends_with("autosave.json") {
                    text.push_str(&String::from_utf8_lossy(&fs::read(entry).expect("a test can do this")));
                }
            }
        }
        text
    }
}
