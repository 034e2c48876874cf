//! The images of the database servers that the project runs, which tell the version.

use super::model::Known;
use crate::config::ImageRef;
use crate::evidence::{Nearby, ServiceFiles};
use crate::history::EngineKind;

/// The images of `engine` that the files around a migrations folder name, each once: nearest first, compose files before
/// the jobs of CI, and versions that are told before those that are not.
pub(super) fn found(nearby: &Nearby, files: &ServiceFiles, engine: Option<EngineKind>) -> Vec<Known<String>> {
    let Some(engine) = engine.filter(|engine| *engine != EngineKind::Sqlite) else { return Vec::new() };
    let mut found: Vec<(bool, bool, Known<String>)> = Vec::new();
    for folder in &nearby.folders {
        for service in &files.of(&folder.path).found {
            // Nothing goes into the configuration that is not the name of an image, whatever stands in those files.
            let Ok(image) = ImageRef::parse(&service.image) else { continue };
            if image.product != Some(engine) || found.iter().any(|(_, _, known)| known.value == service.image) {
                continue;
            }
            let from = folder.shown.join(&service.from).display().to_string();
            found.push((!service.compose, image.version.is_empty(), Known { value: service.image.clone(), from }));
        }
    }
    found.sort_by_key(|(job, versionless, _)| (*job, *versionless));
    found.into_iter().map(|(_, _, known)| known).collect()
}
