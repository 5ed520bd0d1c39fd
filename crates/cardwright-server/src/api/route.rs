//! The route tables: one line per operation, from which the router, the documents, the README's
//! table and the list of routes under test are all made.

use std::fmt::Write as _;

use axum::{Router, http::Method, routing::MethodRouter};
use utoipa::{
    ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::app::App;

/// Schemas by name, as `utoipa` collects them.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// The schema of a body, and those it refers to.
#[derive(Clone, Copy)]
pub struct BodyDoc {
    /// The schema's name.
    pub name: &'static str,
    /// Makes it, adding to the list what it refers to.
    pub schema: fn(&mut Schemas) -> RefOr<Schema>,
}

/// Documents a request shape.
pub const fn request<T: cardwright_wire::shape::Shape>() -> BodyDoc {
    BodyDoc {
        name: T::NAME,
        schema: |_| RefOr::T(cardwright_wire::shape::schema::<T>()),
    }
}

/// Documents an answer.
pub fn answer_schema<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    T::schemas(schemas);
    T::schema()
}

/// One operation of a surface.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path below the surface's prefixes.
    pub path: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Its number in the published list, or nothing.
    pub number: Option<u8>,
    /// What it takes; nothing for reads by path.
    pub request: Option<BodyDoc>,
    /// What it answers.
    pub answer: BodyDoc,
    /// Whether it changes something.
    pub effect: Effect,
    /// The handler.
    pub handler: fn() -> MethodRouter<App>,
}

/// Whether an operation changes something; what does is refused when its signature comes twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// It only reads.
    Reads,
    /// It changes something.
    Changes,
}

/// A family of operations under common prefixes.
pub struct Surface {
    /// Its short name.
    pub name: &'static str,
    /// Where its operations are, each reachable under every prefix.
    pub prefixes: &'static [&'static str],
    /// Its operations.
    pub routes: &'static [Route],
}

impl Surface {
    /// The router of the surface, each operation under each prefix.
    pub fn router(&self) -> Router<App> {
        let mut router = Router::new();
        for prefix in self.prefixes {
            for route in self.routes {
                let path = format!("{prefix}{}", route.path);
                router = router.route(&path, (route.handler)());
            }
        }
        router
    }

    /// The rows of the README's table of operations.
    pub fn table(&self) -> String {
        let mut table = String::from("| Operation | What it does |\n|---|---|\n");
        for route in self.routes {
            let _ = writeln!(
                table,
                "| `{} {}{}` | {} |",
                route.method, self.prefixes[0], route.path, route.summary
            );
        }
        table
    }
}
