//! Callers of our own surfaces: operators with a key, and the card network.

use axum::{
    body::Body,
    http::{Method, Request},
};
use cardwright_server::{
    ops::programs::{DemoProgram, SignedCredential},
    secrets::Secret,
};
use serde_json::Value;

use super::{Draft, Reply, TestApp};
use cardwright_wire::finci::signature::CanonicalForm;

/// Whoever holds an operator's key.
pub struct Operator<'a> {
    app: &'a TestApp,
    base: &'static str,
    key: String,
    tenant: Option<String>,
}

impl<'a> Operator<'a> {
    /// A caller with this key, below this base.
    pub fn new(app: &'a TestApp, base: &'static str, key: &Secret) -> Operator<'a> {
        Operator::with_key(app, base, key.expose())
    }

    /// A caller with whatever stands for a key.
    pub fn with_key(app: &'a TestApp, base: &'static str, key: &str) -> Operator<'a> {
        Operator {
            app,
            base,
            key: key.to_owned(),
            tenant: None,
        }
    }

    /// The same caller, acting on another tenant.
    pub fn on(&self, tenant_uuid: &str) -> Operator<'a> {
        Operator {
            app: self.app,
            base: self.base,
            key: self.key.clone(),
            tenant: Some(tenant_uuid.to_owned()),
        }
    }

    /// A request as it goes out; `path` is below the base. No body is null.
    pub fn request(&self, method: &Method, path: &str, body: &Value) -> Request<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/{path}", self.base))
            .header("host", "127.0.0.1:8080")
            .header("authorization", format!("Bearer {}", self.key));
        if let Some(tenant) = &self.tenant {
            request = request.header("x-tenant-id", tenant);
        }
        if body.is_null() {
            return request.body(Body::empty()).unwrap();
        }
        request
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap()
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Reply {
        self.app.send(self.request(&method, path, body)).await
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, &Value::Null).await
    }

    /// `POST`.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path, body).await
    }

    /// `PUT`.
    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PUT, path, body).await
    }

    /// `PATCH`.
    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PATCH, path, body).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, &Value::Null).await
    }
}

/// The card network, or whoever signs for it.
pub struct Network<'a> {
    app: &'a TestApp,
    credential: SignedCredential,
}

impl<'a> Network<'a> {
    /// The network as it talks to a tenant.
    pub fn new(app: &'a TestApp, program: &DemoProgram) -> Network<'a> {
        Network::with(app, program.network.clone())
    }

    /// Whoever has this credential.
    pub fn with(app: &'a TestApp, credential: SignedCredential) -> Network<'a> {
        Network { app, credential }
    }

    /// A message that is still to be signed, dated now; `path` is below the base.
    pub fn draft(&self, path: &str, body: &Value) -> Draft {
        Draft {
            token: self.credential.token.clone(),
            secret: self.credential.secret.expose().to_owned(),
            form: CanonicalForm::Default,
            timestamp: self.app.now().as_second().to_string(),
            method: "POST".to_owned(),
            target: format!("/network/v1/{path}"),
            body: body.to_string().into_bytes(),
        }
    }

    /// Signs and sends a message.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.app.send(self.draft(path, body).sign().request()).await
    }
}
