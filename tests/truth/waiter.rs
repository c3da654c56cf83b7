//! `wait` on each import: what it asks and makes of the answers, from shortly before the end on.

use std::time::Duration;

use plannr_tui::domain::Now;
use plannr_tui::domain::import::ImportId;
use plannr_tui::domain::page::ListRequest;
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::simulator::{Life, Options, Phase, Shape, World};

use crate::figures::Figures;
use crate::observer::patience;
use crate::offline;

/// Seconds before the end at which it begins, and between two requests.
const BEFORE: f64 = 60.0;
const INTERVAL: f64 = 2.0;

/// Waits for each of these, if it ends at all.
pub(crate) fn wait_for_each(world: &World, options: &Options, lives: &[Life], figures: &mut Figures) {
    let ids = world.uuids(Duration::MAX);
    for (life, id) in lives.iter().zip(ids) {
        let over = life.settled_at().unwrap_or_else(|| life.ended_at());
        if over.is_finite() && over < crate::LONGEST as f64 && over > 1.0 {
            let took = wait(world, options, life, &ImportId::new(&id).unwrap(), over, figures);
            figures.waited(&format!("{:?} {id}", life.shape()), took, patience(life));
        }
    }
}

/// How long after its end a wait returns; negative where it returns before; `None` where it does not.
fn wait(
    world: &World,
    options: &Options,
    life: &Life,
    id: &ImportId,
    over: f64,
    figures: &mut Figures,
) -> Option<f64> {
    let begun = (over - BEFORE).max(life.created_at()).max(0.0) + 0.5;
    let mut snapshot = Snapshot::default();
    let mut at = begun;
    while at < over + 200.0 {
        let moment = Duration::from_secs_f64(at);
        let page = offline::list(world, None, &ListRequest::These(vec![id.clone()]), moment).unwrap();
        snapshot = snapshot.absorb(page, Now { up: moment, wall: options.start + moment });
        if snapshot.get(id).is_some_and(|watched| !watched.verdict.is_unfinished()) {
            // Nobody can know how long a pause will be that is longer than all before, nor tell an import at first
            // sight that has just as many failed rows as are left from one at rest.
            let truth = life.truth(at).unwrap();
            let pauses = truth.phase == Phase::Outage || life.shape() == Shape::Erratic;
            let level = truth.pending == truth.failed && at == begun;
            let unknowable = (pauses && at - truth.moved_at > 10.0) || level;
            if at < over && unknowable {
                figures.unknowable += 1;
                return Some(0.0);
            }
            return Some(at - over);
        }
        at += INTERVAL;
    }
    None
}
