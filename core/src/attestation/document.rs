//! What an attestation document says: of an AWS Nitro enclave ("Verifying the root of trust", AWS Nitro Enclaves User Guide), or of an
//! EC2 instance with a NitroTPM ("Validate a NitroTPM Attestation Document", Amazon EC2 User Guide).

use super::{
    cbor::Cbor,
    refusal::{Refused, refused},
};
use alloc::vec::Vec;

/// The limits of "Syntactical validation".
const LONGEST_CERTIFICATE: usize = 1024;
const LONGEST_KEY: usize = 1024;
const MOST_REGISTERS: u64 = 32;
/// A register has a digest, of the functions that there are.
const REGISTER_LENGTHS: [usize; 3] = [32, 48, 64];
/// The only one that the other values are made with.
const DIGEST: &str = "SHA384";

/// Who had the document made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Enclave,
    NitroTpm,
}

/// Platform configuration registers with their numbers.
type Registers<'a> = Vec<(u8, &'a [u8])>;

/// The content of a document, which nobody has vouched for yet.
#[derive(Default)]
pub(super) struct Document<'a> {
    pub(super) module_id: &'a str,
    timestamp: u64,
    digest: &'a str,
    pub(super) registers: Option<(Platform, Registers<'a>)>,
    pub(super) certificate: &'a [u8],
    /// Of those who issued it, the root first.
    pub(super) issuers: Vec<&'a [u8]>,
    pub(super) public_key: Option<&'a [u8]>,
}

impl<'a> Document<'a> {
    pub(super) fn parse(payload: &'a [u8]) -> Result<Self, Refused> {
        let document = Self::read(payload).ok_or_else(|| refused("its content is not an attestation document"))?;
        if document.digest != DIGEST {
            return Err(refused("its digest is not SHA384"));
        }
        let whole = !document.module_id.is_empty()
            && document.timestamp > 0
            && document.registers.is_some()
            && is_certificate(document.certificate)
            && !document.issuers.is_empty();
        if whole { Ok(document) } else { Err(refused("its content lacks a member")) }
    }

    /// Nothing where a member is twice there, or is not what it should be. What this version does not know is passed over.
    fn read(payload: &'a [u8]) -> Option<Self> {
        let mut cbor = Cbor::new(payload);
        let mut document = Self::default();
        for _ in 0..cbor.map()? {
            match cbor.text()? {
                "module_id" => set(&mut document.module_id, cbor.text()?)?,
                "timestamp" => set(&mut document.timestamp, cbor.unsigned()?)?,
                "digest" => set(&mut document.digest, cbor.text()?)?,
                "pcrs" => set(&mut document.registers, Some((Platform::Enclave, registers(&mut cbor)?)))?,
                "nitrotpm_pcrs" => set(&mut document.registers, Some((Platform::NitroTpm, registers(&mut cbor)?)))?,
                "certificate" => set(&mut document.certificate, cbor.bytes()?)?,
                "cabundle" => set(&mut document.issuers, certificates(&mut cbor)?)?,
                "public_key" if cbor.is_null() => {}
                "public_key" => set(&mut document.public_key, Some(cbor.bytes().filter(|key| is_key(key))?))?,
                _ => cbor.skip()?,
            }
        }
        cbor.finish()?;
        Some(document)
    }
}

/// Sets what was not set before.
fn set<T: Default + PartialEq>(member: &mut T, value: T) -> Option<()> {
    let before = core::mem::replace(member, value);
    (before == T::default()).then_some(())
}

fn registers<'a>(cbor: &mut Cbor<'a>) -> Option<Registers<'a>> {
    let count = cbor.map().filter(|count| (1..=MOST_REGISTERS).contains(count))?;
    let mut registers = Registers::new();
    for _ in 0..count {
        let number = cbor.unsigned().filter(|number| *number < MOST_REGISTERS)?;
        let (number, value) = (u8::try_from(number).ok()?, cbor.bytes()?);
        if !REGISTER_LENGTHS.contains(&value.len()) || registers.iter().any(|(known, _)| *known == number) {
            return None;
        }
        registers.push((number, value));
    }
    Some(registers)
}

fn certificates<'a>(cbor: &mut Cbor<'a>) -> Option<Vec<&'a [u8]>> {
    let mut certificates = Vec::new();
    // As many as there are: what is claimed is not believed.
    for _ in 0..cbor.array()? {
        certificates.push(cbor.bytes().filter(|der| is_certificate(der))?);
    }
    Some(certificates)
}

fn is_certificate(der: &[u8]) -> bool {
    (1..=LONGEST_CERTIFICATE).contains(&der.len())
}

fn is_key(key: &[u8]) -> bool {
    (1..=LONGEST_KEY).contains(&key.len())
}
