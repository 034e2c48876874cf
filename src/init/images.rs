//! The images of the database servers that the project runs, which tell the version.

use std::path::Path;

use super::model::Known;
use crate::config::ImageRef;
use crate::history::{self, EngineKind, Nearby};

/// The images of `engine` that the files around a migrations folder name, each once: nearest first, compose files before
/// the jobs of CI, and versions that are told before those that are not.
pub(super) fn found(folder: &Path, root: &Path, engine: Option<EngineKind>) -> Vec<Known<String>> {
    let Some(engine) = engine.filter(|engine| *engine != EngineKind::Sqlite) else { return Vec::new() };
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut found: Vec<(bool, bool, Known<String>)> = Vec::new();
    for level in Nearby::around(folder, Some(&root)).levels {
        for service in history::services(&level.folder).found {
            // Nothing goes into the configuration that is not the name of an image, whatever stands in those files.
            let Ok(image) = ImageRef::parse(&service.image) else { continue };
            if image.product != Some(engine) || found.iter().any(|(_, _, known)| known.value == service.image) {
                continue;
            }
            let below = level.folder.strip_prefix(&root).unwrap_or(&level.folder);
            let from = below.join(&service.from).display().to_string();
            found.push((!service.compose, image.version.is_empty(), Known { value: service.image, from }));
        }
    }
    found.sort_by_key(|(job, versionless, _)| (*job, *versionless));
    found.into_iter().map(|(_, _, known)| known).collect()
}
