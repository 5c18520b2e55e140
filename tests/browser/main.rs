//! Tests in a real browser, against the real server and its database. Pages and server are on different origins.

#![allow(clippy::disallowed_methods, reason = "tests measure real time, and make random ids")]

mod accessibility;
mod backends;
mod confirmation;
mod doctor;
mod driver;
mod embedding;
mod engines;
mod examples;
mod faults;
mod features;
mod form;
mod forms;
mod guides;
mod languages;
mod layout;
mod leaks;
mod other_backends;
mod privacy;
mod real;
mod run_a_server;
mod signing;
mod site;
mod studio;
mod subpath;

use driver::Browser;
use pledge_tests::{HostSite, Server};

/// Timers of five seconds or more end after a tenth of their time, so that a test need not wait out a time limit of the
/// widget.
const SHORT_LIMITS: &str = "<script>{
    const { setTimeout } = window;
    window.setTimeout = (run, ms, ...rest) => setTimeout(run, ms >= 5000 ? ms / 10 : ms, ...rest);
}</script>";

/// A server, a partner's site on another origin, and a browser.
struct World {
    server: Server,
    host: HostSite,
    browser: Browser,
}

impl World {
    async fn new() -> World {
        World::sized(1280, 900).await
    }

    async fn sized(width: u32, height: u32) -> World {
        World::with_server(Server::start().await, width, height).await
    }

    async fn with_server(server: Server, width: u32, height: u32) -> World {
        let host = HostSite::start(&server.site()).await;
        World { server, host, browser: Browser::open(width, height).await }
    }

    /// Opens the partner's page and waits for its form.
    async fn with_form() -> World {
        let world = World::new().await;
        world.browser.go(&world.host.page("partner")).await;
        world.browser.ready(0).await;
        world
    }

    /// Opens a page with one script tag that has these attributes in addition to the campaign.
    async fn open_with(&self, name: &str, attributes: &str) {
        self.open_tag(name, attributes, "").await;
    }

    /// Opens the same page with time limits that are a tenth as long.
    async fn open_with_short_limits(&self, name: &str, attributes: &str) {
        self.open_tag(name, attributes, SHORT_LIMITS).await;
    }

    async fn open_tag(&self, name: &str, attributes: &str, before: &str) {
        let tag = format!(
            "<script async src=\"{{{{site}}}}/pledge.js\" data-campaign=\"care-dont-share\" {attributes}></script>"
        );
        let page = format!("<!doctype html><html lang=en><title>t</title><body>{before}{tag}</body></html>");
        self.browser.go(&self.host.put(name, &page)).await;
    }
}
