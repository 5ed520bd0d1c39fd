//! `cardwright sign`: shows how a FINCI request is signed.

use std::fmt::Write;

use cardwright_client::finci::Credentials;
use cardwright_client::{SystemClock, TimeSource};
use cardwright_wire::finci::signature::explain::{Issued, Presentation, explain};
use cardwright_wire::finci::signature::{
    CanonicalForm, FormSetting, Part, Parts, SIGNATURE_HEADER, TIMESTAMP_HEADER, TOKEN_HEADER,
    canonical_bytes, check_body, check_target, parse_timestamp,
};
use clap::Args;

use crate::credentials::SigningFlags;
use crate::local::DataDirectory;
use crate::{Failure, body, output};

/// Sign a FINCI request: print the canonical string, the digest and the three headers
///
/// Nothing is sent. With --headers the output goes straight into another program:
///
///   cardwright sign POST /v1/get-cards "$BODY" --headers | curl -H @- --json "$BODY" URL
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// HTTP method, such as POST
    method: String,

    /// Request target from its first `/`, query included, exactly as it will be sent
    target: String,

    /// Body: text, @FILE, or - for stdin; none if left out
    body: Option<String>,

    /// Unix time in whole seconds; now if left out
    #[arg(long, value_name = "SECONDS")]
    timestamp: Option<String>,

    /// Print only the three header lines
    #[arg(long, conflicts_with = "explain")]
    headers: bool,

    /// Show each signed part with its length and its bytes escaped
    #[arg(long)]
    explain: bool,

    /// With --explain: say whether this signature of another program matches, and what it did wrong
    #[arg(long, value_name = "TEXT", requires = "explain")]
    signature: Option<String>,

    #[command(flatten)]
    signing: SigningFlags,

    #[command(flatten)]
    directory: DataDirectory,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let method = arguments.method.to_ascii_uppercase();
    let timestamp = match &arguments.timestamp {
        Some(text) => text.clone(),
        None => SystemClock.unix_seconds().to_string(),
    };
    let body = body::read(arguments.body.as_deref())?;
    refuse_what_a_server_refuses(&method, &timestamp, &arguments.target, &body)?;
    let credentials = arguments.signing.credentials(&arguments.directory)?;
    let parts = Parts {
        token: credentials.token(),
        timestamp: &timestamp,
        method: &method,
        target: &arguments.target,
        body: &body,
    };
    let headers = header_lines(&credentials, &parts);
    if arguments.headers {
        return output::print(headers.as_bytes());
    }
    let mut text = if arguments.explain {
        explanation(credentials.form(), &parts).into_bytes()
    } else {
        Vec::new()
    };
    let canonical = canonical_bytes(credentials.form(), &parts);
    let digest = credentials.sign(&parts);
    text.extend(format!("canonical string ({} bytes):\n", canonical.len()).bytes());
    text.extend(canonical);
    text.extend(format!("\ndigest:\n{digest}\nheaders:\n{headers}").bytes());
    if let Some(signature) = &arguments.signature {
        let secret = arguments.signing.secret(&arguments.directory)?;
        let form = FormSetting::Fixed(credentials.form().clone());
        let issued = Issued {
            token: credentials.token(),
            secret: secret.expose(),
            form: &form,
        };
        text.extend(compared(issued, &parts, signature).bytes());
    }
    output::print(&text)
}

/// Whether the signature of another program matches, else what explains it.
fn compared(issued: Issued<'_>, parts: &Parts<'_>, signature: &str) -> String {
    let sent = Presentation {
        token: parts.token,
        method: parts.method,
        target: parts.target,
        timestamp: parts.timestamp,
        body: parts.body,
        signature,
    };
    let explanation = explain(issued, &sent);
    let mut text = match explanation.matched_form {
        Some(form) => return format!("signature:\nit matches, in form {form}\n"),
        None => "signature:\nit does not match\n".to_owned(),
    };
    for mistake in &explanation.mistakes {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{}: {}", mistake.code(), mistake.advice());
    }
    if explanation.mistakes.is_empty() {
        text.push_str("no common mistake explains it\n");
    }
    text
}

fn refuse_what_a_server_refuses(
    method: &str,
    timestamp: &str,
    target: &str,
    body: &[u8],
) -> Result<(), Failure> {
    let usage =
        |what: &str, fault: &dyn std::fmt::Display| Err(Failure::Usage(format!("{what}: {fault}")));
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return usage("METHOD", &"a method is a word such as GET, POST or PATCH");
    }
    if let Err(fault) = parse_timestamp(timestamp) {
        return usage("--timestamp", &fault);
    }
    if let Err(fault) = check_target(target) {
        return usage("TARGET", &fault);
    }
    if target.contains('#') {
        return usage(
            "TARGET",
            &"a fragment (# and what follows) is never sent; leave it out",
        );
    }
    match check_body(method, body) {
        Err(fault) => usage("BODY", &fault),
        Ok(()) => Ok(()),
    }
}

fn header_lines(credentials: &Credentials, parts: &Parts<'_>) -> String {
    format!(
        "{TOKEN_HEADER}: {}\n{TIMESTAMP_HEADER}: {}\n{SIGNATURE_HEADER}: {}\n",
        parts.token,
        parts.timestamp,
        credentials.sign(parts),
    )
}

/// The form, then each part on a line of its own.
fn explanation(form: &CanonicalForm, parts: &Parts<'_>) -> String {
    let separator = match form.separator() {
        "" => "nothing".to_owned(),
        separator => format!("\"{}\"", escaped(separator.as_bytes())),
    };
    let mut text = format!("form {form}, with {separator} between the parts:\n");
    for part in form.parts() {
        let bytes = match part {
            Part::Timestamp => parts.timestamp.as_bytes(),
            Part::Method => parts.method.as_bytes(),
            Part::Path => parts.target.as_bytes(),
            Part::Token => parts.token.as_bytes(),
            Part::Body => parts.body,
        };
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "  {:9} {:6} bytes  {}",
            part.name(),
            bytes.len(),
            escaped(bytes)
        );
    }
    text
}

/// Printable ASCII as it is, everything else as the escape of its bytes.
fn escaped(bytes: &[u8]) -> String {
    let shown = |byte: &u8| match byte {
        b' '..=b'~' if *byte != b'\\' => char::from(*byte).to_string(),
        _ => byte.escape_ascii().to_string(),
    };
    bytes.iter().map(shown).collect()
}
