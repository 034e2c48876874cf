//! Where disposable servers come from.

use std::path::PathBuf;
use std::time::Duration;

use crate::provision::Mode;
use crate::run::Servers;

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct ServerArgs {
    /// Where servers come from.
    #[arg(long, default_value = "auto")]
    provision: Mode,
    /// Use this server: create a database there, drop it after, touch no other.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// With --url: let migrations make roles and the like; those made in a transaction are dropped again.
    #[arg(long, requires = "url")]
    allow_cluster_objects: bool,
    /// The container image; for local servers its version is what counts.
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// The folder of the server binaries; repeat it where databases are of several products, each takes what is its own.
    #[arg(long, value_name = "DIR")]
    server_bin: Vec<PathBuf>,
    /// Seconds for one migration script.
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    timeout: Duration,
    /// Seconds that a server in a container may take to its first answer.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    start_timeout: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds is expected, such as 300 or 0.5".to_owned())?;
    if seconds > 0.0 {
        Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
    } else {
        Err("the timeout has to be more than 0 seconds".to_owned())
    }
}

impl ServerArgs {
    /// What was meant, with this many databases at a time.
    ///
    /// # Errors
    /// When two servers are named, or one that does not fit `--provision`.
    pub(super) fn servers(&self, jobs: usize) -> Result<Servers, String> {
        for (flag, given) in [("--url", self.url.is_some()), ("--server-bin", !self.server_bin.is_empty())] {
            if given && self.provision == Mode::Container {
                return Err(format!(
                    "{flag} names a server that is no container; leave it or `--provision container` out"
                ));
            }
        }
        if self.url.is_some() && !self.server_bin.is_empty() {
            return Err("--url and --server-bin name two servers; leave one of them out".to_owned());
        }
        Ok(Servers {
            provision: self.provision,
            url: self.url.clone(),
            allow_cluster_objects: self.allow_cluster_objects,
            image: self.image.clone(),
            server_bins: self.server_bin.clone(),
            start_timeout: self.start_timeout,
            timeout: self.timeout,
            jobs,
        })
    }
}
