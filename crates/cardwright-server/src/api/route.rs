//! The route tables: one line per operation, from which the router, the documents, the README's
//! table and the list of routes under test are all made.
//!
//! A [`Surface`] is its operations and its [`Contract`]: what holds for all of them. Whatever is
//! special to one operation is a function of its [`Route`], so that nothing has to be registered
//! in a second place.

use std::fmt::Write as _;

use axum::{
    Router,
    http::{HeaderValue, Method, header},
    middleware,
    response::Response,
    routing::MethodRouter,
};
use cardwright_wire::shape::{self, BodyFault, Shape};
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{Ref, RefOr, schema::Schema, security::SecurityScheme},
};

use crate::{
    app::App,
    store::{admin_keys::Role, environment::EnvironmentName},
};

/// Schemas by name, as `utoipa` collects them.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// The schema of an answer, and those it refers to.
#[derive(Clone, Copy)]
pub struct BodyDoc {
    /// The schema's name.
    pub name: &'static str,
    /// Makes it, adding to the list what it refers to.
    pub schema: fn(&mut Schemas) -> RefOr<Schema>,
}

/// Documents an answer whose type has no parameters.
///
/// `utoipa` names a schema after its type alone, so that pages of two kinds would share a name, and
/// takes in nothing for a parameter. A dialect therefore puts its envelope around what is carried
/// by itself, with [`named`] and [`with_member`].
pub fn answer_schema<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    T::schemas(schemas);
    T::schema()
}

/// Refers to a type by its name, and takes it in.
pub fn named<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    T::schemas(schemas);
    schemas.push((T::name().into_owned(), T::schema()));
    Ref::from_schema_name(T::name()).into()
}

/// A schema in which one member is something else: of the object, or of the object beside others.
pub fn with_member(
    schema: RefOr<Schema>,
    name: &str,
    member: impl Into<RefOr<Schema>>,
) -> RefOr<Schema> {
    let RefOr::T(mut schema) = schema else {
        return schema;
    };
    let object = match &mut schema {
        Schema::Object(object) => Some(object),
        Schema::AllOf(all) => all.items.iter_mut().find_map(|item| match item {
            RefOr::T(Schema::Object(object)) => Some(object),
            _ => None,
        }),
        _ => None,
    };
    if let Some(object) = object {
        object.properties.insert(name.to_owned(), member.into());
    }
    RefOr::T(schema)
}

/// The schema of a request body, and who reads it.
#[derive(Clone, Copy)]
pub struct RequestDoc {
    /// The schema's name.
    pub name: &'static str,
    /// Makes it.
    pub schema: fn() -> Schema,
    /// The `Content-Type` that it is sent with.
    pub media_type: &'static str,
    /// Reads a body as the operation does; the document's examples have to pass.
    pub check: fn(&[u8]) -> Result<(), BodyFault>,
}

/// Documents a request shape.
pub const fn request<T: Shape>() -> RequestDoc {
    RequestDoc {
        name: T::NAME,
        schema: shape::schema::<T>,
        media_type: "application/json",
        check: |body| shape::from_body::<T>(body).map(|_| ()),
    }
}

/// Documents a form whose parts have a request shape.
pub const fn form<T: Shape>() -> RequestDoc {
    RequestDoc {
        media_type: "multipart/form-data",
        ..request::<T>()
    }
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
    /// The least role of an operator who may call it; nothing where its callers are no operators.
    pub role: Option<Role>,
    /// What it takes: in its body, or in the query of a `GET`; nothing for reads by path.
    pub request: Option<RequestDoc>,
    /// What it answers.
    pub answer: BodyDoc,
    /// Whether it changes something.
    pub effect: Effect,
    /// The handler.
    pub handler: fn() -> MethodRouter<App>,
}

/// A handler whose answers nobody on the way may keep, refusals before it included.
pub fn kept_by_nobody(handler: MethodRouter<App>) -> MethodRouter<App> {
    handler.layer(middleware::map_response(with_no_store))
}

async fn with_no_store(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

/// Whether an operation changes something; what does is refused when its signature comes twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// It only reads.
    Reads,
    /// It changes something.
    Changes,
}

impl Effect {
    /// The word for it in lists and documents.
    pub fn word(self) -> &'static str {
        match self {
            Effect::Reads => "reads",
            Effect::Changes => "changes",
        }
    }
}

/// What holds for a whole surface: how it is called, and how it says no.
pub struct Contract {
    /// Who may call it, how, and what every answer looks like; in Markdown.
    pub about: &'static str,
    /// The ways to authenticate, by the names that `security` uses.
    pub schemes: fn() -> Vec<(&'static str, SecurityScheme)>,
    /// Which of them an operation asks for, all at once; none for a login.
    pub security: fn(&Route) -> &'static [&'static str],
    /// The other headers that an operation takes.
    pub headers: fn(&Route) -> &'static [Parameter],
    /// What may stand between braces in a path.
    pub path_parameters: &'static [Parameter],
    /// What the ids of operations leave out at the front of their paths.
    pub base: &'static str,
    /// The heading that an operation is listed under.
    pub group: fn(&Route) -> &'static str,
    /// The envelope of a refusal.
    pub refusal: BodyDoc,
    /// Every error there is, in the order of its table.
    pub errors: fn() -> Vec<ErrorDoc>,
    /// What is to be said about an operation besides its summary.
    pub note: fn(&Route) -> Note,
    /// What integrators are told of without asking.
    pub events: &'static [EventDoc],
}

