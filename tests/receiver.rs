//! A service that the server tells about signatures.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A request that has arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Arrived {
    /// Returns a header, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns the body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

#[derive(Clone, Default)]
struct Shared {
    arrived: Arc<Mutex<Vec<Arrived>>>,
    /// The status of the next responses. `None` if it never answers.
    status: Arc<Mutex<Option<u16>>>,
}

/// A service on this machine.
pub struct Receiver {
    address: SocketAddr,
    shared: Shared,
    task: Option<JoinHandle<()>>,
}

impl Receiver {
    /// Starts a service that answers with this status. With `None`, it takes requests and never answers.
    pub async fn start(status: Option<u16>) -> Receiver {
        let shared = Shared::default();
        *shared.status.lock().expect("a lock") = status;
        let mut receiver = Receiver { address: ([127, 0, 0, 1], 0).into(), shared, task: None };
        receiver.restart().await;
        receiver
    }

    /// Starts the service again, at the same address.
    pub async fn restart(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("its address");
        self.address = listener.local_addr().expect("its address");
        let app = axum::Router::new().fallback(take).with_state(self.shared.clone());
        self.task = Some(tokio::spawn(async move {
            let _ = axum::serve(listener, app).await;
        }));
    }

    /// Stops it. Nobody can connect until it is started again.
    pub async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// Answers with another status from now on.
    pub fn answer(&self, status: Option<u16>) {
        *self.shared.status.lock().expect("a lock") = status;
    }

    /// Returns its address.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Returns what has arrived so far.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.shared.arrived.lock().expect("a lock").clone()
    }
}

async fn take(State(shared): State<Shared>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    shared.arrived.lock().expect("a lock").push(Arrived { headers: parts.headers, body });
    let status = *shared.status.lock().expect("a lock");
    match status {
        Some(status) => Response::builder().status(status).body(Body::empty()).expect("a response"),
        None => std::future::pending().await,
    }
}
