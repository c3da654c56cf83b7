//! How the program ends: the exit codes that scripts rely on, and which error leads to which.

use std::process::ExitCode;

use crate::domain::account::{MissingProfile, Refusal};
use crate::domain::fault::Fault;
use crate::domain::redact::Redaction;
use crate::domain::transfer::DownloadFault;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0.
    Success,
    /// 1: an unexpected failure.
    Unexpected,
    /// 2: an invalid argument or setting. Also clap's code.
    Usage,
    /// 3: `wait`: everything settled, some rows failed.
    RowsFailed,
    /// 3: `fix`: some rows are left.
    RowsLeft,
    /// 4: no token, a rejected token, or no permission.
    Authentication,
    /// 5: the server cannot be reached, or still fails after retries.
    Unavailable,
    /// 6: `wait` timed out.
    TimedOut,
    /// 128 + n: ended by signal n, so 130 on Ctrl-C.
    Signal(u8),
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::RowsFailed | Self::RowsLeft => 3,
            Self::Authentication => 4,
            Self::Unavailable => 5,
            Self::TimedOut => 6,
            Self::Signal(number) => number.saturating_add(128),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

impl From<&Fault> for Exit {
    fn from(fault: &Fault) -> Self {
        match fault {
            Fault::Unauthenticated | Fault::Forbidden(_) => Self::Authentication,
            Fault::RateLimited(_)
            | Fault::Server(..)
            | Fault::Unreachable(_)
            | Fault::ConnectionClosed
            | Fault::LoginPage(_)
            | Fault::Damaged(_)
            | Fault::Tls(_)
            | Fault::Proxy(_)
            | Fault::TimedOut
            | Fault::NotTheApi(_) => Self::Unavailable,
            Fault::NotFound | Fault::Refused(..) => Self::Unexpected,
        }
    }
}

impl From<&DownloadFault> for Exit {
    fn from(fault: &DownloadFault) -> Self {
        match fault {
            DownloadFault::Fault(fault) => fault.into(),
            DownloadFault::Link(_)
            | DownloadFault::Gone { .. }
            | DownloadFault::NotFollowed(_)
            | DownloadFault::TooLarge(_)
            | DownloadFault::Local(_) => Self::Unexpected,
        }
    }
}

/// An error that ends the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For the user, without a full stop or a newline at the end.
    pub message: String,
    pub exit: Exit,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self { message: with_advice(&fault, fault.advice()), exit: Exit::from(&fault) }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fault { host, fault } => Self::of(&fault, host.as_str()),
            Refusal::Account(message) | Refusal::Token(message) => {
                Self { message, exit: Exit::Authentication }
            }
        }
    }
}

impl MissingProfile {
    /// As a command reports it.
    pub(crate) fn failure(&self, redaction: Redaction) -> Failure {
        let Failure { exit, .. } = self.why.clone().into();
        Failure { message: self.describe(redaction), exit }
    }
}

impl From<DownloadFault> for Failure {
    fn from(fault: DownloadFault) -> Self {
        Self { message: with_advice(&fault, fault.advice()), exit: Exit::from(&fault) }
    }
}

impl Failure {
    /// The fault with the host that it is about, and what to do.
    pub(crate) fn of(fault: &Fault, host: &str) -> Self {
        let message = with_advice(&format_args!("{host}: {fault}"), fault.advice());
        Self { message, exit: fault.into() }
    }
}

/// "problem; advice", the form of every message that says what to do.
pub(crate) fn with_advice(problem: &impl std::fmt::Display, advice: Option<&str>) -> String {
    match advice {
        Some(advice) => format!("{}; {advice}", problem.to_string().trim_end_matches('.')),
        None => problem.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_the_code_that_scripts_expect() {
        let table = [
            (Fault::Unauthenticated, 4),
            (Fault::Forbidden("no".into()), 4),
            (Fault::NotFound, 1),
            (Fault::Refused(422, "no".into()), 1),
            (Fault::RateLimited(None), 5),
            (Fault::Server(503, None), 5),
            (Fault::Unreachable("no route".into()), 5),
            (Fault::ConnectionClosed, 5),
            (Fault::LoginPage("plannr.example".into()), 5),
            (Fault::Damaged("its JSON is cut off".into()), 5),
            (Fault::Tls("expired".into()), 5),
            (Fault::Proxy("proxy.example refuses".into()), 5),
            (Fault::TimedOut, 5),
            (Fault::NotTheApi("HTML".into()), 5),
        ];
        for (fault, code) in table {
            assert_eq!(Exit::from(&fault).code(), code, "{fault}");
        }
        assert_eq!(Exit::Signal(2).code(), 130);
        assert_eq!(Exit::from(&DownloadFault::Fault(Fault::Unauthenticated)).code(), 4);
        assert_eq!(Exit::from(&DownloadFault::TooLarge(1)).code(), 1);
    }

    #[test]
    fn a_failure_says_what_to_do() {
        let fault = Fault::Unauthenticated;
        let message = format!("{fault}; {}", fault.advice().unwrap());
        assert_eq!(Failure::from(fault).to_string(), message);
    }
}
