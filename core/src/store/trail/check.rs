//! Whether the trail is whole: every entry names the one before, and the generation record the last.

use super::super::{OpenVault, Record, RecordName, Transaction, name::AUDIT};
use crate::{
    audit::{AuditProblem, AuditProblemKind, AuditReport, Event, Link, Note, Trail},
    error::Result,
};
use alloc::{format, string::String, vec::Vec};

/// How many gaps are reported, and how many other problems.
const MOST_PROBLEMS: usize = 1000;
/// Among how many entries that do not open it is looked for one that was moved.
const MOST_MOVED: usize = 32;
/// How often the trail is read while others shorten it.
const ATTEMPTS: usize = 3;
/// How often it is read on to an end that others move on.
const MOST_ENDS: usize = 5;

const OTHER: &str = "another entry is in its place, from another copy of the vault";

const RESTARTED: &str = "the record 'generation' was damaged or gone then: entries before this one may be gone, too";

/// A walk through the trail.
#[derive(Default)]
pub(in crate::store) struct Walk {
    pub(in crate::store) report: AuditReport,
    gaps: usize,
    holes: usize,
    /// The last entry that was met; its digest is not known where it does not open.
    last: Option<(u64, Option<Link>)>,
    /// How many events there were up to it, where that is known.
    events: Option<u64>,
    /// Records of entries that do not open.
    damaged: Vec<Record>,
    /// Numbers of entries that are missing.
    missing: Vec<u64>,
    /// The end of the trail as it was found before the entries up to there were read, and whether it was met.
    end: Option<Link>,
    is_end_met: bool,
}

/// Whether it is the trail itself that says so, and not how its entries hang together.
pub(in crate::store) const fn is_noted(kind: AuditProblemKind) -> bool {
    matches!(kind, AuditProblemKind::Gap | AuditProblemKind::Restarted)
}

impl Walk {
    /// Gaps are counted apart, so that many of them leave no less room for what someone did to the trail.
    fn report_problem(&mut self, kind: AuditProblemKind, entry: u64, explanation: String) {
        let count = if is_noted(kind) { &mut self.gaps } else { &mut self.holes };
        *count += 1;
        if *count <= MOST_PROBLEMS {
            self.report.problems.push(AuditProblem { kind, entry, explanation });
        }
    }

    /// Whether something of the trail is not there as it was.
    pub(in crate::store) fn has_holes(&self) -> bool {
        self.holes > 0
    }

    fn report_missing(&mut self, entry: u64, before: Option<u64>) {
        let events = before.zip(self.events).and_then(|(before, known)| before.checked_sub(known));
        let explanation = match events {
            Some(events) => format!("entries up to this one are gone, with {events} events"),
            None => "the entry is gone, as the one after it says".into(),
        };
        self.missing.push(entry);
        self.report_problem(AuditProblemKind::Removed, entry, explanation);
    }
}

impl OpenVault {
    /// Looks through the whole trail.
    pub(crate) fn verify_audit(&self) -> Result<AuditReport> {
        self.flush_first()?;
        self.read(|transaction| {
            self.walk(transaction).map(|walk| walk.report).and_then(|report| transaction.unless_outdated(report))
        })
    }

    pub(in crate::store) fn walk(&self, transaction: &Transaction<'_>) -> Result<Walk> {
        let mut attempt = 1;
        loop {
            let begun = transaction.generation()?.generation.audit();
            let mut walk = Walk::default();
            let ended = self.walk_once(transaction, begun, &mut walk)?;
            let is_shortened = begun.map(|trail| trail.first) != ended.map(|trail| trail.first);
            if !is_shortened || attempt == ATTEMPTS {
                return Ok(walk);
            }
            attempt += 1;
        }
    }

    /// Up to the end, as that is when it is reached.
    fn walk_once(&self, transaction: &Transaction<'_>, begun: Option<Trail>, walk: &mut Walk) -> Result<Option<Trail>> {
        let mut after: Option<String> = None;
        walk.events = begun.map(|trail| trail.removed);
        walk.end = begun.map(|Trail { entry, digest, .. }| Link { entry, digest });
        for end in 1.. {
            let mut found = Vec::new();
            for records in self.pages_after(AUDIT, after.clone()) {
                for record in records? {
                    after = Some(record.name.clone());
                    self.meet(transaction, begun, record, walk, &mut found)?;
                }
            }
            let ended = transaction.generation()?.generation.audit();
            // Others went on while this was read.
            let is_behind = ended.is_some_and(|trail| walk.last.is_none_or(|(last, _)| last < trail.entry));
            if !is_behind || found.is_empty() {
                self.compare_end(transaction, ended, walk);
                return Ok(ended);
            }
            if end == MOST_ENDS {
                // They do not stop. What was the end a moment ago must be among what was read.
                if let Some(end) = walk.end.filter(|_| !walk.is_end_met) {
                    walk.report_problem(AuditProblemKind::Edited, end.entry, OTHER.into());
                }
                return Ok(ended);
            }
            walk.is_end_met = false;
            walk.end = ended.map(|Trail { entry, digest, .. }| Link { entry, digest });
        }
        Ok(begun)
    }

