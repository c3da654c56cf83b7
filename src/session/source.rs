//! The client's own file (`--source`): read once, sent nowhere.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};
use crate::report::{self, Limits, Table};

pub(crate) fn read(path: &Path) -> Result<Table, Failure> {
    let failure = |problem: String| {
        let message = format!("--source {}: {problem}", SafeText::new(&path.display().to_string()));
        Failure { message, exit: Exit::Usage }
    };
    let limits = Limits::default();
    let mut bytes = Vec::new();
    // One byte more than allowed, to detect a file that is too large.
    let most = u64::try_from(limits.bytes).unwrap_or(u64::MAX).saturating_add(1);
    let opened = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    opened.map_err(|error| failure(format!("cannot be read ({})", error.kind())))?;
    report::read(&bytes, &limits).map_err(|refusal| failure(refusal.to_string()))
}
