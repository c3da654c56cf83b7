//! Certificates to trust besides the system's, from a file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::api::Roots;
use crate::domain::text::SafeText;

use super::inputs::Environment;
use super::layers::Layers;
use super::{CA_FILE, Server, SettingsError, Sourced};

/// In bytes. All certificates that a system trusts take about 250 kB.
const LONGEST: usize = 4 * 1024 * 1024;

/// Flag over variable over configuration file.
pub(super) fn locate(
    file: Option<&Path>,
    env: &Environment<'_>,
    layers: &Layers<'_>,
) -> Option<Sourced<PathBuf>> {
    let found = CA_FILE.pick_path(file.map(Path::as_os_str), env);
    let found = found.map(|Sourced { value, source }| Sourced { value: PathBuf::from(value), source });
    found.or_else(|| layers.pick(|values| values.ca_file.as_ref()))
}

impl Server {
    /// Reads the certificates to trust besides the system's; none if no file is named.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else.
    pub fn roots(&self) -> Result<Roots, SettingsError> {
        let Some(Sourced { value: path, source }) = &self.ca_file else { return Ok(Roots::default()) };
        let refuse = |problem: String| SettingsError {
            source: source.clone(),
            given: Some(SafeText::new(&path.to_string_lossy())),
            problem,
        };
        let bytes =
            read(path).map_err(|error| refuse(format!("cannot be read: {}", super::reason(&error))))?;
        if bytes.len() > LONGEST {
            return Err(refuse("too large: use a PEM file of at most 4 MiB".to_owned()));
        }
        Roots::from_pem(&bytes).map_err(|refusal| refuse(refusal.to_string()))
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
