//! Any message, altered in any way, in pieces of any length.

use super::Victim;
use pocketkms::envelope::AlgorithmSuite;
use proptest::{prelude::*, sample::Index};

/// One thing that is done to a message.
#[derive(Clone, Debug)]
enum Alteration {
    Flip(Index, u8),
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Truncate(Index),
    Append(Vec<u8>),
    /// The bytes of a range, again elsewhere.
    Copy(Index, usize, Index),
    DropFrame(Index),
    RepeatFrame(Index, Index),
    SwapFrames(Index, Index),
    /// A frame of another message under the same data key.
    SpliceFrame(Index, Index),
}

fn alteration() -> impl Strategy<Value = Alteration> {
    use Alteration::*;
    let index = any::<Index>;
    let bytes = || proptest::collection::vec(any::<u8>(), 1..40);
    prop_oneof![
        (index(), 0..8_u8).prop_map(|(at, bit)| Flip(at, bit)),
        (index(), any::<u8>()).prop_map(|(at, byte)| Set(at, byte)),
        (index(), bytes()).prop_map(|(at, bytes)| Insert(at, bytes)),
        (index(), 1..40_usize).prop_map(|(at, length)| Remove(at, length)),
        index().prop_map(Truncate),
        bytes().prop_map(Append),
        (index(), 1..60_usize, index()).prop_map(|(from, length, to)| Copy(from, length, to)),
        index().prop_map(DropFrame),
        (index(), index()).prop_map(|(frame, to)| RepeatFrame(frame, to)),
        (index(), index()).prop_map(|(one, other)| SwapFrames(one, other)),
        (index(), index()).prop_map(|(frame, to)| SpliceFrame(frame, to)),
    ]
}

/// Applied to a message that may have been altered before: frames are those of the message as it was written.
fn apply(alteration: &Alteration, victim: &Victim, other: &Victim, message: &mut Vec<u8>) {
    if message.is_empty() {
        return message.push(0);
    }
    let place = |index: &Index, message: &[u8]| index.index(message.len());
    let mut frames: Vec<_> = (0..victim.layout.frames.len()).map(|index| victim.frame(index)).collect();
    let count = frames.len();
    match alteration {
        Alteration::Flip(at, bit) => {
            let at = place(at, message);
            message[at] ^= 1 << bit;
        }
        Alteration::Set(at, byte) => {
            let at = place(at, message);
            message[at] = *byte;
        }
        Alteration::Insert(at, bytes) => {
            let at = place(at, message);
            message.splice(at..at, bytes.iter().copied());
        }
        Alteration::Remove(at, length) => {
            let at = place(at, message);
            message.drain(at..(at + length).min(message.len()));
        }
        Alteration::Truncate(at) => message.truncate(place(at, message)),
        Alteration::Append(bytes) => message.extend_from_slice(bytes),
        Alteration::Copy(from, length, to) => {
            let (from, to) = (place(from, message), place(to, message));
            let copied = message[from..(from + length).min(message.len())].to_vec();
            message.splice(to..to, copied);
        }
        Alteration::DropFrame(frame) => {
            frames.remove(frame.index(count));
            *message = victim.with_frames(frames);
        }
        Alteration::RepeatFrame(frame, to) => {
            frames.insert(to.index(count + 1), victim.frame(frame.index(count)));
            *message = victim.with_frames(frames);
        }
        Alteration::SwapFrames(one, another) => {
            frames.swap(one.index(count), another.index(count));
            *message = victim.with_frames(frames);
        }
        Alteration::SpliceFrame(frame, to) => {
            frames[to.index(count)] = other.frame(frame.index(other.layout.frames.len()));
            *message = victim.with_frames(frames);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_alteration(
        suite in proptest::sample::select(AlgorithmSuite::ALL),
        frame_length in prop_oneof![1..40_u32, Just(4096)],
        length in 0..400_usize,
        alterations in proptest::collection::vec(alteration(), 1..4),
        piece in prop_oneof![1..100_usize, Just(usize::MAX)],
    ) {
        let victim = Victim::new(suite, frame_length, length);
        let other = Victim::new(suite, frame_length, length);
        let mut message = victim.message.clone();
        for alteration in &alterations {
            apply(alteration, &victim, &other, &mut message);
        }
        prop_assume!(message != victim.message);
        let what = format!("{alterations:?}");
        victim.refuses_one_shot(&message, &what);
        victim.refuses_in_pieces(&message, piece, &what);
    }
}
