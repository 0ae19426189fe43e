//! SM2: the examples of the standard, what must be refused, and that both directions fit together.

use crate::{Dry, Stuck};
use pocketkms::{Error, ErrorKind, Provider, Random, Secret, Sm2Message};
use pocketkms_tests::providers;

/// GB/T 32918.5, appendix A: the key of all its examples on the recommended curve.
const PRIVATE_KEY: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
const PUBLIC_KEY: &str = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                          ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
/// Ibid., appendix A.2: its signature of "message digest", with the distinguishing id 1234567812345678.
const DIGEST: &str = "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640";
const SIGNATURE: &str = "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3\
                         022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
/// Ibid., appendix A.3: "encryption standard", encrypted; the coordinates of the point, the hash, and what is encrypted.
const POINT: [&str; 2] = [
    "04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73",
    "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0",
];
const HASH: &str = "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766";
const ENCRYPTED: &str = "21886ca989ca9c7d58087307ca93092d651efa";
/// Ibid.: the x-coordinate of the point times the private key.
const SHARED: &str = "335e18d751e51f040e27d468138b7ab1dc86ad7f981d7d416222fd6ab3ed230d";
/// The order of the group (ibid., section 2).
const ORDER: &str = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";

fn bytes(digits: &str) -> Vec<u8> {
    hex::decode(digits).expect("digits")
}

fn private_key() -> Secret {
    Secret::from(bytes(PRIVATE_KEY))
}

/// A ciphertext in DER, whose numbers may need a zero in front.
fn ciphertext(x: &[u8], y: &[u8], hash: &[u8], encrypted: &[u8]) -> Vec<u8> {
    let value = |tag: u8, parts: &[&[u8]]| {
        let content = parts.concat();
        [&[tag, content.len().try_into().expect("a short value")], &*content].concat()
    };
    let integer = |number: &[u8]| value(2, &[if number[0] < 0x80 { &[] } else { &[0] }, number]);
    value(0x30, &[&integer(x), &integer(y), &value(4, &[hash]), &value(4, &[encrypted])])
}

fn example() -> Vec<u8> {
    ciphertext(&bytes(POINT[0]), &bytes(POINT[1]), &bytes(HASH), &bytes(ENCRYPTED))
}

fn each(test: impl Fn(&Provider)) {
    for (name, provider) in providers::all() {
        println!("{name}");
        test(&provider);
    }
}

#[test]
fn the_examples_of_the_standard() {
    each(|provider| {
        let (sm2, key, public) = (provider.sm2, private_key(), bytes(PUBLIC_KEY));
        assert_eq!(sm2.public_key(key.expose()).expect("a private key"), public);

        let (signature, digest) = (bytes(SIGNATURE), bytes(DIGEST).try_into().expect("32 bytes"));
        sm2.verify(&public, Sm2Message::Raw(b"message digest"), &signature).expect("the standard's signature");
        sm2.verify(&public, Sm2Message::Digest(&digest), &signature).expect("of the same digest");
        assert!(sm2.verify(&public, Sm2Message::Raw(b"message digests"), &signature).is_err());

        let message = provider.sm2_decrypt(&key, &example()).expect("the standard's ciphertext");
        assert_eq!(message.expose(), b"encryption standard");
        let point = bytes(&format!("04{}{}", POINT[0], POINT[1]));
        assert_eq!(provider.sm2_agree(&key, &point).expect("a point").expose(), bytes(SHARED));
        // The same point, compressed: its other coordinate is even.
        let compressed = bytes(&format!("02{}", POINT[0]));
        assert_eq!(provider.sm2_agree(&key, &compressed).expect("a point").expose(), bytes(SHARED));
    });
}

