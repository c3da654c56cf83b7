//! What the simulated server promises to those who test against it.

mod data;
mod firms;
mod http;
mod lives;
mod routes;

use std::time::Duration;

use serde_json::Value;

use super::{Options, World};

/// World time in seconds.
fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// The JSON of a successful `GET`.
fn json(world: &World, path: &str, seconds: f64) -> Value {
    let response = world.answer(&world.get(path), at(seconds));
    assert_eq!(response.status, 200, "{path}: {}", String::from_utf8_lossy(&response.body));
    serde_json::from_slice(&response.body).unwrap()
}

fn uuids(page: &Value) -> Vec<String> {
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|import| import["uuid"].as_str().unwrap().to_owned())
        .collect()
}

/// A count, whatever its type.
fn number(value: &Value) -> u64 {
    value.as_str().map_or_else(|| value.as_f64().unwrap() as u64, |text| text.parse().unwrap())
}

fn still(imports: usize) -> Options {
    Options { imports, keep_starting: false, ..Options::default() }
}
