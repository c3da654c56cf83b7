//! What happened, kept on disk if the user asks for it: events and counts, no name of a client, a person, a firm or a file.
//!
//! A file of lines that several programs append to. Each of them is a reader of its own: it knows by its lines what it saw
//! last, so that nothing is missed over a restart.

mod contents;
mod file;
mod line;
mod recorder;
#[cfg(test)]
mod tests;

pub use self::contents::{Contents, Entry, Reader};
pub use self::file::{Journal, Writer};
pub use self::line::{Line, Unseen};
pub use self::recorder::Recorder;
