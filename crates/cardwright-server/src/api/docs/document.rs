//! One surface as an `OpenAPI` 3.1 document.

use std::collections::BTreeMap;

use axum::http::Method;
use cardwright_wire::native::admin::events::EVENT_STREAM_FORMAT;
use serde_json::json;
use utoipa::openapi::{
    Components, Content, ContentBuilder, Deprecated, HttpMethod, InfoBuilder, LicenseBuilder,
    OneOf, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, Required, Response, ResponseBuilder, Server,
    Tag,
    example::ExampleBuilder,
    extensions::ExtensionsBuilder,
    header::HeaderBuilder,
    path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn},
    request_body::{RequestBody, RequestBodyBuilder},
    schema::{Object, Schema, SchemaFormat, Type},
    security::SecurityRequirement,
    tag::TagBuilder,
};

use super::{components::Collected, example, words};
use crate::api::route::{ErrorDoc, Parameter, Presence, RequestDoc, Route, Surface};

const JSON: &str = "application/json";
const REQUEST_ID: &str = "X-Request-Id";
const RETRY_AFTER: &str = "Retry-After";

/// The document of a surface.
pub fn document(surface: &Surface) -> OpenApi {
    draw(surface).0
}

/// The document, and the names under which it would have to hold two schemas.
pub(super) fn draw(surface: &Surface) -> (OpenApi, Vec<String>) {
    let mut collected = Collected::default();
    let (mut paths, mut tags) = (Paths::new(), Vec::new());
    for (index, prefix) in surface.prefixes.iter().enumerate() {
        for route in surface.routes() {
            let place = Place {
                surface,
                prefix,
                is_alias: index > 0,
            };
            let tag = place.tag(route);
            if !tags.contains(&tag) {
                tags.push(tag.clone());
            }
            let operation = place.operation(route, &mut collected);
            let operation = OperationBuilder::from(operation).tag(tag.name).build();
            if let Some(method) = method_of(route) {
                let path = format!("{prefix}{}", route.path);
                paths.add_path_operation(path, vec![method], operation);
            }
        }
    }
    let told = webhooks(surface, &mut collected);
    let (schemas, clashes) = collected.finish();
    let license = LicenseBuilder::new()
        .name(env!("CARGO_PKG_LICENSE"))
        .identifier(Some(env!("CARGO_PKG_LICENSE")));
    let info = InfoBuilder::new()
        .title(surface.name)
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(words::head(surface)))
        .license(Some(license.build()));
    let document = OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new("/")]))
        .paths(paths)
        .webhooks((!surface.contract.events.is_empty()).then_some(told))
        .components(Some(components(surface, schemas)))
        .tags(Some(tags));
    (document.build(), clashes)
}

/// What is sent to integrators without their asking.
fn webhooks(surface: &Surface, collected: &mut Collected) -> Paths {
    let mut webhooks = Paths::new();
    for event in surface.contract.events {
        let body = ContentBuilder::new()
            .schema(Some(collected.answer(&event.body)))
            .build();
        let body = RequestBodyBuilder::new()
            .content(JSON, body)
            .required(Some(Required::True))
            .build();
        let acknowledged = ResponseBuilder::new().description(event.acknowledged);
        let mut operation = OperationBuilder::new()
            .summary(Some(event.summary))
            .operation_id(Some(format!("told_{}", event.name)))
            .request_body(Some(body))
            .response("2XX", acknowledged.build());
        for parameter in event.headers {
            operation = operation.parameter(drawn(parameter, ParameterIn::Header));
        }
        webhooks.add_path_operation(event.name, vec![HttpMethod::Post], operation.build());
    }
    webhooks
}

fn components(surface: &Surface, schemas: BTreeMap<String, RefOr<Schema>>) -> Components {
    let mut components = Components::new();
    components.schemas = schemas;
    components.add_security_schemes_from_iter((surface.contract.schemes)());
    let header = |kind, about| {
        let object = Object::with_type(kind);
        let header = HeaderBuilder::new()
            .schema(Some(object))
            .description(Some(about));
        RefOr::T(header.build())
    };
    let request_id = header(Type::String, "The request's name in the server's log.");
    let retry_after = header(Type::Integer, "In how many seconds to come back.");
    components.headers.insert(REQUEST_ID.to_owned(), request_id);
    components
        .headers
        .insert(RETRY_AFTER.to_owned(), retry_after);
    components
}

