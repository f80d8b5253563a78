//! `sealed(text)`, `opened(text)` and `is_sealed(text)` for the statements of the store.

use crate::reason::seal::{SealError, Sealer};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Error};

/// Adds them to a connection.
///
/// # Errors
/// The connection refuses.
pub(super) fn add(connection: &Connection, sealer: &Sealer) -> Result<(), Error> {
    let own = sealer.clone();
    connection.create_scalar_function("sealed", 1, FunctionFlags::SQLITE_UTF8, move |context| {
        own.seal(text(context)?.as_bytes()).map_err(failed)
    })?;
    let own = sealer.clone();
    connection.create_scalar_function("opened", 1, FunctionFlags::SQLITE_UTF8, move |context| {
        let text = text(context)?;
        if !Sealer::is_sealed(text) {
            return Ok(text.to_owned());
        }
        let opened = own.open(text).map_err(failed)?;
        String::from_utf8(opened).map_err(|_| failed(SealError::Malformed("found no text in it")))
    })?;
    connection.create_scalar_function("is_sealed", 1, FunctionFlags::SQLITE_UTF8, |context| {
        text(context).map(Sealer::is_sealed)
    })
}

fn text<'a>(context: &'a Context<'_>) -> Result<&'a str, Error> {
    Ok(context.get_raw(0).as_str()?)
}

fn failed(error: SealError) -> Error {
    Error::UserFunctionError(Box::new(error))
}
