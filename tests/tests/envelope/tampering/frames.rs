//! Whole frames, each of them authentic, in another order, number or message.

use super::Victim;
use pocketkms::envelope::AlgorithmSuite;

/// Of every suite a message of four full frames and a shorter one.
fn victims() -> impl Iterator<Item = Victim> {
    AlgorithmSuite::ALL.iter().map(|&suite| Victim::new(suite, 3, 13))
}

fn indices(victim: &Victim) -> std::ops::Range<usize> {
    0..victim.layout.frames.len()
}

#[test]
fn dropped() {
    for victim in victims() {
        for dropped in indices(&victim) {
            let kept = indices(&victim).filter(|index| *index != dropped);
            victim
                .refuses(&victim.with_frames(kept.map(|index| victim.frame(index))), &format!("{dropped} is missing"));
            let front = (0..dropped).map(|index| victim.frame(index));
            victim.refuses(&victim.with_frames(front), &format!("all from {dropped} on are missing"));
        }
    }
}

#[test]
fn repeated() {
    for victim in victims() {
        for repeated in indices(&victim) {
            for place in 0..=victim.layout.frames.len() {
                let mut frames: Vec<_> = indices(&victim).map(|index| victim.frame(index)).collect();
                frames.insert(place, victim.frame(repeated));
                victim.refuses(&victim.with_frames(frames), &format!("{repeated} comes again at {place}"));
            }
        }
    }
}

#[test]
fn reordered() {
    for victim in victims() {
        for one in indices(&victim) {
            for other in 0..one {
                let mut frames: Vec<_> = indices(&victim).map(|index| victim.frame(index)).collect();
                frames.swap(one, other);
                victim.refuses(&victim.with_frames(frames.clone()), &format!("{one} and {other} are swapped"));
                let mut numbers: Vec<_> = frames.iter().map(|frame| frame.to_vec()).collect();
                // With the sequence numbers where they were: a final frame has its number after the marker.
                for (number, frame) in (1_u32..).zip(&mut numbers) {
                    let at = if frame.starts_with(&[0xff; 4]) { 4 } else { 0 };
                    frame[at..at + 4].copy_from_slice(&number.to_be_bytes());
                }
                let renumbered = victim.with_frames(numbers.iter().map(|frame| &frame[..]));
                victim.refuses(&renumbered, &format!("{one} and {other} are swapped and renumbered"));
            }
        }
    }
}

/// Of a message with the same data key, the same plaintext and the same lengths, each in its own place.
#[test]
fn of_another_message() {
    for victim in victims() {
        let other = Victim::new(victim.suite, 3, 13);
        for spliced in indices(&victim) {
            let frames = indices(&victim).map(|index| if index == spliced { &other } else { &victim }.frame(index));
            victim.refuses(&victim.with_frames(frames), &format!("{spliced} is of another message"));
        }
        let body = other.with_frames(indices(&other).map(|index| other.frame(index)));
        let whole_body = [&victim.message[..victim.layout.header_end()], &body[other.layout.header_end()..]].concat();
        victim.refuses(&whole_body, "the body is of another message");
        if victim.suite.is_signed() {
            let footer = &other.message[other.layout.footer.clone()];
            let altered = [&victim.message[..victim.layout.body_end()], footer].concat();
            victim.refuses(&altered, "the signature is of another message");
        }
    }
}

/// A regular frame that claims to be the final one, and the other way round.
#[test]
fn of_another_kind() {
    for victim in victims() {
        let last = victim.layout.frames.len() - 1;
        for ends in 0..last {
            let (sequence, rest) = victim.frame(ends).split_at(4);
            let (iv, rest) = rest.split_at(12);
            let length = u32::try_from(victim.layout.frame_length).unwrap().to_be_bytes();
            let marked = [&[0xff; 4], sequence, iv, &length, rest].concat();
            let frames = (0..ends).map(|index| victim.frame(index)).chain([&marked[..]]);
            victim.refuses(&victim.with_frames(frames), &format!("{ends} claims to be the final one"));
        }
        // A final frame as long as a regular one.
        let full = Victim::new(victim.suite, 3, 12);
        let last = full.layout.frames.len() - 1;
        let (head, rest) = full.frame(last).split_at(24);
        let unmarked = [&head[4..20], rest].concat();
        let frames = (0..last).map(|index| full.frame(index)).chain([&unmarked[..]]);
        full.refuses(&full.with_frames(frames), "the final frame claims to be a regular one");
        let frames = (0..last).map(|index| full.frame(index)).chain([&unmarked[..], full.frame(last)]);
        full.refuses(&full.with_frames(frames), "the final frame comes as a regular one, too");
    }
}

/// A final frame of any length: no longer than the frames, and never another than the authentic one.
#[test]
fn final_lengths() {
    for victim in victims() {
        let last = victim.layout.frames.len() - 1;
        let at = victim.layout.frames[last].start + 20;
        for length in (0..40).chain([255, 256, 65_535, 1 << 24, u32::MAX]) {
            let mut altered = victim.message.clone();
            altered[at..at + 4].copy_from_slice(&length.to_be_bytes());
            if altered != victim.message {
                victim.refuses(&altered, &format!("the final frame claims {length} bytes"));
            }
        }
    }
}

/// Without its signature, or under a suite that asks for none.
#[test]
fn signatures_stripped() {
    for victim in victims().filter(|victim| victim.suite.is_signed()) {
        let unsigned = &victim.message[..victim.layout.body_end()];
        victim.refuses(unsigned, "the footer is missing");
        victim.refuses(&[unsigned, &[0, 0]].concat(), "the signature is empty");
        for &suite in AlgorithmSuite::ALL.iter().filter(|suite| **suite != victim.suite) {
            let at = if victim.layout.version == 1 { 2 } else { 1 };
            for message in [&victim.message[..], unsigned] {
                let mut altered = message.to_vec();
                altered[at..at + 2].copy_from_slice(&suite.id().to_be_bytes());
                victim.refuses(&altered, &format!("it claims {suite}"));
            }
        }
    }
}
