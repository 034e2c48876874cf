//! Labels say whose a container is, so that those of killed runs are found and nobody else's is touched.

use std::collections::HashMap;

use testcontainers::bollard::Docker;
use testcontainers::bollard::models::ContainerSummary;
use testcontainers::bollard::query_parameters::ListContainersOptionsBuilder;

use super::super::owner::Owner;
use super::removal::remove;

const PID: &str = "rollproof.owner.pid";
const START: &str = "rollproof.owner.start";
const PLACE: &str = "rollproof.owner.place";
const MADE: &str = "rollproof.owner.made";

/// The labels of a container that this owner makes.
pub(super) fn labels(owner: &Owner) -> [(&'static str, String); 4] {
    [
        (PID, owner.pid.to_string()),
        (START, owner.start.to_string()),
        (PLACE, owner.place.clone()),
        (MADE, owner.made.to_string()),
    ]
}

fn owner(labels: &HashMap<String, String>) -> Option<Owner> {
    Some(Owner {
        pid: labels.get(PID)?.parse().ok()?,
        start: labels.get(START)?.parse().ok()?,
        place: labels.get(PLACE)?.clone(),
        made: labels.get(MADE)?.parse().ok()?,
    })
}

/// What a sweep came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Swept {
    /// The names of the containers that are gone now.
    pub(super) removed: Vec<String>,
    /// What could not be done, and why.
    pub(super) problems: Vec<String>,
}

impl Swept {
    /// Notes what became of the container of this name.
    pub(super) fn note(&mut self, name: String, removed: Result<bool, String>) {
        match removed {
            Ok(true) => self.removed.push(name),
            Ok(false) => {}
            Err(reason) => self.problems.push(format!("the container {name} could not be removed: {reason}")),
        }
    }
}

/// A container, as the engine knows it.
pub(super) struct Found {
    id: String,
    /// The name that it was given.
    pub(super) name: String,
}

/// The containers of runs that were killed.
pub(super) async fn abandoned(client: Docker) -> Result<Vec<Found>, String> {
    let filters = HashMap::from([("label".to_owned(), vec![MADE.to_owned()])]);
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let listed = client.list_containers(Some(options)).await;
    let containers = listed.map_err(|error| format!("the container engine does not list its containers: {error}"))?;
    let found = containers.into_iter().filter(is_abandoned).filter_map(|container| {
        let id = container.id?;
        let name = container.names.into_iter().flatten().next();
        Some(Found { name: name.map_or_else(|| id.clone(), |name| name.trim_start_matches('/').to_owned()), id })
    });
    Ok(found.collect())
}

/// Removes the containers of runs that were killed.
pub(super) async fn sweep(client: Docker) -> Swept {
    let mut swept = Swept::default();
    match abandoned(client.clone()).await {
        Ok(containers) => {
            for Found { id, name } in containers {
                swept.note(name, remove(&client, &id).await);
            }
        }
        Err(problem) => swept.problems.push(problem),
    }
    swept
}

fn is_abandoned(container: &ContainerSummary) -> bool {
    container.labels.as_ref().and_then(owner).is_some_and(|owner| owner.is_gone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_the_owner() {
        let this = Owner::this();
        let made: HashMap<String, String> =
            labels(&this).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(owner(&made), Some(this.clone()));
        let of = |labels| ContainerSummary { labels: Some(labels), ..ContainerSummary::default() };
        assert!(!is_abandoned(&of(made.clone())), "its owner lives");
        let mut dead = made.clone();
        dead.insert(PID.to_owned(), u32::MAX.to_string());
        assert!(is_abandoned(&of(dead)));
        let mut broken = made;
        broken.remove(START);
        assert!(!is_abandoned(&of(broken)), "somebody else's");
    }
}