fn method_of(route: &Route) -> Option<HttpMethod> {
    Some(match route.method.as_str() {
        "GET" => HttpMethod::Get,
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => return None,
    })
}

/// A prefix of a surface. Behind an alias are the operations of the first prefix once more.
struct Place<'a> {
    surface: &'a Surface,
    prefix: &'a str,
    is_alias: bool,
}

impl Place<'_> {
    fn tag(&self, route: &Route) -> Tag {
        if !self.is_alias {
            return Tag::new((self.surface.contract.group)(route));
        }
        let first = self.surface.prefixes[0];
        TagBuilder::new()
            .name(format!("Under {}", self.prefix))
            .description(Some(format!("The operations under `{first}` once more.")))
            .build()
    }

    /// The words of the path; where other operations have the same, the whole path and its method.
    fn operation_id(&self, route: &Route) -> String {
        let words = self.path_words(route);
        let others = self.surface.routes();
        let alike = others.filter(|other| self.path_words(other) == words);
        if alike.count() == 1 {
            return words;
        }
        let whole = route.path.split('/').filter(|part| !part.is_empty());
        let whole = whole.map(|part| match part.strip_prefix('{') {
            Some(name) => format!("by_{}", name.trim_end_matches('}')),
            None => part.replace(['-', '.'], "_"),
        });
        let method = route.method.as_str().to_lowercase();
        [method]
            .into_iter()
            .chain(whole)
            .collect::<Vec<_>>()
            .join("_")
    }

    fn path_words(&self, route: &Route) -> String {
        let base = self.surface.contract.base;
        let path = route.path.strip_prefix(base).unwrap_or(route.path);
        // The main name comes first, so that lists sort by it.
        let alias = if self.is_alias { self.prefix } else { "" };
        let words = path.split('/').chain(alias.split('/'));
        let words = words.filter(|word| !word.is_empty() && !word.starts_with('{'));
        let words: Vec<String> = words.map(|word| word.replace(['-', '.'], "_")).collect();
        words.join("_")
    }

    fn operation(&self, route: &Route, collected: &mut Collected) -> Operation {
        let contract = &self.surface.contract;
        let effect = ExtensionsBuilder::new()
            .add("x-cardwright-effect", route.effect.word())
            .build();
        let mut operation = OperationBuilder::new()
            .summary(Some(route.summary))
            .description(Some(words::description(self.surface, route)))
            .operation_id(Some(self.operation_id(route)))
            .extensions(Some(effect));
        if (contract.note)(route).superseded_by.is_some() {
            operation = operation.deprecated(Some(Deprecated::True));
        }
        for name in names_in(route.path) {
            let known = contract.path_parameters;
            if let Some(parameter) = known.iter().find(|known| known.name == name) {
                operation = operation.parameter(drawn(parameter, ParameterIn::Path));
            }
        }
        for parameter in (contract.headers)(route) {
            operation = operation.parameter(drawn(parameter, ParameterIn::Header));
        }
        if let Some(request) = &route.request
            && route.method == Method::GET
        {
            for parameter in in_query(&(request.schema)()) {
                operation = operation.parameter(parameter);
            }
        } else if let Some(request) = &route.request {
            let body = request_body(request, route, collected.request(request));
            operation = operation.request_body(Some(body));
        }
        let asked = (contract.security)(route).iter();
        let security = asked.fold(SecurityRequirement::default(), |all, name| {
            all.add(*name, Vec::<String>::new())
        });
        operation = operation.security(security);
        let refusal = collected.answer(&contract.refusal);
        let media_type = media_type_of(&(route.answer.schema)(&mut Vec::new()));
        let answer = (collected.answer(&route.answer), media_type);
        for (status, response) in responses(&self.surface.errors_of(route), answer, &refusal) {
            operation = operation.response(status.to_string(), response);
        }
        operation.build()
    }
}

