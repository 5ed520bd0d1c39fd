//! Employees: people who hold cards on a corporate's account.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::corporates::corporate_id;
use super::paging::Paging;
use super::persons::{external_id, first_name, last_name};
use crate::instant::Rfc3339;
use crate::kind::{
    Clearable, Kind, PaddedId, clearable, date, email as address, padded_id, phone as e164,
};
use crate::shape::{Fields, Policy, Shape};

/// The id of an employee: sixteen digits.
pub(super) fn employee_id() -> impl Kind<Out = PaddedId> {
    padded_id()
        .about("Id of an employee")
        .example("0000000000000042")
}

fn birth_date() -> impl Kind<Out = Date> {
    date()
}

fn email() -> impl Kind<Out = String> {
    address(5..=254)
        .about("E-mail address")
        .example("ruta@example.com")
}

fn phone() -> impl Kind<Out = String> {
    e164().about("E.164").example("+37060000001")
}

/// `POST create-employee`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateEmployee {
    /// The integrator's own id, unique among its employees.
    pub external_id: String,
    /// Whose employee: a corporate's id.
    pub corporate_id: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Day of birth.
    pub birth_date: Option<Date>,
    /// E-mail address.
    pub email: String,
    /// Telephone number, E.164.
    pub phone: String,
}

impl Shape for CreateEmployee {
    const NAME: &'static str = "CreateEmployee";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let external_id = fields.required("external_id", external_id());
        let corporate_id = fields.required("corporate_id", corporate_id());
        let first_name = fields.required("first_name", first_name());
        let last_name = fields.required("last_name", last_name());
        let born = birth_date().about("Day of birth").example("1991-02-03");
        let birth_date = fields.optional("birth_date", born);
        let email = fields.required("email", email());
        let phone = fields.required("phone", phone());
        Some(CreateEmployee {
            external_id: external_id?,
            corporate_id: corporate_id?,
            first_name: first_name?,
            last_name: last_name?,
            birth_date: birth_date?,
            email: email?,
            phone: phone?,
        })
    }
}

/// `PATCH update-employee/{employee_id}`: what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateEmployee {
    /// Given names.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Day of birth.
    pub birth_date: Option<Clearable<Date>>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number, E.164.
    pub phone: Option<String>,
}

impl Shape for UpdateEmployee {
    const NAME: &'static str = "UpdateEmployee";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let first_name = fields.optional("first_name", first_name());
        let last_name = fields.optional("last_name", last_name());
        let born = clearable(birth_date()).about("Day of birth; null clears it");
        let birth_date = fields.optional("birth_date", born);
        let email = fields.optional("email", email());
        let phone = fields.optional("phone", phone());
        Some(UpdateEmployee {
            first_name: first_name?,
            last_name: last_name?,
            birth_date: birth_date?,
            email: email?,
            phone: phone?,
        })
    }
}

/// `POST get-employees`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetEmployees {
    /// Only this one.
    pub employee_id: Option<PaddedId>,
    /// Only of this corporate.
    pub corporate_id: Option<String>,
    /// Only with this id of the integrator's own.
    pub external_id: Option<String>,
    /// Which page.
    pub paging: Paging,
}

impl Shape for GetEmployees {
    const NAME: &'static str = "GetEmployees";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let employee_id = fields.optional("employee_id", employee_id());
        let corporate_id = fields.optional("corporate_id", corporate_id());
        let external_id = fields.optional("external_id", external_id());
        let paging = Paging::read(fields);
        Some(GetEmployees {
            employee_id: employee_id?,
            corporate_id: corporate_id?,
            external_id: external_id?,
            paging: paging?,
        })
    }
}

/// The answer to `create-employee` and `update-employee`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EmployeeId {
    /// Id of the employee.
    pub employee_id: PaddedId,
}

/// An employee, as `get-employee` answers it and `get-employees` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Employee {
    /// Id of the employee.
    pub employee_id: PaddedId,
    /// Whose employee.
    #[schema(pattern = "^[0-9]{20}$", examples("10011100000000000001"))]
    pub corporate_id: String,
    /// Your own id, if you gave one.
    pub external_id: Option<String>,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Day of birth.
    #[schema(format = Date)]
    pub birth_date: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// When the employee was recorded.
    pub created_at: Rfc3339,
    /// When the employee last changed.
    pub updated_at: Rfc3339,
}

/// The answer to `get-employees`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EmployeeList {
    /// The employees, the oldest first.
    pub items: Vec<Employee>,
    /// How many there are in all.
    pub total: u64,
    /// Where to go on; null at the end.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finci::envelope::Failure;
    use crate::shape;

    #[test]
    fn an_employee_needs_a_corporate_and_may_leave_out_the_day_of_birth() {
        let fault = shape::from_body::<CreateEmployee>(b"{}").expect_err("nothing in it");
        let needed = [
            "external_id",
            "corporate_id",
            "first_name",
            "last_name",
            "email",
            "phone",
        ];
        let needed = needed.map(|field| format!("{field}:required"));
        assert_eq!(Failure::from(fault).codes(), needed);
    }

    #[test]
    fn only_the_day_of_birth_can_be_cleared() {
        let body = br#"{"birth_date":null}"#;
        let change = shape::from_body::<UpdateEmployee>(body).expect("a good body");
        assert_eq!(change.value.birth_date, Some(Clearable::Clear));
        for field in ["first_name", "last_name", "email", "phone"] {
            let body = format!(r#"{{"{field}":null}}"#);
            let fault = shape::from_body::<UpdateEmployee>(body.as_bytes()).expect_err("null");
            assert_eq!(Failure::from(fault).codes(), [format!("{field}:invalid")]);
        }
    }
}
