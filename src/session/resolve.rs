//! From how imports are named on the command line to their uuids.

use jiff::Timestamp;

use super::connect::Connected;
use super::pages::{page_size, pages};
use super::retry::Retry;
use crate::config::Settings;
use crate::domain::import::ImportId;
use crate::domain::import_name::{ImportName, NotFound};
use crate::exit::{Exit, Failure};
use crate::output::stdout::Reader;

/// The uuids of imports. The list is requested only where a name is no whole uuid, within the period and the types that
/// were asked for: one page for the latest, all of them to be sure that a beginning is unique.
///
/// # Errors
/// The list cannot be had; a name means none (exit 1) or several imports (exit 2).
pub(crate) async fn resolve(
    names: &[ImportName],
    connected: &Connected,
    settings: &Settings,
    retry: &mut Retry,
) -> Result<Vec<ImportId>, Failure> {
    let needs_all = names.iter().any(|name| matches!(name, ImportName::Prefix(_)));
    let needs_list = needs_all || names.contains(&ImportName::Latest);
    let mut listed: Vec<(ImportId, Option<Timestamp>)> = Vec::new();
    if needs_list {
        let client = &connected.client;
        let fetch = |request| async move { client.list(&request).await };
        let per_page = page_size(if needs_all { None } else { Some(1) });
        pages(client.base().host(), fetch, &settings.criteria, per_page, retry, async |_, page| {
            listed.extend(page.imports.iter().map(|import| (import.id.clone(), import.created_at)));
            Ok(if needs_all { Reader::Open } else { Reader::Closed })
        })
        .await?;
    }
    let among = || listed.iter().map(|(id, created_at)| (id, *created_at));
    let found = names.iter().map(|name| name.find(among()).map_err(failure));
    found.collect()
}

fn failure(why: NotFound) -> Failure {
    let exit = match why {
        NotFound::None(_) => Exit::Unexpected,
        NotFound::Several(..) => Exit::Usage,
    };
    Failure { message: why.to_string(), exit }
}
