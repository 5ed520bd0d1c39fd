//! Where a command takes FINCI credentials from: flags and environment, or `sandbox.json`.

use std::path::{Path, PathBuf};

use cardwright_client::finci::Credentials;
use cardwright_client::{SandboxFile, Secret};
use cardwright_wire::finci::signature::CanonicalForm;
use clap::Args;

use crate::Failure;
use crate::local::DataDirectory;

/// Which flags make a `sandbox.json` unnecessary for signing.
const INSTEAD: &str = "--token and --secret-file";

/// Who signs, and how.
#[derive(Args)]
pub(crate) struct SigningFlags {
    /// The issued API token; without it, that of sandbox.json
    #[arg(long, env = "CARDWRIGHT_FINCI_TOKEN")]
    token: Option<String>,

    /// The secret issued with the token
    ///
    /// Better given by the environment variable or by --secret-file: an argument is visible to
    /// every user of the machine in the list of processes, and stays in the history of the shell.
    #[arg(long, env = "CARDWRIGHT_FINCI_SECRET", hide_env_values = true, value_parser = secret)]
    secret: Option<Secret>,

    /// A file that holds the secret; a newline at its end is not part of it
    #[arg(long, value_name = "FILE", conflicts_with = "secret")]
    secret_file: Option<PathBuf>,

    /// Canonical form: default, no-method, path-first, token-first, lines, or
    /// custom:PART+PART…[;separator=TEXT] with parts out of timestamp, method, path, token, body
    #[arg(long, value_name = "NAME", default_value = "default")]
    form: CanonicalForm,
}

impl SigningFlags {
    /// The credentials of the flags where there are any, else those of the sandbox.
    pub(crate) fn credentials(&self, directory: &DataDirectory) -> Result<Credentials, Failure> {
        let secret = match &self.secret_file {
            Some(path) => Some(secret_from_file("--secret-file", path)?),
            None => self.secret.clone(),
        };
        match (&self.token, secret) {
            (Some(token), Some(secret)) => Credentials::new(token, &secret, self.form.clone())
                .map_err(|error| Failure::Usage(format!("--token, --secret: {error}"))),
            (None, None) => {
                let credentials = directory.sandbox(INSTEAD)?.entry(SandboxFile::finci)?;
                Ok(credentials.with_form(self.form.clone()))
            }
            (Some(_), None) => Err(Failure::Usage(
                "--token needs its secret: set CARDWRIGHT_FINCI_SECRET or give --secret-file"
                    .to_owned(),
            )),
            (None, Some(_)) => Err(Failure::Usage(
                "--secret needs the --token it was issued with (or CARDWRIGHT_FINCI_TOKEN)"
                    .to_owned(),
            )),
        }
    }
}

impl SigningFlags {
    /// The secret of [`SigningFlags::credentials`].
    pub(crate) fn secret(&self, directory: &DataDirectory) -> Result<Secret, Failure> {
        match (&self.secret_file, &self.secret) {
            (Some(path), _) => secret_from_file("--secret-file", path),
            (None, Some(secret)) => Ok(secret.clone()),
            (None, None) => directory
                .sandbox(INSTEAD)?
                .entry(|file| file.finci_secret().cloned()),
        }
    }
}

/// Takes an argument into keeping; never fails.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a value parser")]
pub(crate) fn secret(argument: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(argument))
}

/// Reads a secret from a file, without the newline an editor puts at its end.
pub(crate) fn secret_from_file(flag: &str, path: &Path) -> Result<Secret, Failure> {
    let refused = |reason: &dyn std::fmt::Display| {
        Failure::Usage(format!("{flag}: {}: {reason}", path.display()))
    };
    let text = Secret::new(std::fs::read_to_string(path).map_err(|error| refused(&error))?);
    let line = text.expose().trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        return Err(refused(&"the file is empty"));
    }
    Ok(Secret::new(line))
}
