//! An X.509 certificate (RFC 5280, section 4.1) of AWS's attestation PKI: a key on P-384, signed with ECDSA and SHA-384.

use crate::{
    clock::Timestamp,
    crypto::{Curve, Hash, Provider, spki},
};
use alloc::vec::Vec;
use pkcs8::{
    ObjectIdentifier,
    der::{
        Decode, ErrorKind, Header, Reader, Result, SliceReader, Tag, TagNumber,
        asn1::{BitStringRef, GeneralizedTime, OctetStringRef, UtcTime},
    },
};

/// ecdsa-with-SHA384 (RFC 5758, section 3.2).
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
/// Section 4.2.1.9.
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
/// Section 4.2.1.3.
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
/// The bits of a key usage.
const DIGITAL_SIGNATURE: usize = 0;
const KEY_CERT_SIGN: usize = 5;
/// Version 3, the one with extensions.
const VERSION_3: u8 = 2;

/// A certificate, read and not checked.
pub(super) struct Certificate<'a> {
    signed: &'a [u8],
    signature: &'a [u8],
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    /// A point on P-384, in a form of SEC 1.
    pub(super) public_key: &'a [u8],
    extensions: Extensions,
}

/// What the extensions say that are understood.
#[derive(Default)]
struct Extensions {
    /// Those that were read.
    ids: Vec<ObjectIdentifier>,
    is_authority: bool,
    /// How many authorities may follow.
    path_length: Option<u8>,
    signs_certificates: bool,
    signs: bool,
}

impl<'a> Certificate<'a> {
    /// Nothing for bytes that are no such certificate, and for one that says more than is understood here.
    pub(super) fn parse(der: &'a [u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        let certificate = reader.sequence(Self::read).ok()?;
        reader.finish().ok()?;
        Some(certificate)
    }

    fn read(reader: &mut SliceReader<'a>) -> Result<Self> {
        let signed = reader.tlv_bytes()?;
        algorithm(reader)?;
        let signature = whole(BitStringRef::decode(reader)?)?;
        reader_of(signed, |reader| reader.sequence(|reader| Self::read_signed(reader, signed, signature)))
    }

    fn read_signed(reader: &mut SliceReader<'a>, signed: &'a [u8], signature: &'a [u8]) -> Result<Self> {
        let version = explicit(reader, 0, u8::decode)?;
        if version != Some(VERSION_3) {
            return Err(Tag::Integer.value_error().into());
        }
        // The serial number.
        reader.tlv_bytes()?;
        algorithm(reader)?;
        let issuer = reader.tlv_bytes()?;
        let (not_before, not_after) =
            reader.sequence(|reader| Ok::<_, pkcs8::der::Error>((time(reader)?, time(reader)?)))?;
        let subject = reader.tlv_bytes()?;
        let key = spki::point(spki::named(Curve::P384), reader.tlv_bytes()?);
        let public_key = key.ok_or(Tag::Sequence.value_error())?;
        let extensions = explicit(reader, 3, |reader| {
            let mut extensions = Extensions::default();
            reader.sequence(|reader| {
                while !reader.is_finished() {
                    reader.sequence(|reader| extensions.add(reader))?;
                }
                Ok::<_, pkcs8::der::Error>(())
            })?;
            Ok(extensions)
        })?;
        let extensions = extensions.unwrap_or_default();
        Ok(Self { signed, signature, issuer, subject, not_before, not_after, public_key, extensions })
    }

    /// Whether it was signed with the key of another one, whose name it has as its issuer's.
    pub(super) fn is_issued_by(&self, provider: &Provider, issuer: &Certificate<'_>) -> bool {
        let mut hasher = provider.digest.start(Hash::Sha384);
        hasher.update(self.signed);
        let digest = hasher.finish();
        self.issuer == issuer.subject
            && provider.curves.verify(Curve::P384, issuer.public_key, &digest, self.signature).is_ok()
    }

