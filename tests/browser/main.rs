//! A real browser on real pages, against the real server and its database, page and server on different origins.

mod backends;
mod below;
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
mod looks;
mod otherwise;
mod privacy;
mod real;
mod signing;
mod site;
mod studio;

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

    /// A world whose browser shows the partner's page with a form that can be signed.
    async fn with_form() -> World {
        let world = World::new().await;
        world.browser.go(&world.host.page("partner")).await;
        world.browser.ready(0).await;
        world
    }

    /// Opens a page that holds one script tag with these attributes besides the campaign.
    async fn open_with(&self, name: &str, attributes: &str) {
        let tag = format!(
            "<script async src=\"{{{{site}}}}/pledge.js\" data-campaign=\"care-dont-share\" {attributes}></script>"
        );
        let page =
            self.host.put(name, &format!("<!doctype html><html lang=en><title>t</title><body>{tag}</body></html>"));
        self.browser.go(&page).await;
    }
}