    /// The next record of the trail.
    fn meet(
        &self,
        transaction: &Transaction<'_>,
        trail: Option<Trail>,
        record: Record,
        walk: &mut Walk,
        found: &mut Vec<u64>,
    ) -> Result<()> {
        let Some((number, entry, link)) = self.read_entry(transaction, &record)? else {
            let Some(number) = RecordName::audit_number(&record.name) else {
                walk.report_problem(
                    AuditProblemKind::Inserted,
                    0,
                    format!("the record '{}' does not belong to the trail", record.name),
                );
                return Ok(());
            };
            found.push(number);
            walk.last = Some((number, None));
            walk.events = None;
            if walk.damaged.len() < MOST_MOVED {
                walk.damaged.push(record);
            }
            walk.report_problem(AuditProblemKind::Edited, number, "the entry does not open: it was altered".into());
            return Ok(());
        };
        let inserted = |walk: &mut Walk, why: &str| walk.report_problem(AuditProblemKind::Inserted, number, why.into());
        let Some(trail) = trail else {
            inserted(walk, "the vault has no trail");
            return Ok(());
        };
        if number < trail.first {
            inserted(walk, "it was removed, and is there again");
            return Ok(());
        }
        let previous = entry.header.previous;
        match (walk.last, previous) {
            (None, _) if number == trail.first => {}
            (None, Some(previous)) if previous.entry >= trail.first => {
                walk.report_missing(previous.entry, Some(entry.header.before));
            }
            (None, _) => inserted(walk, "it follows an entry that was removed"),
            (Some((_, Some(last))), Some(previous)) if last == previous => {}
            (Some((last, None)), Some(previous)) if last == previous.entry => {}
            (Some((last, _)), Some(previous)) if previous.entry > last => {
                walk.report_missing(previous.entry, Some(entry.header.before));
            }
            (Some((last, Some(_))), Some(previous)) if previous.entry == last => {
                walk.report_problem(AuditProblemKind::Edited, last, OTHER.into());
            }
            _ => {
                inserted(walk, "it follows another entry than the one before it: it is from another copy of the vault");
                return Ok(());
            }
        }
        if walk.events.is_some_and(|events| events != entry.header.before)
            && walk.missing.last() != previous.map(|previous| previous.entry).as_ref()
        {
            inserted(walk, "it counts other events before it than there are");
        }
        found.push(number);
        walk.is_end_met |= walk.end == Some(link);
        walk.last = Some((number, Some(link)));
        walk.events = Some(entry.header.before.saturating_add(entry.header.events));
        walk.report.events = walk.report.events.saturating_add(entry.header.events);
        for note in entry.events().filter_map(Event::note_in) {
            let (kind, explanation) = match note {
                Note::Gap(lost) => (AuditProblemKind::Gap, format!("{lost} events could not be stored in time")),
                Note::Restart => (AuditProblemKind::Restarted, RESTARTED.into()),
            };
            walk.report_problem(kind, number, explanation);
        }
        Ok(())
    }

    /// Compares the end with what the generation says, and looks among what does not open for what was moved.
    fn compare_end(&self, transaction: &Transaction<'_>, ended: Option<Trail>, walk: &mut Walk) {
        if let Some(trail) = ended {
            match walk.last {
                Some((last, Some(link))) if last == trail.entry && link.digest != trail.digest => {
                    walk.report_problem(AuditProblemKind::Edited, last, OTHER.into());
                }
                Some((last, _)) if last == trail.entry => {}
                Some((last, _)) if last > trail.entry => {
                    walk.report_problem(
                        AuditProblemKind::Inserted,
                        last,
                        "the vault has no entry of that number".into(),
                    );
                }
                _ => walk.report_missing(trail.entry, Some(trail.events)),
            }
        }
        let numbers: Vec<u64> = walk
            .damaged
            .iter()
            .filter_map(|record| RecordName::audit_number(&record.name))
            .chain(walk.missing.iter().copied().take(MOST_MOVED))
            .collect();
        for record in core::mem::take(&mut walk.damaged) {
            let Some(number) = RecordName::audit_number(&record.name) else { continue };
            let opens_as = |other: &u64| {
                let name = RecordName::audit(*other);
                let sealer = &transaction.key.sealer;
                *other != number && sealer.open(&self.provider, &name, record.revision, &record.value).is_ok()
            };
            let Some(other) = numbers.iter().copied().find(opens_as) else { continue };
            let edited = walk.report.problems.iter_mut().find(|problem| problem.entry == number);
            if let Some(problem) = edited {
                problem.kind = AuditProblemKind::Reordered;
                problem.explanation = format!("the entry {other} is in its place");
            }
        }
    }
}
