//! Tests of the server's HTTP contract over real connections to a real process with a real database.

#![allow(clippy::disallowed_methods, reason = "tests measure real time, and make random ids")]

mod bundle;
mod connections;
mod deliveries;
mod door;
mod faults;
mod files;
mod flood;
mod hostile;
mod mail;
mod openapi;
mod operating;
mod origins;
mod proof;
mod proxies;
mod refusals;
mod signing;
mod staff;
mod storage;
mod subpath;

use reqwest::{Client, Response};
use serde_json::Value;

/// A response as a client sees it.
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Answer {
    async fn of(response: Response) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a body") }
    }

    /// Reads a response without its body, which is compressed.
    async fn of_bytes(response: Response) -> Answer {
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), text: String::new() }
    }

    /// Reads a response whose body may be binary; invalid UTF-8 is replaced.
    async fn of_any(response: Response) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body");
        Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }
}

async fn get(url: &str) -> Answer {
    Answer::of(Client::new().get(url).send().await.expect("an answer")).await
}

/// Sends a form, as a browser does.
async fn submit(url: &str, form: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Client::new().post(url).header("content-type", "application/x-www-form-urlencoded").body(body);
    Answer::of(request.send().await.unwrap()).await
}

/// Posts a plain string, as a browser does when it sends no preflight.
async fn post(url: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = Client::new().post(url).header("Content-Type", "text/plain;charset=UTF-8").body(body);
    Answer::of(request.send().await.expect("an answer")).await
}
