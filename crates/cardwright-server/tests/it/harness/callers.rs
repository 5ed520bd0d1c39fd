//! Callers with credentials: they sign or log in as an integrator's program would.

use axum::{
    body::Body,
    http::{Method, Request},
};
use cardwright_server::ops::programs::DemoProgram;
use cardwright_wire::finci::signature::{CanonicalForm, Parts, SigningKey};
use serde_json::{Value, json};

use super::{Draft, Reply, TestApp};

/// The signature of a request, in hex.
pub fn finci_signature(secret: &str, parts: &Parts<'_>) -> String {
    hex::encode(SigningKey::new(secret).sign(&CanonicalForm::Default, parts))
}

/// A backend that signs its requests.
pub struct FinciCaller<'a> {
    app: &'a TestApp,
    token: String,
    secret: String,
}

impl<'a> FinciCaller<'a> {
    /// A caller with a tenant's credential.
    pub fn new(app: &'a TestApp, program: &DemoProgram) -> FinciCaller<'a> {
        let (token, secret) = (program.finci.token.clone(), program.finci.secret.clone());
        FinciCaller {
            app,
            token,
            secret: secret.expose().to_owned(),
        }
    }

    /// The public half of the credential.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The secret half of the credential.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// A request of this caller that is still to be signed, dated now.
    pub fn draft(&self, method: &str, target: &str, body: &str) -> Draft {
        Draft {
            token: self.token.clone(),
            secret: self.secret.clone(),
            form: CanonicalForm::Default,
            timestamp: self.app.now().as_second().to_string(),
            method: method.to_owned(),
            target: target.to_owned(),
            body: body.as_bytes().to_vec(),
        }
    }

    /// A signed request as it goes out now.
    pub fn request(&self, method: &Method, target: &str, body: &str) -> Request<Body> {
        let timestamp = self.app.now().as_second().to_string();
        let parts = Parts {
            token: &self.token,
            timestamp: &timestamp,
            method: method.as_str(),
            target,
            body: body.as_bytes(),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("host", "127.0.0.1:8080")
            .header("x-auth-token", &self.token)
            .header("x-auth-timestamp", &timestamp)
            .header("x-auth-signature", finci_signature(&self.secret, &parts));
        if !body.is_empty() {
            request = request
                .header("content-type", "application/json")
                .header("content-length", body.len());
        }
        request.body(Body::from(body.to_owned())).unwrap()
    }

    /// Signs and sends. A second passes first, so that equal requests have different signatures.
    pub async fn call(&self, method: Method, target: &str, body: &str) -> Reply {
        self.app.pass(1);
        self.app.send(self.request(&method, target, body)).await
    }

    /// `GET` below `/v1`.
    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, &format!("/v1/{path}"), "").await
    }

    /// `POST` below `/v1`.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, &format!("/v1/{path}"), &body.to_string())
            .await
    }

    /// `PATCH` below `/v1`.
    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::PATCH, &format!("/v1/{path}"), &body.to_string())
            .await
    }

    /// Records a person; its id.
    pub async fn person(&self, external_id: &str) -> String {
        let reply = self.post("create-person", &person(external_id)).await.ok();
        reply["person_id"].as_str().unwrap().to_owned()
    }

    /// Opens an account of a person; its id.
    pub async fn account(&self, person_id: &str, currency: &str) -> String {
        let body = json!({"person_id": person_id, "currency": currency});
        let reply = self.post("create-account", &body).await.ok();
        reply["account_id"].as_str().unwrap().to_owned()
    }

    /// Issues an active digital card to a person with one account; its id.
    pub async fn card(&self, person_id: &str) -> String {
        let reply = self.post("create-card", &card(person_id)).await.ok();
        reply["token_id"].as_str().unwrap().to_owned()
    }
}

/// A body for `create-person`.
pub fn person(external_id: &str) -> Value {
    json!({
        "external_id": external_id,
        "first_name": "Jonas",
        "last_name": "Jonaitis",
        "birth_date": "1990-05-17",
        "nationality": "LT",
        "email": "jonas@example.com",
        "phone": "+37060000000",
        "address": address(),
    })
}

