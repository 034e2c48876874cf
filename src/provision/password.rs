//! Passwords of servers that live as long as a run.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::ProvisionError;

/// 128 random bits, as hexadecimal digits, which need no quoting anywhere.
///
/// # Errors
/// When the system gives no random bits.
pub(crate) fn random_password() -> Result<String, ProvisionError> {
    let path = Path::new("/dev/urandom");
    let read = || -> io::Result<String> {
        let mut bytes = [0; 16];
        File::open(path)?.read_exact(&mut bytes)?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    };
    read().map_err(ProvisionError::file("read", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_differ() {
        let (one, two) = (random_password().unwrap(), random_password().unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, two);
    }
}
