//! Stubs of functions that an application registers in its SQLite connections, so that migrations which call them can run.
//!
//! The driver has no way to register a function, so that this is the one place which talks to the library itself, on the
//! handle that the driver lends. A stub gives NULL whatever it is called with: it takes part in schemas and in statements
//! over rows, and does not know what the application's own would say.

use std::collections::BTreeMap;
use std::ffi::{CString, c_int};
use std::ptr;

use libsqlite3_sys as ffi;
use sqlx::sqlite::SqliteConnection;

use super::database::engine_error;
use crate::engine::EngineError;

/// Registers a stub for each function, by its name and its number of arguments; -1 takes any.
///
/// # Errors
/// When the library refuses one: a name of more than 255 bytes, more arguments than it allows.
#[expect(unsafe_code, reason = "the driver has no safe way to register a function")]
pub(super) async fn register(
    connection: &mut SqliteConnection,
    functions: &BTreeMap<String, i32>,
) -> Result<(), EngineError> {
    if functions.is_empty() {
        return Ok(());
    }
    let mut locked = connection.lock_handle().await.map_err(engine_error)?;
    let handle = locked.as_raw_handle().as_ptr();
    for (name, arguments) in functions {
        let refused = |why: &str| {
            EngineError::unexpected(format!(
                "the function {name} with {arguments} arguments could not be declared: {why}; check `functions` in \
                 rollproof.yml"
            ))
        };
        let text = CString::new(name.as_str()).map_err(|_| refused("its name holds a NUL byte"))?;
        // SAFETY: `handle` is an open connection that nobody else uses while `locked` lives. The name is a C string that the
        // library copies before it returns. The stub keeps no data, so that there is nothing to free.
        let code = unsafe {
            ffi::sqlite3_create_function_v2(
                handle.cast(),
                text.as_ptr(),
                *arguments,
                ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC,
                ptr::null_mut(),
                Some(null),
                None,
                None,
                None,
            )
        };
        if code != ffi::SQLITE_OK {
            return Err(refused(&format!("SQLite answers with code {code}")));
        }
    }
    Ok(())
}

/// What a stub answers.
#[expect(unsafe_code, reason = "the library calls it")]
unsafe extern "C" fn null(context: *mut ffi::sqlite3_context, _: c_int, _: *mut *mut ffi::sqlite3_value) {
    // SAFETY: the library hands a context that is valid for the length of this call.
    unsafe { ffi::sqlite3_result_null(context) };
}
