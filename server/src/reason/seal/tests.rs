//! Sealing against the vectors of specification 001, and against what must not be opened.

use super::*;
use serde_json::Value;

const ONE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const TWO: &str = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn sealer(keys: &[&str]) -> Sealer {
    let keys: Vec<Secret> = keys.iter().map(|key| Secret::new((*key).to_owned())).collect();
    Sealer::new(&keys, Path::new("/nowhere")).unwrap()
}

fn check(sealer: &Sealer, sealed: &str, expected: Result<&[u8], &str>) {
    let opened = sealer.open(sealed);
    assert_eq!(opened.as_deref().map_err(ToString::to_string), expected.map_err(str::to_owned), "{sealed}");
}

#[test]
fn what_is_sealed_is_opened_again() {
    let sealer = sealer(&[ONE]);
    for bytes in [&b""[..], b"1", b"{\"name\":\"Ana\"}", &[0xff; 5000]] {
        let sealed = sealer.seal(bytes).unwrap();
        check(&sealer, &sealed, Ok(bytes));
        assert_ne!(sealed, sealer.seal(bytes).unwrap(), "each with its own initial vector");
        assert!(Sealer::is_sealed(&sealed));
    }
}

#[test]
fn a_key_is_changed_without_losing_what_the_old_one_sealed() {
    let sealed = sealer(&[ONE]).seal(b"kept").unwrap();
    check(&sealer(&[TWO, ONE]), &sealed, Ok(b"kept"));
    let id = &sealed["sealed:".len()..][..8];
    let other = sealer(&[TWO]);
    let known = &other.seal(b"").unwrap()["sealed:".len()..][..8];
    let expected =
        format!("sealed with the key {id}, which is not among those of ENCRYPTION_KEY (known: {known})");
    check(&other, &sealed, Err(&expected));
}

#[test]
fn what_was_changed_is_refused() {
    let sealer = sealer(&[ONE]);
    let sealed = sealer.seal(b"12500 USD").unwrap();
    let id = &sealed["sealed:".len()..][..8];
    let tampered = format!("sealed content was changed, or its key {id} is not the one it was sealed with");
    let flipped = if sealed.ends_with('0') { "1" } else { "0" };
    check(&sealer, &format!("{}{flipped}", &sealed[..sealed.len() - 1]), Err(&tampered));
    check(&sealer, &format!("sealed:{id}:{}", "00".repeat(20)), Err(&tampered));
    let shape = "not sealed: expected sealed:KEYID:HEX, ";
    check(&sealer, &format!("sealed:{id}:0011"), Err(&format!("{shape}found too little")));
    check(&sealer, "12500 USD", Err(&format!("{shape}found another beginning")));
    check(&sealer, "sealed:0011", Err(&format!("{shape}found no key id")));
    check(&sealer, "sealed:0011:xyz", Err(&format!("{shape}found no hex digits at its end")));
}

#[test]
fn a_key_that_is_none_is_refused_without_being_told() {
    let bad = Secret::new("hunter2".to_owned());
    let error = Sealer::new(&[bad], Path::new("/nowhere")).unwrap_err().to_string();
    assert_eq!(error, "expected 64 hex digits (32 bytes)");
}

#[test]
fn without_a_key_one_is_made_and_kept() {
    let folder = std::env::temp_dir().join(format!("inflight-seal-{}", std::process::id()));
    let sealed = Sealer::new(&[], &folder).unwrap().seal(b"kept").unwrap();
    let again = Sealer::new(&[], &folder).unwrap();
    check(&again, &sealed, Ok(b"kept"));
    assert!(!again.has_told_key());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    std::fs::write(folder.join(FILE), "hunter2").unwrap();
    let error = Sealer::new(&[], &folder).unwrap().open(&sealed).unwrap_err().to_string();
    assert!(error.contains("seal.key") && !error.contains("hunter2"), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// The vectors were made by another implementation; they are not part of the project.
#[test]
fn the_vectors_of_specification_001_hold() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/crypto/seed_aes256gcm.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("not checked: {path} is not there");
        return;
    };
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let vectors = vectors["vectors"].as_array().unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let bytes = |name: &str| unhex(vector[name].as_str().unwrap()).unwrap();
        let key = SealKey::read(vector["key"].as_str().unwrap()).unwrap();
        let plain = vector["plaintext_json"].as_str().unwrap().as_bytes();
        let iv = *bytes("iv").first_chunk().unwrap();
        assert_eq!(key.seal(iv, plain).unwrap(), bytes("wire_hex"));
        assert_eq!(key.open(bytes("wire_hex")).unwrap(), plain);
        assert!(matches!(key.open(bytes("tampered_hex")), Err(SealError::Tampered { .. })));
    }
}
