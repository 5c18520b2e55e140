//! Tests in a real browser, against the real server and its database. Pages and server are on different origins.

#![allow(clippy::disallowed_methods, reason = "tests measure real time, and make random ids")]

mod accessibility;
mod backends;
mod doctor;
mod driver;
mod embedding;
mod engines;
mod examples;
mod faults;
mod features;
mod forms;
mod guides;
mod languages;
mod leaks;
mod other_backends;
mod privacy;
mod real;
mod signing;
mod site;
mod studio;
mod subpath;

use driver::Browser;
use pledge_tests::{HostSite, Server};

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
        let server = Server::start().await;
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
        let tag = format!(
            "<script async src=\"{{{{site}}}}/pledge.js\" data-campaign=\"care-dont-share\" {attributes}></script>"
        );
        let page =
            self.host.put(name, &format!("<!doctype html><html lang=en><title>t</title><body>{tag}</body></html>"));
        self.browser.go(&page).await;
    }
}
