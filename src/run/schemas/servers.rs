//! The servers of one command: one for each that is wanted, whatever runs on it.

use crate::provision::{self, Server, Wanted};
use crate::replay::Event;
use crate::run::database::{LOG_LINES, has_ended};

/// The servers that were started, each with what it was wanted for.
#[derive(Default)]
pub(super) struct Servers {
    started: Vec<(String, Server)>,
}

impl Servers {
    /// The server that is wanted, started once.
    ///
    /// # Errors
    /// When there is none to be had.
    pub(super) async fn server(&mut self, wanted: &Wanted, tell: &dyn Fn(&Event)) -> Result<&Server, String> {
        let key = format!("{:?}", (wanted.engine, &wanted.image, &wanted.server_settings, wanted.allow_substitute));
        let at = match self.started.iter().position(|(other, _)| *other == key) {
            Some(at) => at,
            None => {
                let preparing = |what: &str| tell(&Event::Preparing { what: what.to_owned() });
                let clock = std::time::Instant::now();
                let server = provision::provide(wanted, &preparing).await.map_err(|error| error.to_string())?;
                let name = format!("{} {}", wanted.engine.title(), server.version);
                let millis = clock.elapsed().as_secs_f64() * 1000.0;
                tell(&Event::ServerReady { server: name, provision: server.provision.word(), millis });
                self.started.push((key, server));
                self.started.len() - 1
            }
        };
        Ok(&self.started[at].1)
    }

    /// Why a command came to nothing, with the log of a server that is gone.
    pub(super) async fn explained(&mut self, mut message: String) -> String {
        for (_, server) in &mut self.started {
            if has_ended(server, !message.contains("connection")).await {
                let log = server.log_tail(LOG_LINES).await;
                message.push_str(&format!("\nthe server ended while it was in use; its log ends:\n{}", log.join("\n")));
            }
        }
        message
    }

    /// Ends them.
    ///
    /// # Errors
    /// When something is left of one.
    pub(super) async fn stop(self) -> Result<(), String> {
        for (_, server) in self.started {
            server.stop().await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}
