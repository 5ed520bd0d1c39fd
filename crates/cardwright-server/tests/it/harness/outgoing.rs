//! Requests whose every part can be made wrong: before they are signed, or after.

use axum::{body::Body, http::Request};
use cardwright_wire::finci::signature::{CanonicalForm, Parts, SigningKey};

/// A request that is still to be signed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The public half of the credential.
    pub token: String,
    /// The secret half.
    pub secret: String,
    /// How the parts are joined.
    pub form: CanonicalForm,
    /// The text of the timestamp header.
    pub timestamp: String,
    /// The method.
    pub method: String,
    /// The raw target.
    pub target: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Draft {
    /// Dates the request so many seconds from where it stands.
    #[must_use]
    pub fn moved(mut self, seconds: i64) -> Draft {
        let at: i64 = self.timestamp.parse().unwrap();
        self.timestamp = (at + seconds).to_string();
        self
    }

    /// Signs the request.
    pub fn sign(&self) -> Outgoing {
        let parts = Parts {
            token: &self.token,
            timestamp: &self.timestamp,
            method: &self.method,
            target: &self.target,
            body: &self.body,
        };
        let signature = hex::encode(SigningKey::new(&self.secret).sign(&self.form, &parts));
        let mut headers = vec![
            ("host".to_owned(), b"127.0.0.1:8080".to_vec()),
            ("x-auth-token".to_owned(), self.token.clone().into_bytes()),
            (
                "x-auth-timestamp".to_owned(),
                self.timestamp.clone().into_bytes(),
            ),
            ("x-auth-signature".to_owned(), signature.into_bytes()),
        ];
        if !self.body.is_empty() {
            let json = b"application/json".to_vec();
            headers.push(("content-type".to_owned(), json));
        }
        Outgoing {
            method: self.method.clone(),
            target: self.target.clone(),
            body: self.body.clone(),
            headers,
        }
    }
}

/// A request as it goes out, whatever was signed.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The method.
    pub method: String,
    /// The raw target.
    pub target: String,
    /// The body.
    pub body: Vec<u8>,
    /// The headers, the length of the body apart.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Outgoing {
    /// Sends the header once, with this value.
    #[must_use]
    pub fn with(self, name: &str, value: impl AsRef<[u8]>) -> Outgoing {
        self.without(name).adding(name, value)
    }

    /// Leaves the header out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Outgoing {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// Sends the header once more.
    #[must_use]
    pub fn adding(mut self, name: &str, value: impl AsRef<[u8]>) -> Outgoing {
        let value = value.as_ref().to_vec();
        self.headers.push((name.to_owned(), value));
        self
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> String {
        let found = self.headers.iter().find(|(known, _)| known == name);
        String::from_utf8(found.unwrap().1.clone()).unwrap()
    }

    /// The request for the front door.
    pub fn request(&self) -> Request<Body> {
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(&self.target);
        for (name, value) in &self.headers {
            request = request.header(name, value.as_slice());
        }
        request.body(Body::from(self.body.clone())).unwrap()
    }

    /// The request's bytes on a connection that ends with it.
    pub fn wire(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        if !self.body.is_empty() {
            bytes.extend_from_slice(format!("content-length: {}\r\n", self.body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"connection: close\r\n\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}