/// What stands between braces in a path.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn drawn(parameter: &Parameter, place: ParameterIn) -> ParameterBuilder {
    let mut schema = Object::with_type(Type::String);
    schema.pattern = parameter.pattern.map(str::to_owned);
    ParameterBuilder::new()
        .name(parameter.name)
        .parameter_in(place)
        .required(match parameter.presence {
            Presence::Required => Required::True,
            Presence::Optional => Required::False,
        })
        .description(Some(parameter.about))
        .schema(Some(schema))
        .example(Some(json!(parameter.example)))
}

/// The fields of a shape that is read from a query, each as a parameter.
fn in_query(schema: &Schema) -> Vec<ParameterBuilder> {
    let Schema::Object(object) = schema else {
        return Vec::new();
    };
    let drawn = object.properties.iter().map(|(name, field)| {
        let required = if object.required.contains(name) {
            Required::True
        } else {
            Required::False
        };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(required)
            .schema(Some(field.clone()))
    });
    drawn.collect()
}

fn request_body(request: &RequestDoc, route: &Route, schema: Ref) -> RequestBody {
    let example = example::of_request(&(request.schema)(), route.effect);
    let content = ContentBuilder::new()
        .schema(Some(schema))
        .example(Some(example));
    RequestBodyBuilder::new()
        .required(Some(Required::True))
        .content(request.media_type, content.build())
        .build()
}

/// One response per HTTP status. Errors that travel with 200 share it with the answer.
fn responses(errors: &[ErrorDoc], answer: (Ref, &str), refusal: &Ref) -> BTreeMap<u16, Response> {
    let mut by_status: BTreeMap<u16, Vec<&ErrorDoc>> = BTreeMap::new();
    for error in errors {
        by_status.entry(error.http).or_default().push(error);
    }
    let beside = by_status.remove(&200).unwrap_or_default();
    let mut responses: BTreeMap<u16, Response> = by_status
        .into_iter()
        .map(|(status, errors)| (status, refused(status, &errors, refusal)))
        .collect();
    responses.insert(200, done(&beside, answer, refusal));
    responses
}

/// An answer is JSON unless its schema says that it is bytes, or a stream.
fn media_type_of(schema: &RefOr<Schema>) -> &'static str {
    let is_stream = |format: &SchemaFormat| match format {
        SchemaFormat::Custom(name) => name == EVENT_STREAM_FORMAT,
        SchemaFormat::KnownFormat(_) => false,
    };
    match schema {
        RefOr::T(Schema::Object(object)) if object.format.as_ref().is_some_and(is_stream) => {
            "text/event-stream"
        }
        RefOr::T(Schema::Object(object)) if object.format.is_some() => "application/octet-stream",
        RefOr::T(_) | RefOr::Ref(_) => JSON,
    }
}

fn done(beside: &[&ErrorDoc], (answer, media_type): (Ref, &str), refusal: &Ref) -> Response {
    if beside.is_empty() {
        let content = Content::new(Some(answer));
        return ResponseBuilder::new()
            .description("Done.")
            .header_ref(REQUEST_ID, header_named(REQUEST_ID))
            .content(media_type, content)
            .build();
    }
    let mut either = OneOf::new();
    either.items = vec![answer.into(), refusal.clone().into()];
    let content = Content::new(Some(Schema::OneOf(either)));
    let codes = words::codes(beside);
    response(
        format!("Done, or refused for one of these:\n\n{codes}"),
        content,
    )
    .build()
}

fn refused(status: u16, errors: &[&ErrorDoc], refusal: &Ref) -> Response {
    let examples = errors.iter().map(|error| {
        let example = ExampleBuilder::new()
            .summary(error.meaning)
            .value(Some(error.example.clone()));
        (error.text.clone(), example.build())
    });
    let content = ContentBuilder::new()
        .schema(Some(refusal.clone()))
        .examples_from_iter(examples)
        .build();
    let response = response(words::codes(errors), content);
    match status {
        429 | 503 => response.header_ref(RETRY_AFTER, header_named(RETRY_AFTER)),
        _ => response,
    }
    .build()
}

fn response(description: impl Into<String>, content: Content) -> ResponseBuilder {
    ResponseBuilder::new()
        .description(description)
        .header_ref(REQUEST_ID, header_named(REQUEST_ID))
        .content(JSON, content)
}

fn header_named(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}
