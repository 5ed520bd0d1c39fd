//! What the documents of our own surfaces promise besides.

use super::*;

#[test]
fn what_a_read_takes_stands_in_its_query_and_two_operations_of_one_path_have_two_ids() {
    let document = json(&api::admin::SURFACE);
    let list = operation(&document, "get", "/admin/v1/tenants");
    let parameters = list["parameters"].as_array().expect("parameters");
    let in_query: Vec<_> = parameters.iter().filter(|it| it["in"] == "query").collect();
    assert_eq!(in_query.len(), 2);
    let limit = in_query.iter().find(|it| it["name"] == "limit");
    let limit = limit.expect("a limit");
    assert_eq!(limit["required"], false);
    assert_eq!(limit["schema"]["maximum"], 100);
    assert_eq!(list["operationId"], "get_tenants");
    let create = operation(&document, "post", "/admin/v1/tenants");
    assert_eq!(create["operationId"], "post_tenants");
    assert!(
        create["description"]
            .as_str()
            .is_some_and(|text| text.ends_with("`owner` and above."))
    );
}