/// `openssl pkeyutl -sign -rawin -digest sm3 -pkeyopt distid:1234567812345678` and `openssl pkeyutl -encrypt` of OpenSSL 3.0.19, with
/// the key of the standard.
#[test]
fn what_openssl_makes() {
    each(|provider| {
        let signature = "304502207eb313c690229dce5a825addd4ef4ac6a39911f194269ea26e1e43cc35e67adc\
                         022100a2dc3017fd68351ee490811243ed5aae2d2f526b7d703c667f49b1199ff7745d";
        let message = Sm2Message::Raw(b"message digest");
        provider.sm2.verify(&bytes(PUBLIC_KEY), message, &bytes(signature)).expect("OpenSSL's signature");
        let ciphertext = "307d022100f4f44d022505332a596f3beee288892eb7cd171baf92f974879a6fef07358b50\
                          022100b39ae983d622dcd60fdd617f7e33d4c578084cd511688762270661c287aa0600\
                          04202091aef6fd0c75fd73b88b3c38e28b2aadc9e65dd2259e47aaf867149cd89d4e\
                          0413511154bff82a3eaff4244f93f526a97b3268f2";
        let message = provider.sm2_decrypt(&private_key(), &bytes(ciphertext)).expect("OpenSSL's ciphertext");
        assert_eq!(message.expose(), b"encryption standard");
    });
}

#[test]
fn a_private_key_outside_the_group_is_refused() {
    each(|provider| {
        let (sm2, random) = (provider.sm2, &*provider.random);
        let order_and = |more: i8| {
            let mut bytes = bytes(ORDER);
            let last = bytes.last_mut().expect("a byte");
            *last = last.checked_add_signed(more).expect("no carry");
            Secret::from(bytes)
        };
        for (what, key) in [
            ("zero", Secret::zeroed(32)),
            ("the order less 1, with which there are no signatures", order_and(-1)),
            ("the order", order_and(0)),
            ("more than the order", order_and(1)),
            ("all ones", Secret::from(vec![0xff; 32])),
            ("nothing", Secret::zeroed(0)),
            ("a byte too few", Secret::copy_of(&bytes(PRIVATE_KEY)[1..])),
            ("a byte too many", Secret::from([&[0], &*bytes(PRIVATE_KEY)].concat())),
        ] {
            for error in [
                sm2.public_key(key.expose()).err().map(Error::from),
                provider.sm2_agree(&key, &bytes(PUBLIC_KEY)).err(),
                sm2.sign(key.expose(), Sm2Message::Raw(b""), random).err().map(Error::from),
            ] {
                let error = error.unwrap_or_else(|| panic!("{what} is taken"));
                assert_eq!(error.kind(), ErrorKind::Validation, "{what}: {error}");
            }
            assert!(provider.sm2_decrypt(&key, &example()).is_err(), "{what} decrypts");
        }
        sm2.public_key(order_and(-2).expose()).expect("the largest private key");
    });
}

#[test]
fn a_public_key_off_the_curve_is_refused() {
    each(|provider| {
        let (sm2, random, public) = (provider.sm2, &*provider.random, bytes(PUBLIC_KEY));
        let tagged = |tag: u8| [&[tag], &public[1..]].concat();
        let mut keys = vec![
            ("the point at infinity", vec![0]),
            ("the origin", [&[4][..], &[0; 64]].concat()),
            ("coordinates larger than the field", [&[2][..], &[0xff; 32]].concat()),
            ("both coordinates of no point", [&[4][..], &[1; 64]].concat()),
            ("nothing", vec![]),
            ("a byte too few", public[..64].to_vec()),
            ("a byte too many", [&public[..], &[0]].concat()),
        ];
        keys.extend([0, 1, 2, 5, 6, 7, 0x84].map(|tag| ("another tag", tagged(tag))));
        for (what, key) in keys {
            for error in [
                sm2.encrypt(&key, b"secret", random).err().map(Error::from),
                provider.sm2_agree(&private_key(), &key).err(),
            ] {
                let error = error.unwrap_or_else(|| panic!("{what} is taken"));
                assert_eq!(error.kind(), ErrorKind::Validation, "{what}: {error}");
            }
            assert!(sm2.verify(&key, Sm2Message::Raw(b"message digest"), &bytes(SIGNATURE)).is_err(), "{what}");
        }
    });
}

