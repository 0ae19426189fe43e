//! Any bytes as the front of a message.

use super::is_of_the_message;
use crate::esdk::writer::{context, encrypted_data_key, field};
use pocketkms::{
    Error,
    envelope::{ContentType, DecryptOptions, EncryptionClient, Inspection, MessageHeader, MessageInfo, Transform},
};

/// Reads the header, and writes it again: the same bytes. As a stream it is read alike.
pub fn header(data: &[u8]) -> bool {
    let client = EncryptionClient::new(super::transparent::provider())
        .commitment_policy(pocketkms::envelope::CommitmentPolicy::RequireEncryptAllowDecrypt);
    let inspected = client.inspect(data);
    same_as_a_stream(&client, data, &inspected);
    match inspected {
        Err(error) => is_of_the_message(&error),
        Ok(Inspection::Incomplete { needed }) => assert!(needed > data.len(), "{needed} bytes are there"),
        Ok(Inspection::Complete(info)) => {
            check_complete(&client, data, &info);
            return true;
        }
    }
    false
}

fn check_complete(client: &EncryptionClient, data: &[u8], info: &MessageInfo) {
    let length = info.header_length;
    match client.inspect(&data[..length]) {
        Ok(Inspection::Complete(again)) => assert_eq!(again, *info, "what follows was looked at"),
        other => panic!("without what follows: {other:?}"),
    }
    match client.inspect(&data[..length - 1]) {
        Ok(Inspection::Incomplete { needed }) => assert_eq!(needed, length),
        other => panic!("without the last byte: {other:?}"),
    }
    // IV and tag stand behind what is written.
    let authentication = if info.header.version == 1 { 28 } else { 16 };
    let original = sorted(&data[..length - authentication], info.header.version);
    assert_eq!(write(&info.header), original, "written again, it is another header");
}

fn same_as_a_stream(client: &EncryptionClient, data: &[u8], inspected: &Result<Inspection, Error>) {
    // The lengths of the pieces are made of the data, so that a fuzzer finds them.
    let step = 1 + data.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte))) % 40;
    let mut stream = client.decryptor_without_materials(DecryptOptions::default());
    let mut error = None;
    for piece in data.chunks(step) {
        match stream.update_vec(piece) {
            Ok(plaintext) => assert!(plaintext.is_empty(), "plaintext without a key"),
            Err(refused) => {
                error = Some(refused);
                break;
            }
        }
    }
    match (inspected, &error) {
        (Ok(Inspection::Complete(info)), None) => assert_eq!(stream.header(), Some(&info.header)),
        (Ok(Inspection::Incomplete { .. }), None) => assert_eq!(stream.header(), None),
        (Err(one), Some(other)) => assert_eq!(one.report(), other.report()),
        (inspected, error) => panic!("as a stream it is {error:?}, and else {inspected:?}"),
    }
}

/// A second writer of headers, up to the tag.
fn write(header: &MessageHeader) -> Vec<u8> {
    let mut bytes = vec![header.version];
    if header.version == 1 {
        bytes.push(0x80);
    }
    bytes.extend(header.algorithm_suite.id().to_be_bytes());
    bytes.extend(&header.message_id);
    let pairs: Vec<_> =
        header.encryption_context.iter().map(|(name, value)| (bytes_of(name), bytes_of(value))).collect();
    bytes.extend(field(&if pairs.is_empty() { Vec::new() } else { context(&pairs) }));
    bytes.extend(u16::try_from(header.encrypted_data_keys.len()).expect("two bytes").to_be_bytes());
    for key in &header.encrypted_data_keys {
        bytes.extend(encrypted_data_key(key.provider_id.as_bytes(), &key.provider_info, &key.ciphertext));
    }
    bytes.push(if header.content_type == ContentType::Framed { 2 } else { 1 });
    if header.version == 1 {
        bytes.extend([0, 0, 0, 0, 12]);
    }
    bytes.extend(header.frame_length.to_be_bytes());
    bytes.extend(header.commitment.iter().flatten());
    bytes
}

fn bytes_of(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// A header whose pairs are in order: any order is read, and only that one is written.
fn sorted(header: &[u8], version: u8) -> Vec<u8> {
    let start = if version == 1 { 4 + 16 } else { 3 + 32 };
    let take = |at: usize| {
        let length = usize::from(u16::from_be_bytes([header[at], header[at + 1]]));
        (header[at + 2..at + 2 + length].to_vec(), at + 2 + length)
    };
    let (whole, end) = take(start);
    let mut pairs = Vec::new();
    let mut at = start + 4;
    while at < end {
        let (name, next) = take(at);
        let (value, next) = take(next);
        pairs.push((name, value));
        at = next;
    }
    pairs.sort();
    let whole = if whole.is_empty() { whole } else { context(&pairs) };
    [&header[..start], &field(&whole), &header[end..]].concat()
}
