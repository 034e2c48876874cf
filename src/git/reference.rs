//! The commit that a reference means, and the one from which HEAD and it part.

use super::command::{Ran, failed, git};
use super::{GitError, Repository};
use crate::suggest;

impl Repository {
    /// The commit from which HEAD and `reference` part. `origin/<reference>` is meant too: a checkout by a CI system often
    /// has branches of the remote only.
    ///
    /// # Errors
    /// There is no such reference, no commit, or none that both have in common, be it that the clone is shallow. What git
    /// would take for a flag is refused.
    pub async fn merge_base(&self, reference: &str) -> Result<String, GitError> {
        if reference.starts_with('-') {
            return Err(GitError::Flag { reference: reference.to_owned() });
        }
        for name in [reference.to_owned(), format!("origin/{reference}")] {
            let ran = git(&self.top, &["merge-base", &name, "HEAD"]).await?;
            match (ran.code, ran.lines().into_iter().next()) {
                (0, Some(commit)) => return Ok(commit),
                (1, _) if self.shallow => return Err(GitError::Shallow { reference: reference.to_owned() }),
                (1, _) => {
                    return Err(GitError::Unrelated { reference: reference.to_owned(), place: self.named() });
                }
                _ if is_unknown(&ran) => {}
                // Something is wrong with what it names.
                _ if self.has(&name).await? && self.has("HEAD").await? => {
                    return Err(failed(&self.top, &["merge-base", &name, "HEAD"], &ran));
                }
                _ => {}
            }
        }
        if !self.has("HEAD").await? {
            return Err(GitError::NoCommits { repository: self.top.clone() });
        }
        let known = git(&self.top, &["for-each-ref", "--format=%(refname:short)"]).await?.lines();
        // Of a branch of the remote the short name is meant as often as the long one.
        let short = known.iter().filter_map(|name| name.strip_prefix("origin/"));
        let mut names: Vec<&str> = known.iter().map(String::as_str).chain(short).collect();
        names.sort_unstable();
        names.dedup();
        let hint = suggest::hint(reference, names);
        Err(GitError::UnknownReference { reference: reference.to_owned(), place: self.named(), hint })
    }

    /// Whether a name is that of a commit that is here.
    async fn has(&self, name: &str) -> Result<bool, GitError> {
        let ran = git(&self.top, &["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")]).await?;
        Ok(ran.code == 0)
    }
}

/// Whether git says that one of the names is not known to it.
fn is_unknown(ran: &Ran) -> bool {
    ran.stderr.contains("Not a valid object name")
}
