//! A program that was started, and everything that it starts.

use std::process::ExitStatus;

use tokio::process::Child;

/// Kills the program when dropped. It should be started with `kill_on_drop`.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// Whether it leads a process group of its own, which is killed with it.
    pub(crate) group: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Without a group only the child is killed, by `kill_on_drop`.
        #[cfg(unix)]
        if let Some(id) = self.child.id().filter(|_| self.group)
            && let Some(leader) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
        #[cfg(not(unix))]
        let _ = self.group;
    }
}

/// `exit status 1`, `signal 9 (SIGKILL)`.
pub(crate) fn describe(status: ExitStatus) -> String {
    status.to_string().replacen(": ", " ", 1)
}
