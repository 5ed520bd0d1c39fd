//! Persons, corporates and employees.

use axum::routing::{get, patch, post};
use cardwright_wire::finci as wire;

use super::super::{contract, corporates, employees, persons};
use super::{change, list, make, read};
use crate::api::route::{BodyDoc, Route, request};

pub(super) const ROUTES: &[Route] = &[
    make(
        "/create-person",
        "Records a person, the private holder of accounts and cards",
        request::<wire::persons::CreatePerson>(),
        PERSON_ID,
        || post(persons::create),
    ),
    change(
        "/update-person/{person_id}",
        "Describes a person otherwise; what is left out stays",
        request::<wire::persons::UpdatePerson>(),
        PERSON_ID,
        || patch(persons::update),
    ),
    read(
        "/get-person/{person_id}",
        "Reads a person",
        BodyDoc {
            name: "PersonAnswer",
            schema: contract::answer::<wire::persons::Person>,
        },
        || get(persons::read),
    ),
    list(
        "/get-persons",
        "Lists persons in pages",
        request::<wire::persons::GetPersons>(),
        BodyDoc {
            name: "PersonListAnswer",
            schema: contract::answer::<wire::persons::PersonList>,
        },
        || post(persons::list),
    ),
    make(
        "/create-corporate",
        "Records a corporate, whose employees hold cards",
        request::<wire::corporates::CreateCorporate>(),
        CORPORATE_ID,
        || post(corporates::create),
    ),
    change(
        "/update-corporate/{corporate_id}",
        "Describes a corporate otherwise; what is left out stays",
        request::<wire::corporates::UpdateCorporate>(),
        CORPORATE_ID,
        || patch(corporates::update),
    ),
    read(
        "/get-corporate/{corporate_id}",
        "Reads a corporate",
        BodyDoc {
            name: "CorporateAnswer",
            schema: contract::answer::<wire::corporates::Corporate>,
        },
        || get(corporates::read),
    ),
    list(
        "/get-corporates",
        "Lists corporates in pages",
        request::<wire::corporates::GetCorporates>(),
        BodyDoc {
            name: "CorporateListAnswer",
            schema: contract::answer::<wire::corporates::CorporateList>,
        },
        || post(corporates::list),
    ),
    make(
        "/create-employee",
        "Records an employee of a corporate",
        request::<wire::employees::CreateEmployee>(),
        EMPLOYEE_ID,
        || post(employees::create),
    ),
    change(
        "/update-employee/{employee_id}",
        "Describes an employee otherwise; what is left out stays",
        request::<wire::employees::UpdateEmployee>(),
        EMPLOYEE_ID,
        || patch(employees::update),
    ),
    read(
        "/get-employee/{employee_id}",
        "Reads an employee",
        BodyDoc {
            name: "EmployeeAnswer",
            schema: contract::answer::<wire::employees::Employee>,
        },
        || get(employees::read),
    ),
    list(
        "/get-employees",
        "Lists employees in pages, of all corporates or of one",
        request::<wire::employees::GetEmployees>(),
        BodyDoc {
            name: "EmployeeListAnswer",
            schema: contract::answer::<wire::employees::EmployeeList>,
        },
        || post(employees::list),
    ),
];

const PERSON_ID: BodyDoc = BodyDoc {
    name: "PersonIdAnswer",
    schema: contract::answer::<wire::persons::PersonId>,
};

const CORPORATE_ID: BodyDoc = BodyDoc {
    name: "CorporateIdAnswer",
    schema: contract::answer::<wire::corporates::CorporateId>,
};

const EMPLOYEE_ID: BodyDoc = BodyDoc {
    name: "EmployeeIdAnswer",
    schema: contract::answer::<wire::employees::EmployeeId>,
};
