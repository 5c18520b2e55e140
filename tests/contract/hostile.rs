//! Random hostile requests. Whatever arrives, the server answers shortly and clearly, and keeps what is right.

use crate::get;
use pledge_tests::Server;
use pledge_tests::request::{random_id, signature};
use reqwest::Client;
use serde_json::{Map, Value, json};

/// The longest body, in bytes. The server refuses far shorter ones; `refusals.rs` sends longer ones.
const LENGTH_MAX: usize = 40 * 1024;

/// xorshift64 (Marsaglia 2003), so that a failure can be repeated with its seed.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.next(of.len())]
    }
}

/// Texts that have broken programs.
const TEXTS: [&str; 24] = [
    "",
    " ",
    "\u{0}",
    "null",
    "NaN",
    "-0",
    "1e999",
    "true",
    "\u{feff}",
    "\u{202e}evil",
    "\u{200b}=cmd()",
    "=1+1|cmd",
    "'; DROP TABLE signature; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "../../etc/passwd",
    "%00%ff",
    "a@b@c",
    "ana@example.org\r\nBcc: x@example.org",
    "\u{1f468}\u{200d}\u{1f469}",
    "\u{10ffff}",
    "ﷺ",
    "ß",
];

/// Returns a random JSON value.
fn value(random: &mut Random, depth: usize) -> Value {
    match random.next(if depth > 2 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => json!(random.next(2) == 0),
        2 => json!(*random.one(&[0.0, -1.0, 1e308, 0.1, 9_007_199_254_740_993.0])),
        3 => json!(random.one(&TEXTS)),
        4 => json!(random.one(&TEXTS).repeat(random.next(400))),
        5 => json!(random_id()),
        6 => (0..random.next(20)).map(|_| value(random, depth + 1)).collect(),
        _ => {
            let members: Map<String, Value> = (0..random.next(20))
                .map(|at| (format!("{}{at}", random.one(&TEXTS)), value(random, depth + 1)))
                .collect();
            Value::Object(members)
        }
    }
}

/// Returns a body: a valid signature with some members changed, or its bytes, or something else entirely.
fn body(random: &mut Random, number: usize) -> Vec<u8> {
    let mut sent = signature(&format!("hostile{number}@example.org"));
    let names = [
        "id", "lane", "name", "email", "postcode", "fields", "consents", "source", "location", "locale", "testing", "x",
    ];
    for _ in 0..=random.next(3) {
        sent[*random.one(&names)] = value(random, 0);
    }
    let mut bytes = if random.next(8) == 0 { value(random, 0).to_string() } else { sent.to_string() }.into_bytes();
    for _ in 0..random.next(4) * usize::from(random.next(3) == 0) {
        let at = random.next(bytes.len());
        match random.next(3) {
            0 => bytes[at] = random.next(256) as u8,
            1 => bytes.truncate(at.max(1)),
            _ => bytes.insert(at, *random.one(b"\"{}[],:\\\xff\x00")),
        }
    }
    bytes
}

/// `PLEDGE_HOSTILE_BODIES` is how many requests to send; `cargo xtask soak hostile` sends many.
#[tokio::test]
async fn whatever_is_sent_the_answer_is_short_and_the_server_lives() {
    let bodies: usize = std::env::var("PLEDGE_HOSTILE_BODIES").map_or(1_000, |text| text.parse().unwrap());
    let seed = std::env::var("PLEDGE_HOSTILE_SEED").map_or(0x2545_f491_4f6c_dd1d, |text| text.parse().unwrap());
    let server = Server::start().await;
    let (client, mut random) = (Client::new(), Random(seed));
    let receipt_url = server.url(&format!("/my/{}", "0".repeat(26)));
    let (mut accepted, mut largest) = (0_u64, 0);
    for number in 0..bodies {
        let mut sent = body(&mut random, number);
        sent.truncate(LENGTH_MAX);
        let url = match random.next(20) {
            0 => server.url("/v1/campaigns/care-dont-share/feedback"),
            1 => receipt_url.clone(),
            2 => format!("{receipt_url}/erase"),
            3 => server.url(&format!("/confirm/{}", "0".repeat(26))),
            _ => server.signatures_url(),
        };
        let answer = client.post(&url).body(sent.clone()).send().await;
        let answer = answer.unwrap_or_else(|error| panic!("{number}, seed {seed}: {error}"));
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let shown = String::from_utf8_lossy(&sent);
        assert!(status < 500, "{number}, seed {seed}: {status} for {shown}");
        assert!(text.len() <= 16 * 1024, "{number}, seed {seed}: {} bytes for {shown}", text.len());
        largest = largest.max(text.len());
        accepted += u64::from(status == 201);
    }
    println!("{bodies} bodies, {accepted} accepted, the longest answer has {largest} bytes");
    assert!(accepted > 0, "some changes are harmless");
    assert!(!server.log().contains("panicked"), "nothing panicked");
    assert_eq!(server.rows(), accepted);
    let testing = "SELECT count(*) FROM signature WHERE testing = 0";
    let counted: u64 = server.database().query_row(testing, [], |row| row.get(0)).unwrap();
    assert_eq!(get(&server.count_url()).await.json()["signature_count"], counted);
    let check: String = server.database().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}
