//! What every form needs: countries, places, dial codes, occupations, files.

use axum::{http::Method, routing::post};
use cardwright_wire::{fincard as wire, shape::Nothing};

use super::super::{contract, files, reference};
use crate::api::route::{BodyDoc, Effect, Route, form, request};

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/common/region",
        summary: "Lists the countries",
        number: Some(1),
        role: None,
        request: Some(request::<Nothing>()),
        answer: BodyDoc {
            name: "RegionsReply",
            schema: contract::list::<wire::reference::Region>,
        },
        effect: Effect::Reads,
        handler: || post(reference::countries),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/common/city",
        summary: "Lists the subdivisions of a country",
        number: Some(2),
        role: None,
        request: Some(request::<wire::reference::ListPlaces>()),
        answer: BodyDoc {
            name: "CitiesReply",
            schema: contract::list::<wire::reference::City>,
        },
        effect: Effect::Reads,
        handler: || post(reference::cities),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/common/v2/city",
        summary: "Lists the subdivisions of a country and their cities",
        number: Some(3),
        role: None,
        request: Some(request::<wire::reference::ListPlaces>()),
        answer: BodyDoc {
            name: "PlacesReply",
            schema: contract::list::<wire::reference::Place>,
        },
        effect: Effect::Reads,
        handler: || post(reference::places),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/common/mobileAreaCode",
        summary: "Lists the dial codes",
        number: Some(4),
        role: None,
        request: Some(request::<Nothing>()),
        answer: BodyDoc {
            name: "MobileAreaCodesReply",
            schema: contract::list::<wire::reference::MobileAreaCode>,
        },
        effect: Effect::Reads,
        handler: || post(reference::area_codes),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/common/file/upload",
        summary: "Keeps a file about a cardholder",
        number: Some(5),
        role: None,
        request: Some(form::<wire::files::UploadFile>()),
        answer: BodyDoc {
            name: "UploadedFileReply",
            schema: contract::one::<wire::files::UploadedFile>,
        },
        effect: Effect::Changes,
        handler: || post(files::upload),
    },
    Route {
        method: Method::POST,
        path: "/api/v2.1/fincard/virtual/card/holder/occupations",
        summary: "Lists the occupations",
        number: Some(20),
        role: None,
        request: Some(request::<Nothing>()),
        answer: BodyDoc {
            name: "OccupationsReply",
            schema: contract::list::<wire::reference::Occupation>,
        },
        effect: Effect::Reads,
        handler: || post(reference::occupations),
    },
];