#[test]
fn an_altered_signature_does_not_verify() {
    each(|provider| {
        let (sm2, random, key) = (provider.sm2, &*provider.random, private_key());
        let public = bytes(PUBLIC_KEY);
        let other = provider.generate_sm2_key().expect("randomness");
        let other = sm2.public_key(other.expose()).expect("a private key");
        for message in [Sm2Message::Raw(b"message"), Sm2Message::Raw(&[5; 4096]), Sm2Message::Digest(&[0; 32])] {
            let signature = sm2.sign(key.expose(), message, random).expect("a private key");
            sm2.verify(&public, message, &signature).expect("its signature");
            assert_ne!(signature, sm2.sign(key.expose(), message, random).expect("a private key"));
            assert!(sm2.verify(&other, message, &signature).is_err());
            assert!(sm2.verify(&public, Sm2Message::Digest(&[1; 32]), &signature).is_err());
            for at in 0..signature.len() {
                let mut altered = signature.clone();
                altered[at] ^= 1;
                assert!(sm2.verify(&public, message, &altered).is_err(), "byte {at} counts for nothing");
                assert!(sm2.verify(&public, message, &signature[..at]).is_err(), "{at} bytes are enough");
            }
            assert!(sm2.verify(&public, message, &[&signature[..], &[0]].concat()).is_err());
        }
        // Numbers out of range, and of a point at infinity.
        for (r, s) in [("00", "01"), ("01", "00")] {
            let signature = bytes(&format!("30060201{r}0201{s}"));
            assert!(sm2.verify(&public, Sm2Message::Digest(&[0; 32]), &signature).is_err());
        }
    });
}

#[test]
fn an_altered_ciphertext_does_not_decrypt() {
    each(|provider| {
        let (sm2, random, key) = (provider.sm2, &*provider.random, private_key());
        for length in [1, 2, 31, 32, 33, 64, 1024] {
            let message: Vec<u8> = (0..length).map(|byte: usize| byte.to_le_bytes()[0]).collect();
            let ciphertext = sm2.encrypt(&bytes(PUBLIC_KEY), &message, random).expect("a public key");
            assert_ne!(ciphertext, sm2.encrypt(&bytes(PUBLIC_KEY), &message, random).expect("a public key"));
            assert_eq!(provider.sm2_decrypt(&key, &ciphertext).expect("its message").expose(), message);
            let other = provider.generate_sm2_key().expect("randomness");
            assert!(provider.sm2_decrypt(&other, &ciphertext).is_err());
            for at in 0..ciphertext.len() {
                let mut altered = ciphertext.clone();
                altered[at] ^= 1;
                assert!(provider.sm2_decrypt(&key, &altered).is_err(), "byte {at} counts for nothing");
            }
            for at in [0, 1, ciphertext.len() / 2, ciphertext.len() - 1] {
                assert!(provider.sm2_decrypt(&key, &ciphertext[..at]).is_err(), "{at} bytes are enough");
            }
            assert!(provider.sm2_decrypt(&key, &[&ciphertext[..], &[0]].concat()).is_err());
        }
        let [x, y] = POINT.map(bytes);
        let (hash, encrypted) = (bytes(HASH), bytes(ENCRYPTED));
        for (what, altered) in [
            ("a point off the curve", ciphertext(&y, &x, &hash, &encrypted)),
            ("the origin", ciphertext(&[0], &[0], &hash, &encrypted)),
            ("a coordinate that is too long", ciphertext(&[&[1], &*x].concat(), &y, &hash, &encrypted)),
            ("a zero too many", ciphertext(&[&[0], &*x].concat(), &y, &hash, &encrypted)),
            ("a hash that is too short", ciphertext(&x, &y, &hash[1..], &encrypted)),
            ("a part of the message", ciphertext(&x, &y, &hash, &encrypted[..18])),
            ("no message", ciphertext(&x, &y, &hash, &[])),
            ("the form without DER", [&[4][..], &x, &y, &hash, &encrypted].concat()),
        ] {
            assert!(provider.sm2_decrypt(&key, &altered).is_err(), "{what} is taken");
        }
        // Of an empty message the hash is known to who made the point, but no one may encrypt one.
        let two = [&[0; 31][..], &[2]].concat();
        let point = sm2.public_key(&two).expect("a private key");
        assert!(provider.sm2_decrypt(&key, &ciphertext(&point[1..33], &point[33..], &hash, &[])).is_err());
        assert_eq!(
            Error::from(sm2.encrypt(&bytes(PUBLIC_KEY), &[], random).expect_err("nothing")).kind(),
            ErrorKind::Validation
        );
        // A buffer that is too short is one of the failures, and holds nothing of the message.
        let mut short = [0; 18];
        assert!(sm2.decrypt(key.expose(), &example(), &mut short).is_err());
        assert_eq!(short, [0; 18]);
    });
}

