//! Random sequences of operations by two processes on one store that fails at random, beside a simple model: whatever was
//! answered is never lost, whatever was deleted never decrypts, and what is seen is what the model says.

mod reference;
mod sight;
mod steps;
mod world;

use pocketkms::ErrorKind;
use pocketkms_tests::{store::Fault, vault::START};
use proptest::prelude::*;
use reference::{Model, State};
use sight::{expected, see};
use steps::{Action, Step, sequence};
use world::{World, decrypt};

/// Carries out one step in the vault and in the model, and compares.
fn take(world: &mut World, model: &mut Model, Step { action, process, fault }: &Step) {
    let before = model.clone();
    let predicted = model.apply(action);
    if let Some((fault, spared)) = fault {
        world.faulty.plan(*fault, *spared);
    }
    let result = world.run(action, *process, model);
    let failed = world.faulty.recover();
    let kind = result.as_ref().err().map(pocketkms::Error::kind);
    if kind == predicted.err() {
        return;
    }
    assert!(failed || fault.is_some(), "{action:?}: {result:?} where the model says {predicted:?}");
    // Only the store's own failures may come between, and then nothing was changed. An answer that was lost is found out
    // about, and a conflict is retried.
    let fault = fault.expect("a fault").0;
    assert!(!matches!(fault, Fault::AnswerLost | Fault::Conflict), "{action:?} with {fault:?}: {result:?}");
    assert_eq!(kind, Some(ErrorKind::Store), "{action:?} with {fault:?}: {result:?}");
    *model = before;
}

/// Every ciphertext decrypts to its plaintext, or is refused for the reason that the model gives.
fn check_ciphertexts(world: &World, model: &Model) {
    for (number, ciphertext) in model.ciphertexts.iter().enumerate() {
        let decrypted = decrypt(world.process(number % 2), &ciphertext.blob, ciphertext.context);
        match model.opens(ciphertext.key) {
            Ok(()) => assert_eq!(decrypted.unwrap_or_else(|error| panic!("lost: {error}")), ciphertext.plaintext),
            Err(kind) => assert_eq!(decrypted.map_err(|error| error.kind()), Err(kind)),
        }
    }
}

/// Without faults, and without saying which process.
fn calmly(world: &mut World, model: &mut Model, action: Action) {
    take(world, model, &Step { action, process: 0, fault: None });
}

fn run(steps: &[Step]) {
    let mut world = World::new();
    let mut model = Model::new(START.as_millis());
    calmly(&mut world, &mut model, Action::CreateKey);
    for (number, step) in steps.iter().enumerate() {
        take(&mut world, &mut model, step);
        if number % 8 == 7 {
            assert_eq!(see(world.process(number % 2)), expected(&model), "after step {number}");
        }
    }
    for process in [0, 1] {
        assert_eq!(see(world.process(process)), expected(&model));
    }
    check_ciphertexts(&world, &model);
    calmly(&mut world, &mut model, Action::Move);
    check_ciphertexts(&world, &model);

    // Everything that is not gone can be brought back to use, and then nothing is lost.
    for key in 0..model.keys.len() {
        if let State::Pending(_) = model.keys[key].state {
            calmly(&mut world, &mut model, Action::Cancel { key });
        }
        if model.keys[key].state == State::Disabled {
            calmly(&mut world, &mut model, Action::Enable { key });
        }
    }
    check_ciphertexts(&world, &model);
    assert_eq!(see(world.process(1)), expected(&model));
    world.check_traces(&model);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 4000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_answered_is_lost_and_nothing_deleted_comes_back(steps in sequence(60)) {
        run(&steps);
    }
}
