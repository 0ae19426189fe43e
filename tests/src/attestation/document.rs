//! Attestation documents as the Nitro hypervisor makes them: CBOR (RFC 8949) in a `COSE_Sign1` (RFC 9052).

use super::{Issuer, sha384, sign};
use std::collections::BTreeMap;

/// A value of CBOR.
#[derive(Clone, Debug, PartialEq)]
pub enum Cbor {
    /// Not negative.
    Unsigned(u64),
    /// `-1 - n`.
    Negative(u64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text.
    Text(String),
    /// A list.
    Array(Vec<Cbor>),
    /// Pairs, in this order.
    Map(Vec<(Cbor, Cbor)>),
    /// A tagged value.
    Tag(u64, Box<Cbor>),
    /// Nothing.
    Null,
}

impl Cbor {
    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let items = |items: &[Self]| items.iter().flat_map(Self::to_bytes).collect::<Vec<_>>();
        match self {
            Self::Unsigned(number) => head(0, *number),
            Self::Negative(number) => head(1, *number),
            Self::Bytes(bytes) => [head(2, bytes.len() as u64), bytes.clone()].concat(),
            Self::Text(text) => [head(3, text.len() as u64), text.clone().into_bytes()].concat(),
            Self::Array(list) => [head(4, list.len() as u64), items(list)].concat(),
            Self::Map(pairs) => {
                let pairs_in_a_row: Vec<_> =
                    pairs.iter().flat_map(|(name, value)| [name.clone(), value.clone()]).collect();
                [head(5, pairs.len() as u64), items(&pairs_in_a_row)].concat()
            }
            Self::Tag(tag, value) => [head(6, *tag), value.to_bytes()].concat(),
            Self::Null => vec![0xf6],
        }
    }
}

fn head(major: u8, argument: u64) -> Vec<u8> {
    let bytes = argument.to_be_bytes();
    let (short, rest) = match argument {
        0..=23 => (bytes[7], &[][..]),
        24..=0xff => (24, &bytes[7..]),
        0x100..=0xffff => (25, &bytes[6..]),
        0x1_0000..=0xffff_ffff => (26, &bytes[4..]),
        _ => (27, &bytes[..]),
    };
    [&[major << 5 | short], rest].concat()
}

/// A document before it is signed: its members, and what is around them.
#[derive(Clone, Debug)]
pub struct Document {
    /// By their names.
    pub members: BTreeMap<&'static str, Cbor>,
    /// The protected header.
    pub protected: Cbor,
    /// The unprotected one.
    pub unprotected: Cbor,
    /// Whether the structure has its tag.
    pub tagged: bool,
}

impl Document {
    /// Of an enclave whose registers are filled with their own numbers.
    pub fn new(certificate: Vec<u8>, authorities: Vec<Vec<u8>>, public_key: Vec<u8>) -> Self {
        let text = |text: &str| Cbor::Text(text.into());
        let members = [
            ("module_id", text("i-0123456789abcdef0-enc0123456789abcdef")),
            ("digest", text("SHA384")),
            ("timestamp", Cbor::Unsigned(1_700_000_000_000)),
            ("pcrs", Self::registers(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 48)),
            ("certificate", Cbor::Bytes(certificate)),
            ("cabundle", Cbor::Array(authorities.into_iter().map(Cbor::Bytes).collect())),
            ("public_key", Cbor::Bytes(public_key)),
            ("user_data", Cbor::Null),
            ("nonce", Cbor::Null),
        ];
        Self {
            members: members.into(),
            protected: Cbor::Map(vec![(Cbor::Unsigned(1), Cbor::Negative(34))]),
            unprotected: Cbor::Map(Vec::new()),
            tagged: false,
        }
    }

    /// Registers of these numbers, each filled with `0xa0` and its number.
    pub fn registers(numbers: &[u8], length: usize) -> Cbor {
        let register = |number: &u8| (Cbor::Unsigned((*number).into()), Cbor::Bytes(vec![0xa0 | number; length]));
        Cbor::Map(numbers.iter().map(register).collect())
    }

    /// The same with another member in place of one, or beside them.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Cbor) -> Self {
        self.members.insert(name, value);
        self
    }

    /// The same without a member.
    #[must_use]
    pub fn without(mut self, name: &'static str) -> Self {
        self.members.remove(name);
        self
    }

    /// The same of an EC2 instance with a NitroTPM.
    #[must_use]
    pub fn of_nitro_tpm(self) -> Self {
        let registers = Self::registers(&(0..24).collect::<Vec<_>>(), 48);
        let module = Cbor::Text("i-0123456789abcdef0-tpm0000000000000000".into());
        self.without("pcrs").with("nitrotpm_pcrs", registers).with("module_id", module)
    }

    /// Its members as bytes.
    pub fn payload(&self) -> Vec<u8> {
        let members = self.members.iter().map(|(name, value)| (Cbor::Text((*name).into()), value.clone()));
        Cbor::Map(members.collect()).to_bytes()
    }

    /// Signed by the key of a certificate.
    pub fn sign(&self, signer: &Issuer) -> Vec<u8> {
        let (protected, payload) = (self.protected.to_bytes(), self.payload());
        let to_be_signed = Cbor::Array(vec![
            Cbor::Text("Signature1".into()),
            Cbor::Bytes(protected),
            Cbor::Bytes(Vec::new()),
            Cbor::Bytes(payload),
        ]);
        let signature = raw(&sign(&signer.private_key, &sha384(&[&to_be_signed.to_bytes()])));
        self.with_signature(signature)
    }

    /// With any signature.
    pub fn with_signature(&self, signature: Vec<u8>) -> Vec<u8> {
        let parts = [
            Cbor::Bytes(self.protected.to_bytes()),
            self.unprotected.clone(),
            Cbor::Bytes(self.payload()),
            Cbor::Bytes(signature),
        ];
        let structure = Cbor::Array(parts.into());
        if self.tagged { Cbor::Tag(18, Box::new(structure)) } else { structure }.to_bytes()
    }
}

/// The two numbers of a DER signature, each as long as P-384 has them.
fn raw(der: &[u8]) -> Vec<u8> {
    let (mut rest, mut raw) = (&der[2..], Vec::new());
    while let [0x02, length, after @ ..] = rest {
        let (number, after) = after.split_at(usize::from(*length));
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        raw.extend(std::iter::repeat_n(0, 48 - number.len()));
        raw.extend_from_slice(number);
        rest = after;
    }
    raw
}
