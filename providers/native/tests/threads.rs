//! Work that is shared between threads.

use pocketkms_native::Native;
use pocketkms_primitives::{Executor, Work};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
};

#[test]
fn a_piece_that_panics_is_heard_of_when_all_others_have_ended() {
    let ended = AtomicUsize::new(0);
    let work = (0..8).map(|number| -> Work<'_> {
        let ended = &ended;
        Box::new(move || {
            assert_ne!(number, 3, "this piece panics");
            ended.fetch_add(1, Ordering::SeqCst);
        })
    });
    let outcome = catch_unwind(AssertUnwindSafe(|| Native.run(work.collect())));
    assert!(outcome.is_err());
    // Where there is one processor only, the piece takes those with it that stand behind it.
    let expected = if Native.width() == 1 { 3 } else { 7 };
    assert_eq!(ended.load(Ordering::SeqCst), expected);
}

#[test]
fn every_piece_runs_once() {
    for count in [0, 1, 2, 3, Native.width(), 100] {
        let mut written = vec![0; count];
        Native.run(written.iter_mut().map(|into| -> Work<'_> { Box::new(move || *into += 1) }).collect());
        assert_eq!(written, vec![1; count]);
    }
}

#[test]
fn as_many_pieces_run_in_parallel_as_there_are_processors() {
    let meeting = Barrier::new(Native.width());
    let meet = || -> Work<'_> {
        Box::new(|| {
            meeting.wait();
        })
    };
    Native.run((0..Native.width()).map(|_| meet()).collect());
}

#[test]
fn a_piece_may_have_pieces_of_its_own() {
    let count = AtomicUsize::new(0);
    let inner = || -> Work<'_> {
        Box::new(|| {
            count.fetch_add(1, Ordering::SeqCst);
        })
    };
    let outer = || -> Work<'_> { Box::new(|| Native.run((0..4).map(|_| inner()).collect())) };
    Native.run((0..4).map(|_| outer()).collect());
    assert_eq!(count.load(Ordering::SeqCst), 16);
}
