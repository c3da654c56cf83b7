//! `plannr-tui demo`: the monitor against a simulated Plannr inside the process, over real HTTP.

use std::process::ExitCode;

use color_eyre::eyre::WrapErr;

use super::monitor::reload::ConfigFile;
use super::monitor::{SignIn, sign_in_and_watch};
use crate::api::{BaseUrl, Token};
use crate::cli::DemoArgs;
use crate::config::{Server, Settings};
use crate::domain::Now;
use crate::session::access::Access;
use crate::simulator::{Options, Simulator};
use crate::terminal;

/// Imports from before the period, for `O` to load.
const OLDER: usize = 12;

pub(super) fn run(
    settings: &Settings,
    demo: &DemoArgs,
    config_file: ConfigFile,
    clock: impl Fn() -> Now + Clone + Send + Sync + 'static,
) -> color_eyre::Result<ExitCode> {
    terminal::check(settings.dumb)?;
    let options = Options {
        imports: usize::try_from(demo.imports).unwrap_or(usize::MAX),
        firms: usize::try_from(demo.firms).unwrap_or(usize::MAX),
        seed: demo.seed,
        speed: demo.speed,
        faults: demo.faults,
        older: OLDER,
        quirks: demo.faults,
        start: clock().wall,
        ..Options::default()
    };
    let simulator = Simulator::start(options).wrap_err("cannot start the simulated server")?;
    let sign_in = SignIn { servers: vec![Server::at(BaseUrl::new(&simulator.base_url())?)], demo: true };
    let token = Token::new(simulator.token())?;
    sign_in_and_watch(settings, sign_in, async |_| Ok(Access::fixed(token.clone())), config_file, clock)
}