    /// Whether it may issue certificates, where so many authorities follow it.
    pub(super) fn may_issue(&self, authorities: usize) -> bool {
        let Extensions { ids: _, is_authority, path_length, signs_certificates, signs: _ } = &self.extensions;
        *is_authority && *signs_certificates && path_length.is_none_or(|most| authorities <= usize::from(most))
    }

    /// Whether it may sign documents, and nothing but that.
    pub(super) fn may_sign(&self) -> bool {
        self.extensions.signs && !self.extensions.is_authority
    }
}

impl Extensions {
    fn add(&mut self, reader: &mut SliceReader<'_>) -> Result<()> {
        let id = ObjectIdentifier::decode(reader)?;
        // "A certificate MUST NOT include more than one instance of a particular extension" (section 4.2): of two, another reader may
        // go by the other one.
        if self.ids.contains(&id) {
            return Err(ErrorKind::OidUnknown { oid: id }.into());
        }
        self.ids.push(id);
        let is_critical = if Tag::peek(reader)? == Tag::Boolean { bool::decode(reader)? } else { false };
        let value = <&OctetStringRef>::decode(reader)?.as_bytes();
        match id {
            BASIC_CONSTRAINTS => reader_of(value, |reader| {
                reader.sequence(|reader| {
                    self.is_authority =
                        !reader.is_finished() && Tag::peek(reader)? == Tag::Boolean && bool::decode(reader)?;
                    self.path_length = if reader.is_finished() { None } else { Some(u8::decode(reader)?) };
                    Ok(())
                })
            }),
            KEY_USAGE => {
                let usage = reader_of(value, BitStringRef::decode)?;
                self.signs = usage.get(DIGITAL_SIGNATURE) == Some(true);
                self.signs_certificates = usage.get(KEY_CERT_SIGN) == Some(true);
                Ok(())
            }
            // "A certificate-using system MUST reject the certificate if it encounters a critical extension it does not recognize".
            _ if is_critical => Err(ErrorKind::OidUnknown { oid: id }.into()),
            _ => Ok(()),
        }
    }
}

/// Reads the only value in some bytes.
fn reader_of<'a, T>(bytes: &'a [u8], read: impl FnOnce(&mut SliceReader<'a>) -> Result<T>) -> Result<T> {
    let mut reader = SliceReader::new(bytes)?;
    let value = read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

/// Passes over the algorithm of a signature, which is the only one that there is.
fn algorithm(reader: &mut SliceReader<'_>) -> Result<()> {
    reader.sequence(|reader| match ObjectIdentifier::decode(reader)? {
        ECDSA_SHA384 => Ok(()),
        oid => Err(ErrorKind::OidUnknown { oid }.into()),
    })
}

/// What is in the member with that number, where it comes next.
fn explicit<'a, T>(
    reader: &mut SliceReader<'a>,
    number: u32,
    read: impl FnOnce(&mut SliceReader<'a>) -> Result<T>,
) -> Result<Option<T>> {
    // The unique identifiers of issuer and subject, which nobody uses, come before the extensions; with them it is no
    // certificate of this PKI.
    if reader.is_finished() {
        return Ok(None);
    }
    let tag = Tag::ContextSpecific { constructed: true, number: TagNumber(number) };
    Tag::peek(reader)?.assert_eq(tag)?;
    let header = Header::decode(reader)?;
    reader.read_nested(header.length(), read).map(Some)
}

fn time(reader: &mut SliceReader<'_>) -> Result<Timestamp> {
    let since_1970 = match Tag::peek(reader)? {
        Tag::UtcTime => UtcTime::decode(reader)?.to_unix_duration(),
        _ => GeneralizedTime::decode(reader)?.to_unix_duration(),
    };
    Ok(Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)))
}

/// The bytes of a bit string that has no unused bits.
fn whole(bits: BitStringRef<'_>) -> Result<&[u8]> {
    bits.as_bytes().ok_or_else(|| Tag::BitString.value_error().into())
}
