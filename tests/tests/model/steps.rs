//! What can be done to a vault, and random sequences of it.

use pocketkms_tests::store::Fault;
use proptest::{collection::vec, option::weighted, prelude::*, sample::select};

/// Something that is done to the vault. Keys, aliases and ciphertexts are named by a number that is taken modulo how many
/// there are, so that a sequence stays meaningful when a part of it is cut away.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    CreateKey,
    Describe {
        key: usize,
        description: u8,
    },
    Enable {
        key: usize,
    },
    Disable {
        key: usize,
    },
    Tag {
        key: usize,
        tag: u8,
        value: u8,
    },
    Untag {
        key: usize,
        tag: u8,
    },
    CreateAlias {
        alias: u8,
        key: usize,
    },
    UpdateAlias {
        alias: u8,
        key: usize,
    },
    DeleteAlias {
        alias: u8,
    },
    Encrypt {
        by: Name,
        length: usize,
        context: u8,
    },
    GenerateDataKey {
        by: Name,
        context: u8,
    },
    Decrypt {
        ciphertext: usize,
        context: Option<u8>,
    },
    ReEncrypt {
        ciphertext: usize,
        by: Name,
        context: u8,
    },
    EnableRotation {
        key: usize,
        days: i32,
    },
    DisableRotation {
        key: usize,
    },
    Rotate {
        key: usize,
    },
    Schedule {
        key: usize,
        days: i32,
    },
    Cancel {
        key: usize,
    },
    /// Time passes.
    Turn {
        days: u32,
    },
    /// The root key is replaced.
    ChangeRoot,
    /// Both processes end, and are started again on the same store.
    Restart,
    /// The vault is taken to another place in a snapshot, and goes on there.
    Move,
}

/// How a request names its key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Name {
    Id(usize),
    Arn(usize),
    Alias(u8),
}

/// An action, by which of two processes it is done, and what goes wrong with the store meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) action: Action,
    pub(crate) process: usize,
    pub(crate) fault: Option<(Fault, usize)>,
}

/// How many names of aliases there are: few, so that they meet.
pub(crate) const ALIASES: u8 = 3;
/// How many contexts there are.
pub(crate) const CONTEXTS: u8 = 3;

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![
        2 => any::<usize>().prop_map(Name::Id),
        1 => any::<usize>().prop_map(Name::Arn),
        2 => (0..ALIASES).prop_map(Name::Alias),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let key = any::<usize>;
    let alias = || 0..ALIASES;
    let context = || 0..CONTEXTS;
    let length = prop_oneof![select(vec![1, 15, 16, 17, 4096]), 1..200_usize];
    let days = prop_oneof![3 => 1..10_u32, 3 => 10..100_u32, 1 => 365..800_u32, 1 => Just(20_000_u32)];
    prop_oneof![
        3 => Just(Action::CreateKey),
        1 => (key(), any::<u8>()).prop_map(|(key, description)| Action::Describe { key, description }),
        4 => key().prop_map(|key| Action::Enable { key }),
        2 => key().prop_map(|key| Action::Disable { key }),
        1 => (key(), 0..4_u8, any::<u8>()).prop_map(|(key, tag, value)| Action::Tag { key, tag, value }),
        1 => (key(), 0..4_u8).prop_map(|(key, tag)| Action::Untag { key, tag }),
        5 => (alias(), key()).prop_map(|(alias, key)| Action::CreateAlias { alias, key }),
        2 => (alias(), key()).prop_map(|(alias, key)| Action::UpdateAlias { alias, key }),
        4 => alias().prop_map(|alias| Action::DeleteAlias { alias }),
        8 => (name(), length, context()).prop_map(|(by, length, context)| Action::Encrypt { by, length, context }),
        3 => (name(), context()).prop_map(|(by, context)| Action::GenerateDataKey { by, context }),
        6 => (key(), weighted(0.2, context()))
            .prop_map(|(ciphertext, context)| Action::Decrypt { ciphertext, context }),
        3 => (key(), name(), context())
            .prop_map(|(ciphertext, by, context)| Action::ReEncrypt { ciphertext, by, context }),
        3 => (key(), select(vec![90, 91, 365, 2560, 89, 2561]))
            .prop_map(|(key, days)| Action::EnableRotation { key, days }),
        1 => key().prop_map(|key| Action::DisableRotation { key }),
        3 => key().prop_map(|key| Action::Rotate { key }),
        2 => (key(), select(vec![7, 8, 30, 6, 31])).prop_map(|(key, days)| Action::Schedule { key, days }),
        2 => key().prop_map(|key| Action::Cancel { key }),
        5 => days.prop_map(|days| Action::Turn { days }),
        1 => Just(Action::ChangeRoot),
        1 => Just(Action::Restart),
        1 => Just(Action::Move),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    select(Fault::ONCE.to_vec())
}

/// A random sequence. In about every fourth step something goes wrong, at the first or a later call of the store.
pub(crate) fn sequence(length: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = (action(), 0..2_usize, weighted(0.25, (fault(), 0..3_usize)));
    vec(step.prop_map(|(action, process, fault)| Step { action, process, fault }), length / 2..=length)
}
