//! Empties functions of a program that nothing can reach, but that the compiler has to keep.
//!
//! An erased view of Leptos carries a table of all it can do; among it is waking up in an asynchronous way, which only
//! `hydrate_lazy` asks for and this project never does. Those state machines are a tenth of the program. Their bodies
//! become a trap; wasm-bindgen then drops what only they used.

use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;

/// Part of the names of functions that are never called.
const NEVER_CALLED: &str = "hydrate_async";

/// What the names of state machines hold beside it. Other functions of that name may stand in for ones with the same
/// body, because the compiler keeps one of equal functions.
const MACHINE: &str = "closure";

/// Bodies up to this length are left: the compiler keeps one of equal functions, and may have kept the name of this.
const SMALL: usize = 300;

/// Sections of a program.
const CUSTOM: u8 = 0;
const IMPORT: u8 = 2;
const CODE: u8 = 10;

/// A body without locals that traps.
const TRAP: [u8; 4] = [3, 0, 0x00, 0x0b];

/// Reads numbers and bytes one after the other.
struct Reader<'a> {
    bytes: &'a [u8],
}

/// The program with those bodies emptied.
///
/// # Errors
/// When the program cannot be read.
pub fn prune(program: &[u8]) -> Result<Vec<u8>> {
    let (magic, rest) = program.split_at_checked(8).context("a program is longer than its head")?;
    let mut reader = Reader { bytes: rest };
    let mut sections = Vec::new();
    while !reader.bytes.is_empty() {
        let kind = reader.take(1)?[0];
        let length = reader.number()?;
        sections.push((kind, reader.take(length)?));
    }
    let mut imported = 0;
    let mut unreached = BTreeSet::new();
    for (kind, content) in &sections {
        match *kind {
            IMPORT => imported = imported_functions(content)?,
            CUSTOM => unreached.extend(unreached_functions(content)?),
            _ => {}
        }
    }
    let mut pruned = magic.to_vec();
    for (kind, content) in sections {
        let emptied = if kind == CODE { Some(emptied(content, imported, &unreached)?) } else { None };
        let content = emptied.as_deref().unwrap_or(content);
        pruned.push(kind);
        push_number(&mut pruned, content.len());
        pruned.extend_from_slice(content);
    }
    Ok(pruned)
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length).context("a program ends too early")?;
        self.bytes = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            value |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        bail!("a number of a program is too long")
    }

    fn limits(&mut self) -> Result<()> {
        let has_maximum = self.take(1)?[0] & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Ok(())
    }
}

fn imported_functions(content: &[u8]) -> Result<usize> {
    let mut reader = Reader { bytes: content };
    let mut functions = 0;
    for _ in 0..reader.number()? {
        for _name in 0..2 {
            let length = reader.number()?;
            reader.take(length)?;
        }
        match reader.take(1)?[0] {
            0 => {
                reader.number()?;
                functions += 1;
            }
            1 => {
                reader.take(1)?;
                reader.limits()?;
            }
            2 => reader.limits()?,
            3 => _ = reader.take(2)?,
            kind => bail!("an import of the unknown kind {kind}"),
        }
    }
    Ok(functions)
}

/// Numbers of the functions whose names say that nothing calls them; none but in the section of names.
fn unreached_functions(content: &[u8]) -> Result<Vec<usize>> {
    let mut reader = Reader { bytes: content };
    let length = reader.number()?;
    if reader.take(length)? != b"name" {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    while !reader.bytes.is_empty() {
        let kind = reader.take(1)?[0];
        let length = reader.number()?;
        let mut names = Reader { bytes: reader.take(length)? };
        if kind != 1 {
            continue;
        }
        for _ in 0..names.number()? {
            let function = names.number()?;
            let length = names.number()?;
            let name = String::from_utf8_lossy(names.take(length)?);
            if name.contains(NEVER_CALLED) && name.contains(MACHINE) {
                found.push(function);
            }
        }
    }
    Ok(found)
}

fn emptied(content: &[u8], imported: usize, unreached: &BTreeSet<usize>) -> Result<Vec<u8>> {
    let mut reader = Reader { bytes: content };
    let count = reader.number()?;
    let mut bodies = Vec::with_capacity(content.len());
    push_number(&mut bodies, count);
    for function in imported..imported + count {
        let length = reader.number()?;
        let body = reader.take(length)?;
        if length > SMALL && unreached.contains(&function) {
            bodies.extend_from_slice(&TRAP);
        } else {
            push_number(&mut bodies, length);
            bodies.extend_from_slice(body);
        }
    }
    Ok(bodies)
}

fn push_number(bytes: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        bytes.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program of two functions with these names and bodies this long.
    fn program(names: [&str; 2], length: usize) -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        bytes.extend([1, 4, 1, 0x60, 0, 0, 3, 3, 2, 0, 0]);
        let mut bodies = vec![2];
        for _ in names {
            push_number(&mut bodies, length);
            bodies.push(0);
            bodies.resize(bodies.len() + length - 2, 1);
            bodies.push(0x0b);
        }
        bytes.push(CODE);
        push_number(&mut bytes, bodies.len());
        bytes.extend(bodies);
        let mut map = vec![2];
        for (function, name) in names.iter().enumerate() {
            map.extend([function as u8, name.len() as u8]);
            map.extend(name.bytes());
        }
        let mut content = b"\x04name\x01".to_vec();
        push_number(&mut content, map.len());
        content.extend(map);
        bytes.push(CUSTOM);
        push_number(&mut bytes, content.len());
        bytes.extend(content);
        bytes
    }

    #[test]
    fn only_what_nothing_calls_is_emptied() {
        let machine = ["paint", "hydrate_async::closure"];
        for kept in [program(["paint", "hydrate_async"], SMALL + 1), program(machine, SMALL)] {
            assert_eq!(prune(&kept).unwrap(), kept);
        }
        let (program, emptied) = (program(machine, SMALL + 1), prune(&program(machine, SMALL + 1)).unwrap());
        assert!(emptied.windows(5).any(|bytes| bytes == [0x0b, 3, 0, 0, 0x0b]), "{emptied:?}");
        assert_eq!(program.len() - emptied.len(), SMALL + 1 - 3 + 1, "its length takes one byte less");
        assert!(prune(b"\0asm\x01\0\0\0\x0a\x7f").is_err());
    }
}