/// A body for `create-corporate`.
pub fn corporate(external_id: &str) -> Value {
    json!({
        "external_id": external_id,
        "name": "Baltic Wire UAB",
        "registration_number": "305123456",
        "country": "LT",
        "email": "office@baltic-wire.example",
    })
}

/// A body for `create-employee`.
pub fn employee(external_id: &str, corporate_id: &str) -> Value {
    json!({
        "external_id": external_id,
        "corporate_id": corporate_id,
        "first_name": "Ruta",
        "last_name": "Rutaite",
        "birth_date": "1991-02-03",
        "email": "ruta@baltic-wire.example",
        "phone": "+37060000001",
    })
}

/// An address in FINCI's fields.
pub fn address() -> Value {
    json!({"line1": "Gedimino pr. 1", "city": "Vilnius", "postal_code": "LT-01103", "country": "LT"})
}

/// A body for `create-card`.
pub fn card(person_id: &str) -> Value {
    json!({
        "person_id": person_id,
        "product_id": 112_001,
        "embossing_name": "JONAS JONAITIS",
        "token_status": "active",
        "token_stage": "digital",
        "delivery_address": address(),
        "express_delivery": false,
    })
}

/// A program in a session.
pub struct FincardCaller<'a> {
    app: &'a TestApp,
    /// The tenant as it is sent.
    pub tenant: String,
    /// The session's token.
    pub token: String,
}

impl<'a> FincardCaller<'a> {
    /// Logs a tenant's user in.
    pub async fn log_in(app: &'a TestApp, program: &DemoProgram) -> FincardCaller<'a> {
        let body = json!({
            "email": program.email,
            "password": program.password.expose(),
            "tenantId": program.tenant_uuid,
        });
        let request = context(&program.tenant_uuid, "/api/auth/login");
        let reply = app
            .send(request.body(Body::from(body.to_string())).unwrap())
            .await
            .ok();
        let token = reply["accessToken"].as_str().unwrap().to_owned();
        FincardCaller {
            app,
            tenant: program.tenant_uuid.clone(),
            token,
        }
    }

    /// A call as it goes out; `path` is below the base.
    pub fn request(&self, path: &str, body: &str) -> Request<Body> {
        context(&self.tenant, &format!("/api/v2.1/fincard/virtual/{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .body(Body::from(body.to_owned()))
            .unwrap()
    }

    /// Calls.
    pub async fn call(&self, path: &str, body: &Value) -> Reply {
        self.app.send(self.request(path, &body.to_string())).await
    }

    /// Records a holder and lets its checks pass; its id.
    pub async fn holder(&self, email: &str) -> i64 {
        let reply = self
            .call("card/holder/v2/create", &holder(email))
            .await
            .ok();
        self.app.run_jobs().await;
        reply["data"]["holderId"].as_i64().unwrap()
    }

    /// Opens a virtual prepaid card with 25.00 on it; its id.
    pub async fn card(&self, order_no: &str, holder: Option<i64>) -> String {
        let mut body =
            json!({"merchantOrderNo": order_no, "cardTypeId": 111_001, "amount": "25.00"});
        if let Some(holder) = holder {
            body["holderId"] = holder.into();
        }
        let reply = self.call("card/v2/openCard", &body).await.ok();
        reply["data"]["cardNo"].as_str().unwrap().to_owned()
    }
}

/// A request with all context headers.
pub fn context(tenant: &str, target: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(Method::POST)
        .uri(target)
        .header("host", "127.0.0.1:8080")
        .header("content-type", "application/json")
        .header("x-tenant-id", tenant)
        .header("x-forwarded-for", "203.0.113.9")
        .header("x-forwarded-from", "shop")
        .header("platform", "web")
        .header("deviceid", "device-1")
}

/// A body for `card/holder/v2/create` in its loose form.
pub fn holder(email: &str) -> Value {
    json!({
        "firstName": "Ana",
        "lastName": "Costa",
        "birthday": "1985-03-02",
        "email": email,
        "address": "Rua Augusta 1",
        "country": "PT",
        "idNumber": format!("P-{email}"),
    })
}
