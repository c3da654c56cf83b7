//! Standard output: data, and nothing else.

pub(crate) mod formats;
pub(crate) mod printer;
pub(crate) mod stdout;
