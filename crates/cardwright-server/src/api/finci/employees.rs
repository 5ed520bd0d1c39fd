//! Employees of corporates.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use cardwright_core::{Date, Holder, HolderId, HolderKind, HolderName, Record, is_birth_date};
use cardwright_wire::{
    finci::employees::{
        self as wire, CreateEmployee, EmployeeId, EmployeeList, GetEmployees, UpdateEmployee,
    },
    instant::Rfc3339,
    kind::{Clearable, PaddedId},
};

use super::{
    pages,
    persons::{number_of, phone_out},
    signed::{NoBody, Signed},
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        companies::{self, NewEmployee},
        holders::describe,
    },
    store::{
        ReadTx,
        holders::{
            self,
            lists::{self, KindFilter},
        },
    },
};

/// `POST create-employee`
pub(super) async fn create(State(app): State<App>, signed: Signed<CreateEmployee>) -> Response {
    signed
        .create(
            &app,
            |body| Some(&body.external_id),
            async |tx, body| {
                let born = body.birth_date;
                born.map(|date| born_in(date, tx.today())).transpose()?;
                let company = &body.corporate_id;
                let company = holders::get_by_number(tx, HolderKind::Corporate, company).await?;
                let new = NewEmployee {
                    external_id: Some(body.external_id),
                    corporate: company.id,
                    name: HolderName {
                        first: body.first_name,
                        middle: None,
                        last: body.last_name,
                    },
                    birth_date: born,
                    email: Some(body.email),
                    phone: Some(body.phone),
                };
                Ok(employee_id(&companies::employ(tx, new).await?))
            },
        )
        .await
}

/// `PATCH update-employee/{employee_id}`
pub(super) async fn update(State(app): State<App>, signed: Signed<UpdateEmployee>) -> Response {
    let id = HolderId::parse_padded(signed.path_id());
    signed
        .change(&app, async move |tx, body| {
            let id = id.map_err(|_| Error::not_found(Record::Employee))?;
            let before = get(tx, id).await?;
            let after = changed(before.clone(), body, tx.today())?;
            Ok(employee_id(&describe(tx, &before, after).await?))
        })
        .await
}

/// `GET get-employee/{employee_id}`
pub(super) async fn read(State(app): State<App>, signed: Signed<NoBody>) -> Response {
    let id = HolderId::parse_padded(signed.path_id());
    signed
        .answer(&app, async move |tx| {
            let id = id.map_err(|_| Error::not_found(Record::Employee))?;
            let employee = get(tx, id).await?;
            let company = company_of(&employee)?;
            let number = number_of(&holders::get(tx, company).await?)?;
            Ok(employee_out(employee, number))
        })
        .await
}

/// `POST get-employees`
pub(super) async fn list(State(app): State<App>, signed: Signed<GetEmployees>) -> Response {
    signed
        .look_up(&app, async |tx, body| page(tx, body).await)
        .await
}

/// The employee with this id.
pub(super) async fn get(tx: &mut ReadTx, id: HolderId) -> Result<Holder> {
    let found = holders::get(tx, id).await?;
    if found.kind == HolderKind::Employee {
        Ok(found)
    } else {
        Err(Error::not_found(Record::Employee))
    }
}

async fn page(tx: &mut ReadTx, body: GetEmployees) -> Result<EmployeeList> {
    let corporate = match &body.corporate_id {
        Some(number) => {
            let company = holders::get_by_number(tx, HolderKind::Corporate, number).await?;
            Some(company.id)
        }
        None => None,
    };
    let filter = KindFilter {
        id: body.employee_id.map(|id| id.0),
        external_id: body.external_id,
        corporate,
        ..KindFilter::default()
    };
    let page = pages::begin(tx, format!("employees {filter:?}"), &body.paging)?;
    let kind = HolderKind::Employee;
    let total = lists::count(tx, kind, &filter).await?;
    let mut found = lists::after(tx, kind, &filter, (page.after, page.read)).await?;
    let next_cursor = page.end(tx, &mut found, |holder| holder.id.get())?;
    let mut numbers: BTreeMap<i64, String> = BTreeMap::new();
    let mut items = Vec::with_capacity(found.len());
    for employee in found {
        let company = company_of(&employee)?;
        let number = match numbers.get(&company.get()) {
            Some(number) => number.clone(),
            None => {
                let number = number_of(&holders::get(tx, company).await?)?;
                numbers.insert(company.get(), number.clone());
                number
            }
        };
        items.push(employee_out(employee, number));
    }
    Ok(EmployeeList {
        items,
        total: pages::total(total),
        next_cursor,
    })
}

fn employee_id(employee: &Holder) -> EmployeeId {
    EmployeeId {
        employee_id: PaddedId(employee.id.get()),
    }
}

fn company_of(employee: &Holder) -> Result<HolderId> {
    employee
        .corporate
        .ok_or_else(|| Error::Corrupt("an employee of nobody".to_owned()))
}

/// A day on which somebody may have been born.
pub(super) fn born_in(date: Date, today: Date) -> Result<Date> {
    if is_birth_date(date, today) {
        Ok(date)
    } else {
        Err(Error::Invalid("birth_date"))
    }
}

/// An employee with what a request changes.
fn changed(mut employee: Holder, body: UpdateEmployee, today: Date) -> Result<Holder> {
    if let Some(first) = body.first_name {
        employee.name.first = first;
    }
    if let Some(last) = body.last_name {
        employee.name.last = last;
    }
    let born = body
        .birth_date
        .map(|wish| wish.try_map(|date| born_in(date, today)));
    employee.birth_date = Clearable::applied(born.transpose()?, employee.birth_date);
    if body.email.is_some() {
        employee.contact.email = body.email;
    }
    if body.phone.is_some() {
        employee.contact.phone = body.phone;
    }
    Ok(employee)
}

fn employee_out(employee: Holder, corporate_id: String) -> wire::Employee {
    wire::Employee {
        employee_id: PaddedId(employee.id.get()),
        corporate_id,
        phone: phone_out(&employee),
        external_id: employee.external_id,
        first_name: employee.name.first,
        last_name: employee.name.last,
        birth_date: employee.birth_date.map(|date| date.to_string()),
        email: employee.contact.email,
        created_at: Rfc3339(employee.created_at),
        updated_at: Rfc3339(employee.updated_at),
    }
}
