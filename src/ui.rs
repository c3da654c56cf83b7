//! What is drawn.

pub mod format;