#[test]
fn two_keys_agree() {
    each(|provider| {
        let [alice, bob] = [(), ()].map(|()| provider.generate_sm2_key().expect("randomness"));
        let [to_alice, to_bob] =
            [&alice, &bob].map(|key| provider.sm2.public_key(key.expose()).expect("a private key"));
        let shared = provider.sm2_agree(&alice, &to_bob).expect("two keys");
        assert_eq!(shared.expose(), provider.sm2_agree(&bob, &to_alice).expect("two keys").expose());
        assert!(provider.sm2.agree(alice.expose(), &to_bob, &mut [0; 31]).is_err());
        assert!(provider.sm2.generate(&*provider.random, &mut [0; 33]).is_err());
    });
}

#[test]
fn randomness_that_fails_is_an_error() {
    each(|provider| {
        let (sm2, key) = (provider.sm2, private_key());
        let failed = |error: Error| assert_eq!(error.kind(), ErrorKind::Entropy, "{error}");
        // Ones are more than the order, and zero is no private key: neither may be waited for for ever.
        for source in [&Dry as &dyn Random, &Stuck(0), &Stuck(0xff)] {
            failed(sm2.generate(source, &mut [0; 32]).expect_err("an error").into());
            let encrypt = || sm2.encrypt(&bytes(PUBLIC_KEY), b"secret", source);
            match encrypt() {
                Err(error) => failed(error.into()),
                // A provider may have a source of its own, and then shows that it has.
                Ok(ciphertext) => assert_ne!(ciphertext, encrypt().expect("a ciphertext")),
            }
        }
        let sign = || sm2.sign(key.expose(), Sm2Message::Raw(b""), &Dry);
        match sign() {
            Err(error) => failed(error.into()),
            Ok(signature) => assert_ne!(signature, sign().expect("a signature")),
        }
    });
}

/// The randomness of a signature is a second line of defence: a source that repeats itself gives no key away.
#[test]
fn signatures_with_the_same_randomness_share_no_nonce() {
    each(|provider| {
        let sm2 = provider.sm2;
        // r less the digest is the x-coordinate of the nonce's point, so that equal nonces would show with equal digests alone.
        let sign = |key: &[u8], digest: &[u8; 32]| {
            sm2.sign(key, Sm2Message::Digest(digest), &Stuck(3)).expect("a private key")
        };
        let other = [&[0; 31][..], &[7]].concat();
        assert_ne!(sign(&bytes(PRIVATE_KEY), &[1; 32])[4..36], sign(&other, &[1; 32])[4..36]);
        assert_ne!(sign(&bytes(PRIVATE_KEY), &[1; 32]), sign(&bytes(PRIVATE_KEY), &[2; 32]));
    });
}
