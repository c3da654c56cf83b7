//! An error report's bytes: read into failed rows, into the reasons why they failed, and back into a CSV that only
//! needs the fixes.
//!
//! Pure: bytes in, values out. Nothing here fetches, opens a file or draws, and every cell that it hands out is
//! untrusted text.
//!
//! ```text
//!   bytes -> recognise -> delimited | workbook -> Table ---.   (header: which row is the headers)
//!                                                           |-> errors (which columns say why; each row's problems)
//!   FailedRow (the API's sample) -> sample ----> Table -----'
//!                                                 |
//!                                                 v
//!                                            FailedRows -> reasons       grouped, the values taken out
//!                                                       -> values        what the rejected values have in common
//!                                                       -> completeness  all of them, or how many of how many
//!                                                       -> filter        which rows a filter lets through
//!                                                       -> compare       with another run
//!                                                       -> source        line numbers in the client's file
//!                                                       -> fix           corrections: what is certain, and what is left
//!                                                       -> fixup         chosen rows as CSV
//! ```

pub mod compare;
pub mod errors;
pub mod filter;
pub mod fix;
pub mod fixup;
pub mod reasons;
pub mod source;
pub mod values;

mod cancel;
mod completeness;
mod delimited;
mod failed_rows;
mod header;
mod matching;
mod read;
mod read_error;
mod recognise;
mod sample;
mod table;
mod titles;
mod workbook;

pub use self::cancel::{Cancel, CancelOnDrop};
pub use self::completeness::{Completeness, Origin};
pub use self::failed_rows::{ApiView, FailedRows};
pub use self::read::read;
pub use self::read_error::{Excess, Limits, ReadError};
pub use self::table::{Dialect, Encoding, Format, LineEnd, ParseWarnings, Quotes, Quoting, Table};

/// Counts what is looked up, so that tests can say what something costs without a clock.
#[cfg(test)]
pub(crate) mod steps {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    /// One cell, name or message is looked up.
    pub(super) fn count() {
        STEPS.set(STEPS.get() + 1);
    }

    /// How many look-ups it takes.
    pub(crate) fn of(run: impl FnOnce()) -> usize {
        let before = STEPS.get();
        run();
        STEPS.get() - before
    }
}
