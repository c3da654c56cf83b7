//! What commands share on their way to the server: the token in use, signing in, retrying, whole lists, reports.

pub(crate) mod access;
pub(crate) mod connect;
pub(crate) mod connections;
pub(crate) mod once;
pub(crate) mod pages;
pub(crate) mod resolve;
pub(crate) mod retry;
pub(crate) mod source;
pub(crate) mod transfer;
