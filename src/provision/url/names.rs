//! The names of the databases that a run makes on a server that is not ours.
//!
//! Such a name says who made it, so that a later run can tell what a killed one left behind without asking anybody:
//! `rollproof_<place>_<pid>_<start>_<made><random><check>_` and then what the run calls the database. All parts are
//! written in digits and lower-case letters (base 36). The check makes it practically impossible to take a database that
//! somebody named by hand for one of ours.

use sha2::{Digest, Sha256};

use super::super::owner::{self, Owner};

/// What the names of all databases of Rollproof begin with on servers that are not ours.
pub(super) const HEAD: &str = "rollproof_";
/// Widths of place, start, time, random part and check. A name may have 63 bytes (64 on MySQL and MariaDB); this leaves 20 for the run.
const PLACE: usize = 6;
const START: usize = 4;
const MADE: usize = 6;
const RANDOM: usize = 4;
const CHECK: usize = 4;

/// What the names of all databases of this run begin with; a new one at each call.
pub(super) fn new_prefix(random: u64) -> String {
    prefix_of(&Owner::this(), random)
}

fn prefix_of(owner: &Owner, random: u64) -> String {
    let body = format!(
        "{}_{}_{}_{}{}",
        hashed(&owner.place, PLACE),
        base36(owner.pid.into(), 1),
        hashed(&owner.start.to_string(), START),
        base36(owner.made, MADE),
        last(&base36(random, RANDOM), RANDOM)
    );
    format!("{HEAD}{body}{}_", hashed(&body, CHECK))
}

/// Whether a database of this name was made by a run that is gone; false for every name that no run gave.
pub(super) fn is_left_behind(name: &str) -> bool {
    let Some(found) = parse(name) else { return false };
    let here = found.place == hashed(&owner::place(), PLACE);
    owner::judge(here, found.made, owner::now(), || {
        owner::is_running(found.pid, |start| {
            // A system that does not tell when a process started wrote 0.
            found.start == hashed("0", START) || found.start == hashed(&start.to_string(), START)
        })
    })
}

struct Found<'a> {
    place: &'a str,
    pid: u32,
    start: &'a str,
    made: u64,
}

fn parse(name: &str) -> Option<Found<'_>> {
    let mut parts = name.strip_prefix(HEAD)?.splitn(5, '_');
    let (place, pid, start, tail) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    // There is a closing underscore.
    parts.next()?;
    let well_formed = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    if ![place, pid, start, tail].into_iter().all(well_formed)
        || place.len() != PLACE
        || start.len() != START
        || tail.len() != MADE + RANDOM + CHECK
    {
        return None;
    }
    let (made_and_random, check) = tail.split_at(MADE + RANDOM);
    if check != hashed(&format!("{place}_{pid}_{start}_{made_and_random}"), CHECK) {
        return None;
    }
    Some(Found {
        place,
        pid: u32::from_str_radix(pid, 36).ok()?,
        start,
        made: u64::from_str_radix(&made_and_random[..MADE], 36).ok()?,
    })
}

/// The first digits of a hash, in base 36.
fn hashed(text: &str, width: usize) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let number = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    last(&base36(number, width), width).to_owned()
}

/// The last `width` digits; the text consists of ASCII digits and letters and is at least that long.
fn last(text: &str, width: usize) -> &str {
    &text[text.len() - width..]
}

fn base36(mut number: u64, width: usize) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.len() < width {
        let digit = u32::try_from(number % 36).unwrap_or(0);
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        number /= 36;
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::owner::ABANDONED_SECONDS;
    use super::*;

    fn named(owner: &Owner) -> String {
        format!("{}work", prefix_of(owner, 77))
    }

    #[test]
    fn a_prefix_leaves_room_and_needs_no_quoting() {
        let widest = Owner { pid: 4_194_304, start: u64::MAX, ..Owner::this() };
        let prefix = prefix_of(&widest, u64::MAX);
        assert!(prefix.len() <= 43, "{prefix}");
        assert!(prefix.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase() || byte == b'_'));
        assert_ne!(prefix_of(&widest, 1), prefix_of(&widest, 2));
    }

    #[test]
    fn the_owner_is_read_from_the_name() {
        let owner = Owner::this();
        let name = named(&owner);
        let found = parse(&name).unwrap();
        assert_eq!((found.pid, found.made), (owner.pid, owner.made));
        assert!(!is_left_behind(&name));
        assert!(is_left_behind(&named(&Owner { pid: u32::MAX, ..owner.clone() })));
        let elsewhere = Owner { place: "elsewhere".to_owned(), pid: u32::MAX, ..owner.clone() };
        assert!(!is_left_behind(&named(&elsewhere)));
        assert!(is_left_behind(&named(&Owner { made: owner.made - ABANDONED_SECONDS - 1, ..elsewhere })));
        if owner.start != 0 {
            assert!(is_left_behind(&named(&Owner { start: owner.start + 1, ..owner })));
        }
    }

    #[test]
    fn names_of_others_are_never_ours() {
        let dead = named(&Owner { pid: u32::MAX, ..Owner::this() });
        assert!(is_left_behind(&dead));
        for name in [
            "rollproof",
            "rollproof_production",
            "rollproof_a_b_c_d_e",
            "rollproof_123456_1_1234_12345678901234_work",
            &dead.to_uppercase(),
            &dead.replace("rollproof", "rollprooF"),
            &format!("x{dead}"),
            &dead[..dead.len() - "_work".len()],
        ] {
            assert!(!is_left_behind(name), "{name}");
        }
        // Any one character of the owner's part changed, and it is no name of ours.
        let end = dead.len() - "_work".len();
        for at in 0..end {
            let mut bytes = dead.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(!is_left_behind(&changed), "{changed}");
        }
    }

    #[test]
    fn base_36_is_padded() {
        assert_eq!(base36(0, 3), "000");
        assert_eq!(base36(35, 2), "0z");
        assert_eq!(base36(36 * 36, 2), "100");
    }
}