/// What is to be said about an operation besides its summary.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Note {
    /// Further words, in Markdown.
    pub about: Option<&'static str>,
    /// The operation to call in its place: it is deprecated.
    pub superseded_by: Option<&'static str>,
}

/// One kind of event that a server sends to integrators.
pub struct EventDoc {
    /// Its name in the document.
    pub name: &'static str,
    /// When it is sent, in a line.
    pub summary: &'static str,
    /// What is sent beside the body.
    pub headers: &'static [Parameter],
    /// What is sent.
    pub body: BodyDoc,
    /// What is to be answered.
    pub acknowledged: &'static str,
}

/// A text that travels in a header or in the path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// How it is called on the wire.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// The regular expression that it matches, where its form is bound.
    pub pattern: Option<&'static str>,
    /// One valid value.
    pub example: &'static str,
    /// Whether it must be there.
    pub presence: Presence,
}

/// Whether a parameter must be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// One way in which a surface says no.
#[derive(Clone, Debug)]
pub struct ErrorDoc {
    /// How it is written on the wire.
    pub text: String,
    /// The HTTP status it travels with.
    pub http: u16,
    /// What it means to the caller.
    pub meaning: &'static str,
    /// Which operations give it.
    pub given: Given,
    /// A whole refusal that carries it.
    pub example: Value,
}

/// Which operations give an error.
#[derive(Clone, Copy, Debug)]
pub enum Given {
    /// All.
    Everywhere,
    /// Those of which this is true.
    Where(fn(&Route) -> bool),
    /// Those whose paths end like this.
    AtPaths(&'static [&'static str]),
    /// Those with these numbers in the published list.
    AtNumbers(&'static [u8]),
    /// Those with these numbers, and those whose paths end like this.
    AtNumbersAndPaths(&'static [u8], &'static [&'static str]),
    /// None: only what is no operation gets it, or none gives it yet.
    Elsewhere,
}

impl Given {
    /// Those that take a body.
    pub const WITH_BODY: Given = Given::Where(|route| route.request.is_some());
    /// Those that take none.
    pub const WITHOUT_BODY: Given = Given::Where(|route| route.request.is_none());
    /// Those that change something.
    pub const IN_CHANGES: Given = Given::Where(|route| matches!(route.effect, Effect::Changes));

    /// Whether this operation is one of them.
    pub fn covers(self, route: &Route) -> bool {
        match self {
            Given::Everywhere => true,
            Given::Where(is_one) => is_one(route),
            Given::AtPaths(paths) => paths.iter().any(|path| route.path.ends_with(path)),
            Given::AtNumbers(numbers) => {
                route.number.is_some_and(|number| numbers.contains(&number))
            }
            Given::AtNumbersAndPaths(numbers, paths) => {
                Given::AtNumbers(numbers).covers(route) || Given::AtPaths(paths).covers(route)
            }
            Given::Elsewhere => false,
        }
    }
}

/// In which environments a surface exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Served {
    /// In all.
    Everywhere,
    /// Only where nothing is real.
    InSandbox,
}

impl Served {
    /// Whether it exists in this environment.
    pub fn is_in(self, environment: EnvironmentName) -> bool {
        match (self, environment) {
            (Served::Everywhere, _) | (_, EnvironmentName::Sandbox) => true,
            (Served::InSandbox, EnvironmentName::Production) => false,
        }
    }
}

/// A family of operations under common prefixes.
pub struct Surface {
    /// Its short name.
    pub name: &'static str,
    /// The name of its document, `/openapi/<slug>.json`.
    pub slug: &'static str,
    /// Where its operations are, each reachable under every prefix.
    pub prefixes: &'static [&'static str],
    /// In which environments it exists.
    pub served: Served,
    /// What holds for all of its operations.
    pub contract: Contract,
    /// Its operations, in groups so that each can stand beside its handlers.
    pub groups: &'static [&'static [Route]],
}

impl Surface {
    /// Its operations, in the order of the documents.
    pub fn routes(&self) -> impl Iterator<Item = &'static Route> + use<> {
        self.groups.iter().flat_map(|group| group.iter())
    }

    /// The router of the surface, each operation under each prefix.
    pub fn router(&self) -> Router<App> {
        let mut router = Router::new();
        for prefix in self.prefixes {
            for route in self.routes() {
                let path = format!("{prefix}{}", route.path);
                router = router.route(&path, (route.handler)());
            }
        }
        router
    }

    /// The operation at the template of a path, prefix included.
    pub fn find(&self, method: &Method, template: &str) -> Option<&'static Route> {
        let path = self
            .prefixes
            .iter()
            .find_map(|prefix| template.strip_prefix(prefix))?;
        self.routes()
            .find(|route| route.path == path && route.method == *method)
    }

    /// The errors that an operation gives. An answer with any other is a fault of the document.
    pub fn errors_of(&self, route: &Route) -> Vec<ErrorDoc> {
        let mut errors = (self.contract.errors)();
        errors.retain(|error| error.given.covers(route));
        errors
    }

    /// The rows of the README's table of operations.
    pub fn table(&self) -> String {
        let mut table = String::from("| Operation | What it does |\n|---|---|\n");
        for route in self.routes() {
            let _ = writeln!(
                table,
                "| `{} {}{}` | {} |",
                route.method, self.prefixes[0], route.path, route.summary
            );
        }
        table
    }
}
