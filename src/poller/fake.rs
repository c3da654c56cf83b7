//! A server for tests: a list of imports that answers each ask as the real one would.

use url::Url;

use crate::domain::fault::Fault;
use crate::domain::import::Import;
use crate::domain::page::{Ask, Cursor, Page};
use crate::domain::snapshot::tests::import;

#[derive(Debug, Default)]
pub(super) struct Server {
    /// Newest first.
    pub(super) imports: Vec<Import>,
    /// What every request fails with.
    pub(super) fault: Option<Fault>,
    pub(super) budget: Option<u32>,
    /// The last page points to itself.
    pub(super) endless: bool,
}

impl Server {
    /// So many imports `r0`, `r1`, … of each kind: running, waiting, over.
    pub(super) fn with(running: usize, waiting: usize, over: usize) -> Self {
        let mut server = Self::default();
        for (prefix, count, word, remaining) in
            [("r", running, "processing", 500), ("w", waiting, "pending", 1000), ("d", over, "completed", 0)]
        {
            for nth in 0..count {
                let age = server.imports.len() as i64 * 60 + 3600;
                let name = format!("{prefix}{nth}");
                server.imports.push(import(&name, age, word, (1000, remaining, 0)));
            }
        }
        server
    }

    pub(super) fn add(&mut self, name: &str, age: i64) {
        self.imports.insert(0, import(name, age, "processing", (1000, 1000, 0)));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.imports.retain(|import| import.id.as_str() != name);
    }

    pub(super) fn answer(&self, ask: &Ask) -> Result<Page, Fault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        Ok(match ask {
            Ask::These(ids) => {
                assert!(!ids.is_empty() && ids.len() <= Ask::MAX_IDS);
                let imports = self.imports.iter().filter(|import| ids.contains(&import.id)).cloned();
                Page { imports: imports.collect(), budget: self.budget, ..Page::default() }
            }
            Ask::Newest { per_page, .. } => self.page(0, usize::from(*per_page)),
            Ask::Next(Cursor(url)) => {
                let mut parts = url.path_segments().unwrap().map(|part| part.parse().unwrap());
                self.page(parts.next().unwrap(), parts.next().unwrap())
            }
        })
    }

    fn page(&self, from: usize, per_page: usize) -> Page {
        let end = (from + per_page).min(self.imports.len());
        let more = end < self.imports.len();
        let next = if more { end } else { from };
        let next = Url::parse(&format!("http://fake/{next}/{per_page}")).unwrap();
        Page {
            imports: self.imports[from.min(end)..end].to_vec(),
            next: (more || self.endless).then_some(Cursor(next)),
            total: Some(self.imports.len() as u64),
            oddities: Vec::new(),
            budget: self.budget,
        }
    }
}
